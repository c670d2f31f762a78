"""Batches of promo codes: made by a manager, listed, and handed out as a file."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import bindparam, func, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, MovementKind, PromoEffect, Requirement, StoredValueKind
from boxoffice.language import _, plural
from boxoffice.models import (
    Event,
    PromoBatch,
    PromoCode,
    Screening,
    StoredValue,
    Tariff,
    ValueMovement,
    table,
)
from boxoffice.money import LARGEST_PRICE_CENTS

from ..books import journal
from ..books.value_books import described_batch, described_promo_code
from ..codes import grouped, new_typed_code, normalised, read_typed_code
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from ..wording import one_line
from . import stored_values
from .promo_basket import WHOLE
from .value_changes import Hand, NewValue

_value, _batch, _code = table(StoredValue), table(PromoBatch), table(PromoCode)
_movement = table(ValueMovement)
_screening, _event, _tariff = table(Screening), table(Event), table(Tariff)

MOST_CODES = 5_000
"""Codes made at one go: each is told to the journal."""

SHORTEST_WORD, _LONGEST_WORD = 4, 32
_CODES_OF = (
    select(_code.c.code, _batch.c.name, _value.c.amount, _value.c.valid_from, _value.c.valid_until)
    .join(_batch, _batch.c.id == _code.c.batch_id)
    .join(_value, _value.c.id == _code.c.value_id)
)
_MADE = select(_code.c.value_id, _code.c.code).where(_code.c.batch_id == bindparam("batch"))


@dataclass(frozen=True, slots=True)
class MakeCodes:
    """The wish for a batch: so many generated codes, or one that is a `word` of the manager's choosing.

    `percentage` is in basis points. `uses` is of each code, None: as many as wanted; so is `seats_per_use`.
    `screenings` are codes; the days of screenings and of validity are included.
    """

    name: str
    effect: PromoEffect
    count: int = 1
    word: str = ""
    tariff_code: str | None = None
    percentage: int | None = None
    amount_cents: int | None = None
    screenings: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    screenings_from: date | None = None
    screenings_until: date | None = None
    seats_per_use: int | None = 1
    needs_paid_seat: bool = False
    uses: int | None = 1
    valid_from: date | None = None
    valid_until: date | None = None
    batch_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """A batch and its codes, as they are kept."""

    batch_id: UUID
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of the list: how many codes, how many of their uses are left (None: as many as wanted)."""

    batch_id: UUID
    name: str
    effect: PromoEffect
    made_at: datetime
    codes: int
    used: int
    uses_left: int | None


def make_codes(
    session: Session, command: MakeCodes, post: Post, manager: StaffMember, *, clock: Clock
) -> MadeBatch:
    """Write down a batch of codes, told to the journal by their SHA-256.

    A second try under the same `batch_id` returns the codes of the first.
    Raises Refusal for terms that make no sense, and for a word that is a code already.
    """
    require(session, Action.MAKE_CODES, manager.id)
    _check_terms(session, command)
    at = clock.now()
    batch_id = command.batch_id
    value_ids = [uuid5(batch_id, str(nth)) for nth in range(1 if command.word else command.count)]
    made = {row.value_id: row.code for row in session.execute(_MADE, {"batch": batch_id})}
    if made:
        return MadeBatch(batch_id, tuple(made[value_id] for value_id in value_ids))
    codes = _new_codes(session, command)
    batch = {
        "id": batch_id,
        "name": one_line(command.name),
        "effect": command.effect,
        "tariff_code": command.tariff_code,
        "percentage": command.percentage,
        "amount_cents": command.amount_cents,
        "screenings": "\n".join(command.screenings),
        "sections": "\n".join(command.sections),
        "screenings_from": command.screenings_from,
        "screenings_until": command.screenings_until,
        "seats_per_use": command.seats_per_use,
        "needs_paid_seat": command.needs_paid_seat,
        "made_at": at,
    }
    values = dict(zip(value_ids, codes, strict=True))
    rows = [{"value_id": value_id, "batch_id": batch_id, "code": code} for value_id, code in values.items()]
    session.connection().execute(insert(_batch), batch)
    stored_values.tell(
        session,
        Hand(post, manager.id, manager.number),
        "generated",
        at=at,
        issued=[
            NewValue(
                value_id,
                StoredValueKind.PROMO_CODE,
                command.uses,
                valid_from=command.valid_from,
                valid_until=command.valid_until,
                told=described_promo_code({"batch_id": batch_id, "code": code}),
            )
            for value_id, code in values.items()
        ],
        content={"batch": str(batch_id), "terms": described_batch(batch)},
    )
    session.connection().execute(insert(_code), rows)
    return MadeBatch(batch_id, codes)


def batches(session: Session) -> tuple[BatchRow, ...]:
    """Every batch, the newest first."""
    used = (
        select(-func.sum(_movement.c.amount))
        .join(_code, _code.c.value_id == _movement.c.value_id)
        .where(
            _code.c.batch_id == _batch.c.id,
            _movement.c.kind.in_((MovementKind.USED, MovementKind.GIVEN_BACK)),
        )
        .scalar_subquery()
    )
    counted = (
        select(
            _batch.c.id,
            _batch.c.name,
            _batch.c.effect,
            _batch.c.made_at,
            func.count(_code.c.value_id).label("codes"),
            func.sum(_value.c.amount).label("left"),
            func.coalesce(used, 0).label("used"),
        )
        .join(_code, _code.c.batch_id == _batch.c.id)
        .join(_value, _value.c.id == _code.c.value_id)
        .group_by(_batch.c.id, _batch.c.name, _batch.c.effect, _batch.c.made_at)
        .order_by(_batch.c.made_at.desc(), _batch.c.id)
    )
    return tuple(
        BatchRow(row.id, row.name, row.effect, row.made_at, row.codes, row.used, row.left)
        for row in session.execute(counted)
    )


