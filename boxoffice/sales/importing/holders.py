"""Importing passes sold online and accreditations: each becomes a pass in its holder's name, once."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris, paris
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Customer,
    Numbering,
    Pass,
    PassKind,
    PassProduct,
    PassSource,
    PassState,
    Product,
    table,
)
from boxoffice.sales.books.bookkeeping import Names, describe_pass
from boxoffice.sales.books.journal import append
from boxoffice.sales.codes import CodeKind, new_code
from boxoffice.sales.people.customer_details import (
    CustomerDetails,
    WrongDetails,
    checked,
    folded,
)
from boxoffice.sales.people.writing_down import write_down
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember, answering

from .layouts import ACCREDITATIONS, SOLD_PASSES, Layout
from .reading import Row, Sheets, Source, read_sheets
from .refusals import ImportRefused

_pass, _customer = table(Pass), table(Customer)
_product, _terms, _numbering = table(Product), table(PassProduct), table(Numbering)

LAYOUTS: Mapping[PassKind, Layout] = {
    PassKind.PASS: SOLD_PASSES,
    PassKind.ACCREDITATION: ACCREDITATIONS,
}
_AT_ONCE = 500
NOON = time(12)

_Person = tuple[str, str, str]
"""What two rows of the same person have in common: folded names, and the e-mail."""


@dataclass(frozen=True, slots=True)
class ImportPasses:
    """Files of passes sold online, or of accreditations, to import together."""

    kind: PassKind
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ImportedPasses:
    """How many passes are new, and how many were known. `kept` of these are in a name that the file does not
    give: corrected at the counter, or erased; an import never takes that back.
    """

    added: int
    known: int
    kept: int


def import_passes(
    session: Session,
    command: ImportPasses,
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportedPasses:
    """Write down the passes that are not known yet. Raises ImportRefused; the caller then keeps nothing.

    A pass is known by its number: importing the same file again changes nothing. A `manager` answers for it,
    once the first shift was opened: a pass lets people in.
    """
    answered_by = answering(session, manager, Action.IMPORT_FILES)
    # Tills lock their numbering first: so does an import, or the two could wait for each other.
    session.execute(
        select(_numbering.c.till_id).where(_numbering.c.till_id == post.till_id).with_for_update()
    ).one()
    layout, at = LAYOUTS[command.kind], clock.now()
    sheets = read_sheets(command.sources, (layout,))
    rows = sheets.of(layout.kind)
    products = _products(session)
    known = _known(session, [row.values["number"] for row in rows])
    new: list[tuple[Row, CustomerDetails]] = []
    kept = 0
    for done, row in enumerate(rows, start=1):
        details = _details(sheets, row, at)
        product = _product_of(sheets, row, command.kind, products)
        there = known.get(row.values["number"])
        if there is not None:
            _hold_against(sheets, row, there, product)
            kept += details is not None and details.name != _name(there)
        elif details is not None and product is not None:
            new.append((row, details))
        if progress is not None:
            progress(done, len(rows))
    if sheets.faults:
        raise ImportRefused(sheets.faults)
    passes = _write_down(session, new, products, at)
    names = Names(
        tills={}, operators={}, sessions={}, products={row["id"]: code for code, row in products.items()}
    )
    append(
        session,
        post,
        JournalKind.PASSES_IMPORTED,
        {
            "files": {source.name: hashlib.sha256(source.content).hexdigest() for source in command.sources},
            "kind": command.kind.value,
            "passes": [describe_pass(row, names) for row in passes],
            "rows": {"added": len(new), "known": len(rows) - len(new)},
        },
        at=at,
        operator_number=answered_by,
    )
    return ImportedPasses(len(new), len(rows) - len(new), kept)


def _products(session: Session) -> dict[str, RowMapping]:
    rows = session.execute(
        select(
            _product.c.id,
            _product.c.code,
            _terms.c.kind,
            _terms.c.places,
            _terms.c.valid_from,
            _terms.c.valid_until,
        ).join(_terms, _terms.c.product_id == _product.c.id)
    )
    return {row["code"]: row for row in rows.mappings()}


def _known(session: Session, numbers: list[str]) -> dict[str, RowMapping]:
    found: dict[str, RowMapping] = {}
    for part in _parts(numbers):
        rows = session.execute(
            select(
                _pass.c.number,
                _pass.c.product_id,
                _pass.c.source,
                _customer.c.surname,
                _customer.c.first_name,
                _customer.c.organisation,
            )
            .join(_customer, _customer.c.id == _pass.c.holder_id)
            .where(_pass.c.number.in_(part))
        )
        found |= {row["number"]: row for row in rows.mappings()}
    return found


def _details(sheets: Sheets, row: Row, at: datetime) -> CustomerDetails | None:
    """The holder as the row gives them; None, and the faults told, if that cannot be."""
    given = {name: row.values[name] for name in CustomerDetails.__dataclass_fields__ if name in row.values}
    try:
        return checked(CustomerDetails(**given), in_paris(at).date())
    except WrongDetails as wrong:
        for name, message in wrong.fields.items():
            sheets.faults.append(row.fault(name, message.rstrip(".")))
        return None


def _product_of(
    sheets: Sheets, row: Row, kind: PassKind, products: Mapping[str, RowMapping]
) -> RowMapping | None:
    product = products.get(row.values["product"])
    if product is not None and product["kind"] is kind:
        return product
    possible = ", ".join(code for code, other in products.items() if other["kind"] is kind) or "–"
    message = _("« {code} » n'existe pas ; valeurs admises : {codes}").format(
        code=row.values["product"], codes=possible
    )
    sheets.faults.append(row.fault("product", message))
    return None


def _hold_against(sheets: Sheets, row: Row, there: RowMapping, product: RowMapping | None) -> None:
    """A number that is known must be of the same pass."""
    if there["source"] is PassSource.COUNTER:
        message = _("« {number} » est le numéro d'un pass vendu au guichet")
        sheets.faults.append(row.fault("number", message.format(number=row.values["number"])))
    elif product is not None and there["product_id"] != product["id"]:
        message = _("le pass {number} est déjà là, et d'une autre sorte")
        sheets.faults.append(row.fault("product", message.format(number=row.values["number"])))


def _name(holder: RowMapping) -> str:
    return CustomerDetails(holder["surname"], holder["first_name"], holder["organisation"]).name


def _write_down(
    session: Session,
    new: list[tuple[Row, CustomerDetails]],
    products: Mapping[str, RowMapping],
    at: datetime,
) -> list[dict[str, Any]]:
    """Write down the passes, which it returns, and those of their holders whom nobody knows by the same names
    and e-mail.
    """
    people = _people(session, [details.email for _row, details in new if details.email])
    holders: dict[UUID, CustomerDetails] = {}
    passes: list[dict[str, Any]] = []
    for row, details in new:
        person = _person(details)
        holder_id = people.get(person) if details.email else None
        if holder_id is None:
            holder_id = people[person] = uuid4()
            holders[holder_id] = details
        product = products[row.values["product"]]
        sold_on = row.values.get("sold_on")
        passes.append(
            {
                "id": uuid4(),
                "number": row.values["number"],
                "code": new_code(CodeKind.PASS),
                "product_id": product["id"],
                "holder_id": holder_id,
                "source": PassSource.ONLINE,
                "state": PassState.ACTIVE,
                "state_reason": "",
                "places": product["places"],
                "used": 0,
                "valid_from": product["valid_from"],
                "valid_until": product["valid_until"],
                "issued_at": paris(sold_on, NOON) if sold_on else at,
            }
        )
    write_down(session, holders, at)
    if passes:
        session.connection().execute(insert(_pass), passes)
    return passes


def _people(session: Session, emails: Iterable[str]) -> dict[_Person, UUID]:
    """The customers who have one of these e-mails."""
    found: dict[_Person, UUID] = {}
    for part in _parts(sorted(set(emails))):
        rows = session.execute(
            select(_customer.c.id, _customer.c.surname, _customer.c.first_name, _customer.c.email).where(
                _customer.c.email.in_(part), _customer.c.merged_into_id.is_(None)
            )
        )
        for row in rows:
            found[folded(row.surname), folded(row.first_name), row.email] = row.id
    return found


def _person(details: CustomerDetails) -> _Person:
    return folded(details.surname), folded(details.first_name), details.email


def _parts(values: list[str]) -> Iterable[list[str]]:
    """As many values at a time as a statement holds."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
