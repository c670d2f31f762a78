"""Passes and accreditations: what they give, who holds them, and whether they serve."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    FormerPassCode,
    Pass,
    PassKind,
    PassProduct,
    PassSource,
    PassState,
    Product,
    table,
)
from boxoffice.prepared import Prepared, Row

from ..basket import PassLine
from ..codes import CodeKind, new_code, read_code
from ..staff.desk import Desk

_pass, _former = table(Pass), table(FormerPassCode)
_terms, _product = table(PassProduct), table(Product)

_HELD = (
    select(
        _pass,
        _terms.c.kind,
        _terms.c.place_tariff,
        _terms.c.places_per_screening,
        _terms.c.places_per_day,
        _terms.c.companion_tariff,
        _terms.c.companions,
    )
    .join(_terms, _terms.c.product_id == _pass.c.product_id)
    .where(_pass.c.id == bindparam("id"))
)
_SCANNED = Prepared(
    select(
        select(_pass.c.id).where(_pass.c.code == bindparam("scanned")).scalar_subquery(),
        select(_former.c.replaced_at).where(_former.c.code == bindparam("scanned")).scalar_subquery(),
    )
)
_NUMBERED = Prepared(select(_pass.c.id).where(_pass.c.number == bindparam("numbered")))
_LOOK_AT, _HOLD = Prepared(_HELD), Prepared(_HELD.with_for_update(of=_pass, key_share=True))

CHECK_DIGITS = 5
TROUBLES = {
    PassTrouble.LOST: lambda: _("perdu"),
    PassTrouble.STOLEN: lambda: _("volé"),
    PassTrouble.SPOILT: lambda: _("abîmé"),
    PassTrouble.LENT: lambda: _("présenté par quelqu'un d'autre"),
    PassTrouble.OTHER: lambda: _("autre raison"),
}
"""What befell a pass, in a word or a few."""


@dataclass(frozen=True, slots=True)
class PassOffer:
    """A pass product on sale; the price is in cents, the rate in basis points. None: as many as wanted."""

    product_id: int
    code: str
    position: int
    label: str
    price_cents: int
    vat_rate: int
    kind: PassKind
    places: int | None
    places_per_screening: int | None
    valid_from: date | None
    valid_until: date | None
    proof: str


def read_pass_offers(session: Session) -> tuple[PassOffer, ...]:
    """The passes on sale, in the order of their keys."""
    rows = session.execute(
        select(
            _product.c.id,
            _product.c.code,
            _product.c.position,
            _product.c.label,
            _product.c.price_cents,
            _product.c.vat_rate,
            _terms.c.kind,
            _terms.c.places,
            _terms.c.places_per_screening,
            _terms.c.valid_from,
            _terms.c.valid_until,
            _terms.c.proof,
        )
        .join(_terms, _terms.c.product_id == _product.c.id)
        .where(_product.c.active, _terms.c.kind == PassKind.PASS)
        .order_by(_product.c.position, _product.c.code)
    )
    return tuple(PassOffer(*row) for row in rows)


def issue(
    session: Session,
    lines: Sequence[PassLine],
    articles: Mapping[int, Row],
    desk: Desk,
    *,
    standing: Mapping[UUID, UUID],
    first: int,
    at: datetime,
) -> list[dict[str, Any]]:
    """Write down the passes sold, numbered from `first`; `standing` says whom a holder's id means today."""
    if not lines:
        return []
    rows = [
        {
            "id": line.pass_id,
            "number": pass_number(desk.post.till_number, number),
            "code": new_code(CodeKind.PASS),
            "product_id": line.product_id,
            "holder_id": standing[line.holder_id],
            "source": PassSource.COUNTER,
            "state": PassState.ACTIVE,
            "state_reason": "",
            "places": articles[line.product_id]["places"],
            "used": 0,
            "valid_from": articles[line.product_id]["valid_from"],
            "valid_until": articles[line.product_id]["valid_until"],
            "issued_at": at,
        }
        for number, line in enumerate(lines, start=first)
    ]
    session.connection().execute(insert(_pass), rows)
    return rows


