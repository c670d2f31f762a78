"""From cards and codes to their papers: what each is good for, in the words that its customer reads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, and_, bindparam, exists, func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind, PromoEffect, StoredValueKind
from boxoffice.language import _
from boxoffice.models import (
    Event,
    FormerValueCode,
    GiftCard,
    GiftMessage,
    JobState,
    PlaceCard,
    PlaceCardKind,
    PriceList,
    PrintAttempt,
    PrintJob,
    Product,
    PromoBatch,
    PromoCode,
    Screening,
    StoredValue,
    Tariff,
    ValueMovement,
    table,
)
from boxoffice.money import format_euros, format_rate

from ..books import journal
from ..codes import grouped
from ..prints import print_orders
from ..prints.card_papers import GiftCardPaper, PlaceCardPaper, PromoCodePaper
from ..prints.copies_given import read_left_out
from ..prints.outbox import PENDING
from ..prints.papers import (
    DocumentKind,
    Letterhead,
    NothingToPrint,
)
from ..staff.desk import PrintingDesk
from .eligibility import named_in
from .place_cards import number_shown
from .promo_batches import shown

_value, _job = table(StoredValue), table(PrintJob)
_card, _kind, _list = table(PlaceCard), table(PlaceCardKind), table(PriceList)
_code, _batch, _tariff = table(PromoCode), table(PromoBatch), table(Tariff)
_screening, _event = table(Screening), table(Event)
_gift, _message, _product = table(GiftCard), table(GiftMessage), table(Product)
_movement = table(ValueMovement)
_former, _attempt = table(FormerValueCode), table(PrintAttempt)

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MOST_TITLES = 3
_DOCUMENTS = {
    StoredValueKind.GIFT_CARD: DocumentKind.GIFT_CARD,
    StoredValueKind.PLACE_CARD: DocumentKind.PLACE_CARD,
    StoredValueKind.PROMO_CODE: DocumentKind.PROMO_CODE,
}
_GIFT_CARD = (
    select(
        _gift.c.code,
        _gift.c.typed_code,
        _gift.c.vat_rate,
        _product.c.label,
        _movement.c.amount,
        _value.c.valid_until,
        _message.c.giver,
        _message.c.recipient,
        _message.c.message,
    )
    .join(_product, _product.c.id == _gift.c.product_id)
    .join(_value, _value.c.id == _gift.c.value_id)
    .join(_movement, (_movement.c.value_id == _value.c.id) & (_movement.c.sequence == 1))
    .outerjoin(_message, _message.c.value_id == _gift.c.value_id)
    .where(_gift.c.value_id == bindparam("id"))
)
_PLACE_CARD = (
    select(
        _card.c.number,
        _card.c.code,
        _kind.c.label,
        _kind.c.places,
        _kind.c.nominative,
        _kind.c.includes_supplement,
        _kind.c.weekdays,
        _kind.c.sections,
        _kind.c.price_lists,
        _value.c.valid_from,
        _value.c.valid_until,
    )
    .join(_kind, _kind.c.id == _card.c.kind_id)
    .join(_value, _value.c.id == _card.c.value_id)
    .where(_card.c.value_id == bindparam("id"))
)
_PROMO_CODE = (
    select(_code.c.code, _batch, _value.c.amount, _value.c.valid_from, _value.c.valid_until)
    .join(_batch, _batch.c.id == _code.c.batch_id)
    .join(_value, _value.c.id == _code.c.value_id)
    .where(_code.c.value_id == bindparam("id"))
)
_BEGUN = (
    select(func.max(_attempt.c.at))
    .where(_attempt.c.job_id == _job.c.id, _attempt.c.outcome == JobState.SENDING)
    .scalar_subquery()
)
_OF_FORMER_CODE = exists().where(
    _former.c.value_id == _job.c.value_id, _former.c.replaced_at > func.coalesce(_BEGUN, _job.c.changed_at)
)
"""A paper bears the codes that its card had when it began to be sent, however long that took."""
_LAST_PAPER = (
    select(
        _job.c.position,
        _job.c.copy_number,
        and_(_job.c.state.not_in(PENDING), _OF_FORMER_CODE).label("void"),
    )
    .where(_job.c.value_id == bindparam("value"))
    .order_by(_job.c.position.desc(), _job.c.copy_number.desc())
    .limit(1)
)


class LastPaper(NamedTuple):
    """The latest print of a card or code; one that is `void` bears codes that were replaced since."""

    issue: int
    copy_number: int
    void: bool


def last_paper(session: Session, value_id: UUID) -> LastPaper | None:
    """The latest print of a card or code; None if it was never ordered."""
    row = session.execute(_LAST_PAPER, {"value": value_id}).one_or_none()
    return None if row is None else LastPaper(row.position, row.copy_number, bool(row.void))


def print_papers(session: Session, desk: PrintingDesk, values: Sequence[UUID], *, clock: Clock) -> int:
    """Order the paper of each card or code: a DUPLICATA, told to the journal, of one that was ordered before.

    That of a card whose codes were replaced since is an original anew: the former one pays nothing.

    Returns how many. Raises Refusal for a till without a printer, and for a card that was numbered elsewhere.
    """
    at, left_out = clock.now(), read_left_out(session)
    for value_id in values:
        kind = session.execute(select(_value.c.kind).where(_value.c.id == value_id)).scalar_one()
        document = _DOCUMENTS[kind]
        print_orders.check_printer(session, desk.post.till_id, document)
        _check_printable(session, document, value_id)
        last = last_paper(session, value_id)
        copy = _copy_after(last, left_out.get((document, str(value_id)), 0))
        issue = 0 if last is None else last.issue + last.void
        print_orders.order_for_values(
            session, desk, document, [value_id], at=at, issue=issue, copy_number=copy
        )
        if copy:
            _tell_copy(session, desk, document, value_id, copy, at)
    return len(values)


def _copy_after(last: LastPaper | None, left_out: int) -> int:
    """The number of the next paper of a card or code: 0 is an original; it goes on after those `left_out`."""
    if last is None:
        return left_out + 1 if left_out else 0
    return 0 if last.void else max(last.copy_number, left_out) + 1


def export_gift_card(
    session: Session, desk: PrintingDesk, value_id: UUID, letterhead: Letterhead, *, clock: Clock
) -> GiftCardPaper:
    """A gift card to be sent as a file: whoever has it can pay, so the journal tells that it went out.

    Raises Refusal for a value that is no gift card.
    """
    try:
        paper = _gift_card(session, value_id, letterhead, 0)
    except NothingToPrint:
        raise Refusal(_("Cette carte cadeau est inconnue."), _("Scannez-la de nouveau.")) from None
    content = {"value": str(value_id)}
    journal.append(
        session,
        desk.post,
        JournalKind.VALUE_EXPORTED,
        content,
        at=clock.now(),
        operator_number=desk.operator_number,
    )
    return paper


def load_value_paper(
    session: Session, document: DocumentKind, value_id: UUID, letterhead: Letterhead, *, copy_number: int = 0
) -> GiftCardPaper | PlaceCardPaper | PromoCodePaper:
    """The paper of a card or code. Raises NothingToPrint if there is none."""
    match document:
        case DocumentKind.GIFT_CARD:
            return _gift_card(session, value_id, letterhead, copy_number)
        case DocumentKind.PLACE_CARD:
            return _place_card(session, value_id, letterhead, copy_number)
        case DocumentKind.PROMO_CODE:
            return _promo_code(session, value_id, letterhead, copy_number)
        case _:
            raise NothingToPrint(f"{document} is of no value")


def _gift_card(session: Session, value_id: UUID, letterhead: Letterhead, copy_number: int) -> GiftCardPaper:
    card = session.execute(_GIFT_CARD, {"id": value_id}).mappings().one_or_none()
    if card is None:
        raise NothingToPrint(f"no gift card {value_id}")
    return GiftCardPaper(
        letterhead=letterhead,
        label=card["label"],
        amount_cents=card["amount"],
        typed=grouped(card["typed_code"]),
        code=card["code"],
        single_purpose=card["vat_rate"] is not None,
        valid_until=card["valid_until"],
        giver=card["giver"] or "",
        recipient=card["recipient"] or "",
        message=card["message"] or "",
        copy_number=copy_number,
    )


def _place_card(session: Session, value_id: UUID, letterhead: Letterhead, copy_number: int) -> PlaceCardPaper:
    card = session.execute(_PLACE_CARD, {"id": value_id}).mappings().one_or_none()
    if card is None or card["code"] is None:
        raise NothingToPrint(f"no place card {value_id} of ours")
    return PlaceCardPaper(
        letterhead=letterhead,
        label=card["label"],
        places=card["places"],
        typed=number_shown(card["number"]),
        code=card["code"],
        valid_from=card["valid_from"],
        valid_until=card["valid_until"],
        terms=_card_terms(session, card),
        nominative=card["nominative"],
        copy_number=copy_number,
    )


def _promo_code(session: Session, value_id: UUID, letterhead: Letterhead, copy_number: int) -> PromoCodePaper:
    code = session.execute(_PROMO_CODE, {"id": value_id}).mappings().one_or_none()
    if code is None:
        raise NothingToPrint(f"no promo code {value_id}")
    return PromoCodePaper(
        letterhead=letterhead,
        name=code["name"],
        gives=_gives(session, code),
        typed=shown(code["code"]),
        code=code["code"],
        valid_from=code["valid_from"],
        valid_until=code["valid_until"],
        terms=_code_terms(session, code),
        copy_number=copy_number,
    )


def _card_terms(session: Session, card: RowMapping) -> tuple[str, ...]:
    terms = [_days(card["weekdays"])] if card["weekdays"] else []
    terms += _sections(card["sections"])
    if wanted := named_in(card["price_lists"]):
        names = session.execute(select(_list.c.name).where(_list.c.code.in_(wanted)).order_by(_list.c.name))
        terms.append("Tarifs : " + ", ".join(names.scalars()))
    if card["includes_supplement"]:
        terms.append("Supplément technologique compris")
    return tuple(terms)


def _days(weekdays: str) -> str:
    """ISO digits in words: `Du lundi au vendredi`, `Samedi, dimanche`."""
    days = [int(digit) for digit in weekdays]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"Du {_WEEKDAYS[days[0] - 1]} au {_WEEKDAYS[days[-1] - 1]}"
    return ", ".join(_WEEKDAYS[day - 1] for day in days).capitalize()


def _sections(names: str) -> list[str]:
    found = sorted(named_in(names))
    if not found:
        return []
    words = "Section" if len(found) == 1 else "Sections"
    return [f"{words} " + ", ".join(f"« {name} »" for name in found)]


def _gives(session: Session, code: RowMapping) -> str:
    """What a code does in the fewest words."""
    match code["effect"]:
        case PromoEffect.PERCENTAGE_OFF:
            return f"- {format_rate(code['percentage'])}"
        case PromoEffect.AMOUNT_OFF:
            return f"- {format_euros(code['amount_cents'])}"
    tariff = session.execute(
        select(_tariff.c.label, _tariff.c.price_cents)
        .where(_tariff.c.code == code["tariff_code"])
        .order_by(_tariff.c.active.desc(), _tariff.c.price_cents)
        .limit(1)
    ).one_or_none()
    if tariff is None:
        return str(code["tariff_code"])
    price = format_euros(tariff.price_cents) if tariff.price_cents else "GRATUIT"
    return f"{tariff.label} {price}"


def _code_terms(session: Session, code: RowMapping) -> tuple[str, ...]:
    terms = ["Une place achetée = une place offerte"] if code["needs_paid_seat"] else []
    if code["amount"] is not None:
        terms.append(_uses(code["amount"], code["seats_per_use"]))
    terms += _sections(code["sections"])
    if wanted := named_in(code["screenings"]):
        titles = session.execute(
            select(_event.c.title)
            .join(_screening, _screening.c.event_id == _event.c.id)
            .where(_screening.c.code.in_(wanted))
            .group_by(_event.c.title)
            .order_by(func.min(_screening.c.starts_at))
        ).scalars()
        named = list(titles)
        more = " et d'autres" if len(named) > _MOST_TITLES else ""
        terms.append("Pour " + ", ".join(f"« {title} »" for title in named[:_MOST_TITLES]) + more)
    return tuple(terms)


def _uses(uses: int, seats: int | None) -> str:
    times = "Une seule fois" if uses <= 1 else f"{uses} fois"
    if seats is None:
        return times
    return f"{times}, pour une place" if seats == 1 else f"{times}, pour {seats} places"


def _check_printable(session: Session, document: DocumentKind, value_id: UUID) -> None:
    if document is not DocumentKind.PLACE_CARD:
        return
    card = session.execute(_PLACE_CARD, {"id": value_id}).mappings().one()
    if card["code"] is None:
        raise Refusal(_("Cette carte a été émise ailleurs : elle ne s'imprime pas ici."))


def _tell_copy(
    session: Session, desk: PrintingDesk, document: DocumentKind, value_id: UUID, copy: int, at: datetime
) -> None:
    told: dict[str, Any] = {"document": document, "value": str(value_id), "copy": copy, "spoilt": False}
    journal.append(
        session, desk.post, JournalKind.DOCUMENT_REPRINTED, told, at=at, operator_number=desk.operator_number
    )
