"""Requests for credit notes, their answers and the notes themselves, as the journals of all tills tell them.

No clock puts the entries of several tills in one order for certain: what is compared holds in any order.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind, SaleKind
from boxoffice.language import _
from boxoffice.models import CreditAnswer, CreditNote, CreditRequest, Numbering, Payment, Sale, table
from boxoffice.prepared import Prepared

from ..means import EXCHANGE
from .bookkeeping import Names, named
from .ledgers import Ledger, read_beside, stored
from .reconciliation import Wrong, readable

_request, _answer, _note = table(CreditRequest), table(CreditAnswer), table(CreditNote)
_numbering, _sale, _payment = table(Numbering), table(Sale), table(Payment)

_cleared_by = func.coalesce(_sale.c.exchanges_sale_id, _sale.c.id)
_ANSWERS = Prepared(
    select(*(column for column in _answer.c if column.name != "accepted"), stored(_answer.c.accepted))
)
"""Whether one was accepted is read as it is stored: what is neither yes nor no must not read as no."""

_REQUESTS, _NOTES = Prepared(select(_request)), Prepared(select(_note))
_UNEVEN = Prepared(
    select(_cleared_by)
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .where(
        _payment.c.means == EXCHANGE.code,
        or_(_sale.c.kind == SaleKind.CREDIT_NOTE, _sale.c.exchanges_sale_id.is_not(None)),
    )
    .group_by(_cleared_by, _payment.c.vat_rate)
    .having(func.sum(_payment.c.amount_cents) != 0)
    .limit(1)
)
_NUMBERS = Prepared(
    select(
        _numbering.c.till_id,
        _numbering.c.credit_notes,
        func.count(_note.c.number),
        func.coalesce(func.max(_note.c.number), 0),
    )
    .outerjoin(_note, _note.c.till_id == _numbering.c.till_id)
    .group_by(_numbering.c.till_id, _numbering.c.credit_notes)
)

Content = Mapping[str, Any]


class CreditBooks:
    """What has been told of credit notes so far, to be held against the tables at the end."""

    def __init__(self) -> None:
        self._requests = Ledger[str](
            lambda request: _("demande d'avoir {id}").format(id=request),
            (
                "sale_id",
                "position",
                "attempt",
                "customer_id",
                "source",
                "paid_cents",
                "credited_cents",
                "asked_at",
                "till_id",
                "operator_id",
            ),
        )
        self._answers = Ledger[str](
            lambda request: _("réponse à la demande d'avoir {id}").format(id=request),
            ("accepted", "reason", "at", "till_id", "operator_id", "authorized_by_id", "sale_id"),
        )
        self._notes = Ledger[str](
            lambda sale: _("avoir de l'opération {id}").format(id=sale), ("till", "number")
        )
        self._skipped: Counter[int] = Counter()

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        if heard := _HEARD.get(kind):
            heard(self, content)

    def _hear_restored(self, content: Content) -> None:
        for till, left_out in content.get("skipped", {}).items():
            self._skipped[int(till)] += left_out.get("credit_notes", 0)

    def _hear_requested(self, content: Content) -> None:
        for told in content["requests"]:
            self._requests.told[told["request"]] = (
                told["sale"],
                told["position"],
                told["attempt"],
                told["customer"],
                told["source"],
                told["paid"],
                told["credited"],
                told["asked_at"],
                content["till"],
                content["operator"],
            )

    def _hear_refused(self, content: Content) -> None:
        told = _answered(content, content["reason"], content["authorized_by"])
        self._answers.told.update(dict.fromkeys(content["requests"], (False, *told, None)))

    def _hear_credited(self, content: Content) -> None:
        sale = content["sale"]
        note = content["credit_note"]
        told = _answered(content, "", sale["authorized_by"])
        self._answers.told.update(dict.fromkeys(note["requests"], (True, *told, sale["id"])))
        self._notes.told[sale["id"]] = (content["till"], note["number"])

    def compare(self, session: Session, names: Names) -> None:
        """Raise Wrong at the first row that is not as it was told."""
        with readable(_("table {name}").format(name=_request.name)):
            requests = {
                str(row.id): (
                    str(row.sale_id),
                    row.position,
                    row.attempt,
                    None if row.customer_id is None else str(row.customer_id),
                    row.source,
                    row.paid_cents,
                    row.credited_cents,
                    row.asked_at.isoformat(),
                    named(names.tills, row.till_id),
                    named(names.operators, row.operator_id),
                )
                for row in _REQUESTS.rows(session)
            }
        accepted = {request: at for request, (yes, _reason, at, *_by) in self._answers.told.items() if yes}
        with readable(_("table {name}").format(name=_answer.name)):
            answers = {
                str(row.request_id): (
                    row.accepted,
                    row.reason,
                    read_beside(row.at, accepted.get(str(row.request_id))),
                    named(names.tills, row.till_id),
                    named(names.operators, row.operator_id),
                    named(names.operators, row.authorized_by_id),
                    None if row.sale_id is None else str(row.sale_id),
                )
                for row in _ANSWERS.rows(session)
            }
        with readable(_("table {name}").format(name=_note.name)):
            notes = {
                str(row.sale_id): (named(names.tills, row.till_id), row.number)
                for row in _NOTES.rows(session)
            }
        self._requests.compare(requests)
        self._answers.compare(answers)
        self._notes.compare(notes)
        self._compare_numbers(session, names)
        self._compare_exchanges(session)

    def _compare_exchanges(self, session: Session) -> None:
        """What a credit note clears for other seats is what their sale was cleared by, rate by rate."""
        for uneven in _UNEVEN.rows(session):
            raise Wrong(
                _("avoir de l'opération {id}").format(id=uneven[0]),
                _("ce qu'il donne à l'échange n'est pas ce que la vente en reçoit."),
            )

    def _compare_numbers(self, session: Session, names: Names) -> None:
        for till_id, last, count, highest in _NUMBERS.rows(session):
            skipped = self._skipped[names.tills.get(till_id, 0)]
            if last != count + skipped or not last - skipped <= highest <= last:
                raise Wrong(
                    _("{what} de la caisse {till}").format(what=_("avoirs"), till=names.tills.get(till_id)),
                    _("{last} numéros tirés, {count} lignes, le plus grand est {highest}.").format(
                        last=last, count=count, highest=highest
                    ),
                )


def _answered(content: Content, reason: str, authorized_by: Any) -> tuple[Any, ...]:
    return (reason, content["at"], content["till"], content["operator"], authorized_by)


_HEARD: Mapping[str, Callable[[CreditBooks, Content], None]] = {
    JournalKind.CREDIT_REQUESTED: CreditBooks._hear_requested,
    JournalKind.CREDIT_REFUSED: CreditBooks._hear_refused,
    JournalKind.DATABASE_RESTORED: CreditBooks._hear_restored,
    "sale.credited": CreditBooks._hear_credited,
}