def hold_pass(session: Session, pass_id: UUID) -> Row:
    """A pass and its terms, nobody else changing it meanwhile. Raises Refusal for one that is unknown."""
    return _known(_HOLD.first(session, {"id": pass_id}))


def look_at_pass(session: Session, pass_id: UUID) -> Row:
    """A pass and its terms as they are now. Raises Refusal for one that is unknown."""
    return _known(_LOOK_AT.first(session, {"id": pass_id}))


def _known(held: Row | None) -> Row:
    if held is None:
        raise Refusal(_("Ce pass est inconnu."), _("Cherchez-le par son numéro ou son titulaire."))
    return held


def is_valid_on(held: Row, day: date) -> bool:
    """Whether a pass opens screenings of this day."""
    return (held["valid_from"] is None or held["valid_from"] <= day) and (
        held["valid_until"] is None or day <= held["valid_until"]
    )


def cancel_sold(session: Session, pass_ids: Sequence[UUID]) -> list[Row]:
    """Take back passes whose sale is reversed; returns them as they were.

    Raises Refusal for one that has seats booked or used.
    """
    taken_back = []
    for pass_id in sorted(pass_ids):
        held = hold_pass(session, pass_id)
        if held["used"]:
            raise Refusal(
                plural(
                    "Le pass {number} a {used} place réservée ou utilisée.",
                    "Le pass {number} a {used} places réservées ou utilisées.",
                    held["used"],
                ).format(number=held["number"], used=held["used"]),
                _("Annulez d'abord ses réservations."),
            )
        session.execute(update(_pass).where(_pass.c.id == pass_id).values(state=PassState.CANCELLED))
        taken_back.append(held)
    return taken_back


def pass_number(till_number: int, sequence: int) -> str:
    """The number printed on a pass: the till, its place in the till's series, digits nobody can guess."""
    return f"{till_number}-{sequence:07d}-{secrets.randbelow(10**CHECK_DIGITS):0{CHECK_DIGITS}d}"


def state_obstacle(state: PassState, reason: str, number: str) -> str:
    """Why a pass does not serve, in a sentence; empty when it does."""
    match state:
        case PassState.ACTIVE:
            return ""
        case PassState.BLOCKED:
            said = _("Le pass {number} est bloqué : {reason}.")
            return said.format(number=number, reason=reason_words(reason))
        case PassState.CANCELLED:
            return _("Le pass {number} a été annulé.").format(number=number)


def reason_words(reason: str) -> str:
    """Why a pass or card is blocked: a trouble by its words, or what was noted as it is."""
    if reason in TROUBLES:
        return TROUBLES[PassTrouble(reason)]()
    return reason.rstrip(".") or _("aucune raison n'a été notée")


def find_pass(session: Session, text: str) -> UUID:
    """The pass of a scanned code or typed number.

    Raises Refusal for one that is unknown, and for the code of a pass that was replaced.
    """
    code = read_code(text)
    if code is not None and code[0] is CodeKind.PASS:
        ((found, former),) = _SCANNED.rows(session, {"scanned": code[1]})
        if former is not None:
            raise _replaced(former)
    else:
        number = text.strip().replace(" ", "")
        found = next((row.id for row in _NUMBERED.rows(session, {"numbered": number})), None)
    if found is None:
        raise Refusal(_("Ce pass est inconnu."), _("Cherchez-le par son numéro ou son titulaire."))
    pass_id: UUID = found
    return pass_id


def _replaced(at: datetime) -> Refusal:
    return Refusal(
        _("Ce pass a été remplacé le {when}.").format(when=say(at, _("EEE d MMM 'à' H 'h' mm"), spoken())),
        _("Demandez le nouveau, ou cherchez le titulaire."),
    )
