"""Promo codes: what each opens, used up when a sale is paid, free again once it is reversed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, in_paris
from boxoffice.errors import Refusal
from boxoffice.kinds import (
    MovementKind,
    PromoEffect,
    Requirement,
    ScreeningState,
)
from boxoffice.language import _
from boxoffice.models import (
    Event,
    PromoBatch,
    PromoCode,
    SaleLine,
    Screening,
    StoredValue,
    Tariff,
    table,
)

from ..basket import Basket, SeatLine
from ..codes import masked, normalised
from ..staff.desk import Desk
from .eligibility import named_in
from .guessing import UnknownCode
from .obstacles import state_words, validity_words
from .promo_basket import OpenedTariff, PromoOffer, alone, codes_on, discount_of, needs_company, uses_of
from .value_changes import Move

_value, _batch, _code = table(StoredValue), table(PromoBatch), table(PromoCode)
_screening, _event, _tariff, _line = table(Screening), table(Event), table(Tariff), table(SaleLine)
_undo = table(SaleLine).alias("undo")

_TERMS: Select[Any] = (
    select(
        _batch,
        _code.c.code,
        _value.c.id.label("value_id"),
        _value.c.amount,
        _value.c.state,
        _value.c.state_reason,
        _value.c.valid_from,
        _value.c.valid_until,
    )
    .select_from(_code)
    .join(_batch, _batch.c.id == _code.c.batch_id)
    .join(_value, _value.c.id == _code.c.value_id)
)
_BY_CODE = _TERMS.where(_code.c.code == bindparam("code"))
_BY_IDS = _TERMS.where(_code.c.value_id.in_(bindparam("ids", expanding=True)))
_SHOWINGS = (
    select(
        _screening.c.id,
        _screening.c.code,
        _screening.c.starts_at,
        _event.c.section,
        _tariff.c.id.label("tariff_id"),
        _tariff.c.code.label("tariff_code"),
        _tariff.c.label,
        _tariff.c.price_cents,
        _tariff.c.proof,
        _tariff.c.minimum_group,
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id)
        & (_tariff.c.code == bindparam("tariff"))
        & _tariff.c.active,
    )
    .where(_screening.c.state == ScreeningState.SCHEDULED, _screening.c.ends_at >= bindparam("now"))
)
_SOLD_WITH = (
    select(
        _line.c.position,
        _line.c.screening_id,
        _line.c.unit_price_cents,
        _line.c.promo_code_id,
    )
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _line.c.sale_id) & (_undo.c.reverses_position == _line.c.position),
    )
    .where(_line.c.sale_id == bindparam("sale"), _line.c.screening_id.is_not(None), _undo.c.sale_id.is_(None))
)

Row = Mapping[Any, Any]


def look_up(session: Session, text: str, desk: Desk, *, clock: Clock) -> PromoOffer:
    """What a code does, and for which of the screenings to come.

    Raises UnknownCode for one that is unknown, Refusal for one that is used up, blocked, not valid today, or
    for nothing to come.
    """
    at = clock.now()
    terms = session.execute(_BY_CODE, {"code": normalised(text)}).mappings().one_or_none()
    if terms is None:
        raise UnknownCode(
            _("Ce code promo est inconnu."), _("Vérifiez les lettres, puis tapez-le de nouveau.")
        )
    name = _("Code promo {code}").format(code=masked(terms["code"]))
    day = business_day(at, desk.post.rules.business_day_starts)
    if said := state_words(terms, name) or validity_words(terms, name, day):
        raise Refusal(said, _("Vendez à un autre tarif."))
    if terms["amount"] == 0:
        raise Refusal(_("{name} : déjà utilisé.").format(name=name), _("Vendez à un autre tarif."))
    offer = _offer(session, terms, at)
    if not offer.screenings:
        raise Refusal(
            _("{name} : il ne vaut pour aucune séance à venir.").format(name=name),
            _("Vendez à un autre tarif."),
        )
    return offer


def offers_on(session: Session, basket: Basket, *, clock: Clock) -> tuple[PromoOffer, ...]:
    """What the codes given for a basket do, be they still good or not: the checkout holds them to it."""
    ids = codes_on(basket) | set(basket.codes)
    rows = session.execute(_BY_IDS, {"ids": list(ids)}).mappings().all() if ids else ()
    return tuple(_offer(session, row, clock.now()) for row in rows)


def check(
    session: Session, basket: Basket, offers: Mapping[tuple[int, int], Mapping[Any, Any]]
) -> tuple[Move, ...]:
    """The uses that the codes of a basket cost, once its tariffs and prices have been held to them.

    Raises Refusal for a seat that its code does not cover, or not at that price, or for a place given alone.
    """
    with_code = [line for line in basket if isinstance(line, SeatLine) and line.promo_code_id]
    if not with_code:
        return ()
    ids = {line.promo_code_id for line in with_code}
    known = {row["value_id"]: row for row in session.execute(_BY_IDS, {"ids": list(ids)}).mappings()}
    seats: Counter[UUID] = Counter()
    for line in with_code:
        terms = known.get(line.promo_code_id)
        if terms is None or not _opens(terms, line, offers[line.screening_id, line.tariff_id]):
            raise Refusal(
                _("{label} : ce code promo ne vaut pas pour cette place, ou pas à ce prix.").format(
                    label=line.tariff_label
                ),
                _("Retirez le code, puis entrez-le de nouveau."),
            )
        seats[terms["value_id"]] += line.quantity
    _check_company(basket, _giving(known.values()))
    return tuple(
        Move(value_id, MovementKind.USED, -uses_of(known[value_id]["seats_per_use"], count))
        for value_id, count in seats.items()
    )


def free(
    session: Session, original_id: UUID, undone: Iterable[int], *, going: Iterable[int] = ()
) -> tuple[Move, ...]:
    """The uses that come back to codes when lines of a sale, at these positions, are undone.

    Those at the positions `going` are undone by the same act, after these.
    Raises Refusal where a place given would be left without the one that was bought.
    """
    standing = session.execute(_SOLD_WITH, {"sale": original_id}).mappings().all()
    ids = {row["promo_code_id"] for row in standing} - {None}
    if not ids:
        return ()
    gone = set(undone)
    kept = [row for row in standing if row["position"] not in gone]
    leaving = gone.union(going)
    stays = [row for row in standing if row["position"] not in leaving]
    codes = session.execute(_BY_IDS, {"ids": list(ids)}).mappings().all()
    giving = _giving(codes)
    if alone((row["screening_id"], row["unit_price_cents"], row["promo_code_id"] in giving) for row in stays):
        raise Refusal(
            _("Il ne resterait que la place offerte, sans celle qui a été achetée."),
            _("Annulez les deux places."),
        )
    moves = []
    for terms in codes:
        value_id, seats_per_use = terms["value_id"], terms["seats_per_use"]
        before, after = (_covered(rows, value_id) for rows in (standing, kept))
        freed = uses_of(seats_per_use, before) - uses_of(seats_per_use, after)
        if freed:
            moves.append(Move(value_id, MovementKind.GIVEN_BACK, freed))
    return tuple(moves)


def _covered(rows: Sequence[Row], value_id: UUID) -> int:
    return sum(row["promo_code_id"] == value_id for row in rows)


def _giving(codes: Iterable[Row]) -> frozenset[UUID]:
    """The codes that give a seat for another bought: together, no more than one for each bought."""
    return frozenset(terms["value_id"] for terms in codes if terms["needs_paid_seat"])


def _check_company(basket: Basket, giving: frozenset[UUID]) -> None:
    seats = [
        (line.screening_id, line.price_cents, line.promo_code_id in giving)
        for line in basket
        if isinstance(line, SeatLine)
        for _seat in range(line.quantity)
    ]
    if alone(seats):
        raise needs_company()


def _opens(terms: Row, line: SeatLine, offer: Mapping[Any, Any]) -> bool:
    """Whether a code makes this seat what it is in the basket."""
    if not _covers(terms, offer["screening_code"], offer["section"], offer["starts_at"]):
        return False
    if terms["effect"] is PromoEffect.OPENS_TARIFF:
        return bool(offer["tariff_code"] == terms["tariff_code"]) and not line.discount_cents
    off = discount_of(terms["percentage"], terms["amount_cents"], offer["price_cents"])
    return Requirement(offer["requirement"]) is Requirement.NOTHING and line.discount_cents == off


def _covers(terms: Row, code: str, section: str, starts_at: datetime) -> bool:
    """Whether a screening is one of those that a code is for."""
    day = in_paris(starts_at).date()
    screenings, sections = named_in(terms["screenings"]), named_in(terms["sections"])
    return (
        (not screenings or code in screenings)
        and (not sections or section in sections)
        and (terms["screenings_from"] is None or terms["screenings_from"] <= day)
        and (terms["screenings_until"] is None or day <= terms["screenings_until"])
    )


def _offer(session: Session, terms: RowMapping, at: datetime) -> PromoOffer:
    opens = terms["effect"] is PromoEffect.OPENS_TARIFF
    covered = [
        row
        for row in session.execute(_SHOWINGS, {"tariff": terms["tariff_code"], "now": at}).mappings()
        if _covers(terms, row["code"], row["section"], row["starts_at"])
        and (not opens or row["tariff_id"] is not None)
    ]
    return PromoOffer(
        value_id=terms["value_id"],
        code=masked(terms["code"]),
        name=terms["name"],
        effect=terms["effect"],
        screenings=frozenset(row["id"] for row in covered),
        opened={
            row["id"]: OpenedTariff(
                row["tariff_id"],
                row["tariff_code"],
                row["label"],
                row["price_cents"],
                row["proof"],
                row["minimum_group"],
            )
            for row in covered
            if opens
        },
        percentage=terms["percentage"],
        amount_cents=terms["amount_cents"],
        uses_left=terms["amount"],
        seats_per_use=terms["seats_per_use"],
        needs_paid_seat=terms["needs_paid_seat"],
        valid_until=terms["valid_until"],
    )
