"""What the days are written to the accounts by: kept with each day, so that no later setting changes it."""

from dataclasses import asdict

from sqlalchemy import select, union
from sqlmodel import Session

from boxoffice.models import GiftProduct, PassProduct, PlaceCardKind, Product, table

from ..staff.accounts import Accounts, check_classes, read_accounts
from .figures import Account, Accounting

_product, _pass, _gift, _card = table(Product), table(PassProduct), table(GiftProduct), table(PlaceCardKind)


def accounting_in_force(session: Session) -> Accounting:
    """The accounts and the goods as they are set now."""
    numbers = asdict(read_accounts(session))
    return Accounting(
        tuple(Account(name, number) for name, number in numbers.items()),
        tuple(sorted(codes_of_goods(session))),
    )


def accounting_to_keep(session: Session) -> Accounting:
    """The same, to be kept with a day. Raises Refusal for an account of another nature than its own."""
    check_classes(read_accounts(session))
    return accounting_in_force(session)


def accounts_of(accounting: Accounting) -> Accounts:
    """The accounts that a day was closed with; those that only came later are at their default."""
    known = Accounts.__dataclass_fields__
    return Accounts(**{each.name: each.number for each in accounting.accounts if each.name in known})


def codes_of_goods(session: Session) -> frozenset[str]:
    """The products that are things: neither passes, nor cards, nor vouchers for seats."""
    services = union(
        select(_pass.c.product_id),
        select(_gift.c.product_id),
        select(_card.c.product_id).where(_card.c.product_id.is_not(None)),
    )
    return frozenset(session.execute(select(_product.c.code).where(_product.c.id.not_in(services))).scalars())