def export_batch(session: Session, batch_id: UUID, post: Post, manager: StaffMember, *, clock: Clock) -> str:
    """The codes of a batch as a CSV file with what is left of each; the journal tells that they went out."""
    require(session, Action.MAKE_CODES, manager.id)
    found = (
        session.execute(_CODES_OF.where(_code.c.batch_id == batch_id).order_by(_code.c.code)).mappings().all()
    )
    if not found:
        raise Refusal(_("Ce lot de codes n'existe pas."))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["code", "lot", "utilisations restantes", "valable du", "valable jusqu'au"])
    for row in found:
        left = "" if row["amount"] is None else row["amount"]
        ends = ["" if day is None else day.isoformat() for day in (row["valid_from"], row["valid_until"])]
        writer.writerow([shown(row["code"]), row["name"], left, *ends])
    journal.append(
        session,
        post,
        JournalKind.PROMO_EXPORTED,
        {"batch": str(batch_id), "codes": len(found)},
        at=clock.now(),
        operator_number=manager.number,
    )
    return text.getvalue()


def codes_of(session: Session, batch_id: UUID) -> tuple[UUID, ...]:
    """The codes of a batch, by their values. Raises Refusal where there is no such batch."""
    codes = select(_code.c.value_id).where(_code.c.batch_id == batch_id).order_by(_code.c.code)
    found = tuple(session.execute(codes).scalars())
    if not found:
        raise Refusal(_("Ce lot de codes n'existe pas."))
    return found


def shown(code: str) -> str:
    """A code as it is written for its customer: generated ones in groups, a word as it is."""
    return grouped(code) if is_generated(code) else code


def is_generated(code: str) -> bool:
    """Whether a code was drawn, rather than chosen by a manager."""
    return read_typed_code(code) is not None


def _new_codes(session: Session, command: MakeCodes) -> tuple[str, ...]:
    if not command.word:
        return tuple(new_typed_code() for _n in range(command.count))
    word = normalised(command.word)
    if not SHORTEST_WORD <= len(word) <= _LONGEST_WORD:
        raise Refusal(
            _("Un code choisi a de {shortest} à {longest} lettres ou chiffres.").format(
                shortest=SHORTEST_WORD, longest=_LONGEST_WORD
            )
        )
    if session.execute(select(_code.c.value_id).where(_code.c.code == word)).first():
        raise Refusal(_("Le code {word} existe déjà.").format(word=word), _("Choisissez un autre mot."))
    return (word,)


def _check_terms(session: Session, command: MakeCodes) -> None:
    effects = {
        PromoEffect.OPENS_TARIFF: command.tariff_code,
        PromoEffect.PERCENTAGE_OFF: command.percentage,
        PromoEffect.AMOUNT_OFF: command.amount_cents,
    }
    if [effect for effect, value in effects.items() if value is not None] != [command.effect]:
        raise Refusal(
            _("Un code ouvre un tarif, ou baisse d'un pourcentage, ou d'un montant."),
            _("Donnez un seul des trois."),
        )
    if not one_line(command.name):
        raise Refusal(_("Donnez un nom à ce lot de codes."))
    if not 1 <= command.count <= MOST_CODES:
        raise Refusal(_("De 1 à {most} codes à la fois.").format(most=MOST_CODES))
    if command.percentage is not None and not 1 <= command.percentage <= WHOLE:
        raise Refusal(_("Un pourcentage va de 0,01 à 100."))
    if command.amount_cents is not None and not 1 <= command.amount_cents <= LARGEST_PRICE_CENTS:
        raise Refusal(_("Le montant doit être supérieur à zéro."))
    if any(count is not None and count < 1 for count in (command.uses, command.seats_per_use)):
        raise Refusal(_("Un code sert au moins une fois, pour au moins une place."))
    for since, until in (
        (command.screenings_from, command.screenings_until),
        (command.valid_from, command.valid_until),
    ):
        if since and until and until < since:
            raise Refusal(_("La validité finit avant de commencer."))
    _check_named(session, command)


def _check_named(session: Session, command: MakeCodes) -> None:
    """Refuse what names no screening, section or tariff: such a code would open nothing."""
    known = set(session.execute(select(_screening.c.code)).scalars())
    if unknown := sorted(set(command.screenings) - known):
        raise Refusal(
            plural("Séance inconnue : {codes}.", "Séances inconnues : {codes}.", len(unknown)).format(
                codes=", ".join(unknown)
            )
        )
    sections = set(session.execute(select(_event.c.section).distinct()).scalars())
    if unknown := sorted(set(command.sections) - sections):
        raise Refusal(
            plural("Section inconnue : {names}.", "Sections inconnues : {names}.", len(unknown)).format(
                names=", ".join(unknown)
            )
        )
    if command.tariff_code is None:
        return
    openable = select(_tariff.c.id).where(
        _tariff.c.code == command.tariff_code,
        _tariff.c.active,
        _tariff.c.requirement.in_((Requirement.NOTHING, Requirement.PROMO_CODE)),
    )
    if not session.execute(openable).first():
        raise Refusal(
            _("Aucun tarif en vente n'a le code {code}, ou il demande un pass.").format(
                code=command.tariff_code
            )
        )
