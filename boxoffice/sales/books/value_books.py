"""What customers may spend later, as the journals of all tills tell of it together.

Each ledger is recomputed from what was told alone: its movements, numbered without a gap, make what is left.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Boolean, Table, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind, MovementKind, StoredValueState
from boxoffice.language import _
from boxoffice.models import (
    FormerValueCode,
    GiftCard,
    PlaceCard,
    PlaceCardKind,
    PromoBatch,
    PromoCode,
    StoredValue,
    ValueMovement,
    table,
)
from boxoffice.prepared import Prepared

from .bookkeeping import Names, code_told, named
from .ledgers import Ledger, Merges, read_beside, stored, written
from .reconciliation import Wrong, readable

_value, _movement, _former = table(StoredValue), table(ValueMovement), table(FormerValueCode)
_gift, _place, _kind = table(GiftCard), table(PlaceCard), table(PlaceCardKind)
_promo, _batch = table(PromoCode), table(PromoBatch)


def _of(rows: Table) -> Prepared:
    """The rows of a table; yes and no as they are stored, for what is neither must not read as no."""
    return Prepared(
        select(*(stored(column) if isinstance(column.type, Boolean) else column for column in rows.c))
    )


_VALUES, _MOVEMENTS, _FORMER = (Prepared(select(rows)) for rows in (_value, _movement, _former))
_GIFTS, _PLACES, _KINDS, _PROMOS, _BATCHES = map(_of, (_gift, _place, _kind, _promo, _batch))
_IN_FORCE = Prepared(select(_kind).order_by(_kind.c.code))
_SOLD_CARDS = tuple(
    (cards.name, Prepared(select(cards.c.value_id, cards.c.sale_id, cards.c.sale_position)))
    for cards in (_gift, _place)
)

Content = Mapping[str, Any]

_MOVED = (
    "kind",
    "amount",
    "left_after",
    "at",
    "till_id",
    "operator_id",
    "authorized_by_id",
    "sale_id",
    "position",
    "reason",
)
_SOLD_BY = slice(_MOVED.index("sale_id") - 1, _MOVED.index("position"))
"""Where a movement says, after its kind, which line of which sale it is for."""
_KEPT = ("kind", "customer_id", "amount", "movements", "state", "valid_from", "valid_until", "issued_at")
_OF_CARDS = ("code", "typed_code", "number", "product", "card_kind", "batch", "source", "vat_rate")
"""What may be told of the card that a value is of; codes by their SHA-256."""


def told_movement(moved: Content, content: Content, sale: str | None) -> tuple[Any, ...]:
    """What an entry tells of one movement of a value, beside which one of which value it is."""
    return (
        moved["kind"],
        moved["amount"],
        moved["left"],
        content["at"],
        content["till"],
        content["operator"],
        moved.get("authorized_by"),
        sale,
        moved.get("position"),
        moved.get("reason", ""),
    )


def kept_movement(row: Content, names: Names) -> tuple[Any, ...]:
    """The same of its row, in a table or in an archive."""
    return (
        row["kind"],
        row["amount"],
        row["left_after"],
        written(row["at"]),
        named(names.tills, row["till_id"]),
        named(names.operators, row["operator_id"]),
        named(names.operators, row["authorized_by_id"]),
        _text(row["sale_id"]),
        row["position"],
        row["reason"],
    )


class ValueBooks:
    """What has been told of values so far, to be held against the tables at the end."""

    def __init__(self, merges: Merges) -> None:
        self._merges = merges
        self._issued: dict[str, Content] = {}
        self._credited: dict[str, str] = {}
        self._movements = Ledger[tuple[str, int]](
            lambda key: _("mouvement {number} de la valeur {id}").format(number=key[1], id=key[0]), _MOVED
        )
        self._blocked: Counter[str] = Counter()
        self._lengthened: dict[str, str] = {}
        self._cancelled: set[str] = set()
        self._owners: dict[str, Counter[str | None]] = defaultdict(Counter)
        self._codes: dict[str, list[Content]] = defaultdict(list)
        self._former = Ledger[str](
            lambda code: _("ancien code de carte {code}").format(code=code[:16]),
            ("value_id", "replaced_at", "reason"),
        )
        self._kinds: dict[str, list[Content]] = defaultdict(list)
        self._batches = Ledger[str](lambda batch: _("lot de codes {id}").format(id=batch), ("terms",))

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        for told in content.get("after", content).get("card_kinds", ()):
            self._kinds[told["code"]].append(told)
        if not (kind.startswith("value.") or content.keys() & {"values", "issued", "cancelled"}):
            return
        for issued in content.get("issued", ()):
            self._issued[issued["id"]] = {**issued, "at": content["at"]}
            if kind == JournalKind.SALE_CREDITED:
                self._credited[issued["id"]] = content["at"]
        self._cancelled.update(content.get("cancelled", ()))
        sale = content["sale"]["id"] if "sale" in content else None
        for moved in content.get("values", ()):
            at = moved["value"], moved["sequence"]
            self._movements.told[at] = told_movement(moved, content, sale)
        if heard := _HEARD.get(kind):
            heard(self, content)

    def _hear_blocked(self, content: Content) -> None:
        self._blocked[content["value"]] += 1

    def _hear_unblocked(self, content: Content) -> None:
        self._blocked[content["value"]] -= 1

    def _hear_replaced(self, content: Content) -> None:
        self._codes[content["value"]].append(content["codes"])
        for former in content["former_codes"]:
            self._former.told[former] = (content["value"], content["at"], content["trouble"])
        self._blocked[content["value"]] -= content["unblocked"]

    def _hear_lengthened(self, content: Content) -> None:
        """A card is only ever lengthened: of several days, whatever till told which, the last one stands."""
        value, until = content["value"], content["valid_until"]
        self._lengthened[value] = max(until, self._lengthened.get(value, until))

    def _hear_given(self, content: Content) -> None:
        self._owners[content["value"]].update([content["customer"]])
        self._owners[content["value"]].subtract([content["former_customer"]])

    def _hear_batch(self, content: Content) -> None:
        self._batches.told[content["batch"]] = (dict(content["terms"]),)

    def compare(self, session: Session, names: Names) -> None:
        """Raise Wrong at the first row that is not as it was told."""
        with readable(_("table {name}").format(name=_movement.name)):
            movements = {
                (str(row["value_id"]), row["sequence"]): kept_movement(row, names)
                for row in _MOVEMENTS.all(session)
            }
        with readable(_("table {name}").format(name=_former.name)):
            former = {
                code_told(row.code): (str(row.value_id), row.replaced_at.isoformat(), row.reason)
                for row in _FORMER.rows(session)
            }
        self._movements.compare(movements)
        self._former.compare(former)
        self._compare_values(session)
        self._compare_sales(session)
        self._compare_cards(session, names)
        self._compare_batches(session)
        self._compare_kinds(session)

    def _compare_values(self, session: Session) -> None:
        with readable(_("table {name}").format(name=_value.name)):
            kept = {
                str(row.id): (
                    row.kind,
                    self._today(_text(row.customer_id)),
                    row.amount,
                    row.movements,
                    row.state,
                    _day(row.valid_from),
                    _day(row.valid_until),
                    read_beside(row.issued_at, self._credited.get(str(row.id))),
                )
                for row in _VALUES.rows(session)
            }
        moved: dict[str, list[tuple[int, int, int | None]]] = defaultdict(list)
        for (value, sequence), told in self._movements.told.items():
            moved[value].append((sequence, told[1], told[2]))
        values = Ledger[str](lambda value: _("valeur {id}").format(id=value), _KEPT)
        for value, issued in self._issued.items():
            values.told[value] = (
                issued["kind"],
                self._owner(value),
                self._left(value, issued, sorted(moved.get(value, ()))),
                len(moved.get(value, ())),
                self._state(value),
                issued.get("valid_from"),
                self._lengthened.get(value, issued.get("valid_until")),
                issued["at"],
            )
        values.compare(kept)

    def _left(self, value: str, issued: Content, moved: list[tuple[int, int, int | None]]) -> int | None:
        """What the movements told make. Raises Wrong where they do not follow each other."""
        left: int | None = None if issued["amount"] is None else 0
        for expected, (sequence, amount, left_after) in enumerate(moved, start=1):
            left = None if left is None else left + amount
            if sequence != expected or left_after != left or (left is not None and left < 0):
                raise Wrong(
                    _("mouvement {number} de la valeur {id}").format(number=sequence, id=value),
                    _("il ne suit pas de ceux d'avant."),
                )
        return left

    def _state(self, value: str) -> StoredValueState:
        if value in self._cancelled:
            return StoredValueState.CANCELLED
        return StoredValueState.BLOCKED if self._blocked[value] > 0 else StoredValueState.ACTIVE

    def _owner(self, value: str) -> str | None:
        """Whose a value is: the customer to whom it came once more than it left them."""
        balance: Counter[str | None] = Counter({self._today(self._issued[value].get("customer")): 1})
        for customer, times in self._owners[value].items():
            balance[self._today(customer)] += times
        return next((customer for customer, times in balance.items() if times > 0), None)

    def _today(self, customer: str | None) -> str | None:
        return None if customer is None else self._merges.today(customer)

    def _compare_sales(self, session: Session) -> None:
        """The line that sold a card is that of its first movement: by it a card is found, and forgotten."""
        for name, cards in _SOLD_CARDS:
            with readable(_("table {name}").format(name=name)):
                kept = [(str(row[0]), _text(row[1]), row[2]) for row in cards.rows(session)]
            for value, sale, position in kept:
                kind, *first = self._movements.told.get((value, 1), (None,))
                if kind == MovementKind.ISSUED and first[_SOLD_BY] != [sale, position]:
                    column = "sale_id" if first[_SOLD_BY][0] != sale else "sale_position"
                    raise Wrong(
                        _("carte de la valeur {id}").format(id=value),
                        _("« {column} » n'est pas ce qui a été signé.").format(column=column),
                    )

    def _compare_cards(self, session: Session, names: Names) -> None:
        """The cards and codes that values are of, by what their issue told and what replaced their codes."""
        with readable(_("table {name}").format(name=_gift.name)):
            kept = {str(row["value_id"]): described_gift_card(row, names) for row in _GIFTS.all(session)}
        with readable(_("table {name}").format(name=_place.name)):
            kinds = {row["id"]: row["code"] for row in _KINDS.all(session)}
            for row in _PLACES.all(session):
                kept[str(row["value_id"])] = described_place_card(row, kinds)
        with readable(_("table {name}").format(name=_promo.name)):
            for row in _PROMOS.all(session):
                kept[str(row["value_id"])] = described_promo_code(row)
        cards = Ledger[str](lambda value: _("carte de la valeur {id}").format(id=value), _OF_CARDS)
        for value, issued in self._issued.items():
            if any(column in issued for column in _OF_CARDS):
                cards.told[value] = _columns({**issued, **self._latest_codes(value, issued)})
        cards.compare({value: _columns(described) for value, described in kept.items()})

    def _latest_codes(self, value: str, issued: Content) -> Content:
        """The codes of a card that no others have replaced."""
        each = (issued, *self._codes[value])
        for codes in each:
            told = {name: codes[name] for name in ("code", "typed_code", "number") if codes.get(name)}
            if not any(code in self._former.told for code in told.values()):
                return told
        return {}

    def _compare_kinds(self, session: Session) -> None:
        """Every kind of place card is as some import told it, once any was told."""
        if not self._kinds:
            return
        for told in card_kinds_in_force(session):
            if told not in self._kinds[told["code"]]:
                raise Wrong(
                    _("sorte de carte {code}").format(code=told["code"]),
                    _("aucun programme importé ne l'a faite ainsi."),
                )

    def _compare_batches(self, session: Session) -> None:
        with readable(_("table {name}").format(name=_batch.name)):
            self._batches.compare({str(row["id"]): (described_batch(row),) for row in _BATCHES.all(session)})


def described_gift_card(card: Mapping[Any, Any], names: Names) -> dict[str, Any]:
    """A gift card as its issue tells it."""
    return {
        "code": code_told(card["code"]),
        "product": named(names.products, card["product_id"]),
        "typed_code": code_told(card["typed_code"]),
        **({} if card["vat_rate"] is None else {"vat_rate": card["vat_rate"]}),
    }


def described_place_card(card: Mapping[Any, Any], kinds: Mapping[int, str]) -> dict[str, Any]:
    """A place card as its issue tells it; its number is on many lists, and tells nothing by itself."""
    return {
        "card_kind": kinds.get(card["kind_id"]),
        "number": code_told(card["number"]),
        "source": card["source"],
        **({} if card["code"] is None else {"code": code_told(card["code"])}),
    }


def described_promo_code(code: Mapping[Any, Any]) -> dict[str, Any]:
    """A promo code as its issue tells it."""
    return {"batch": str(code["batch_id"]), "code": code_told(code["code"])}


def card_kinds_in_force(session: Session) -> list[dict[str, Any]]:
    """The terms of every kind of place card, for the journal: what its cards pay."""
    with readable(_("table {name}").format(name=_kind.name)):
        return [
            {
                name: value.isoformat() if hasattr(value, "isoformat") else value
                for name, value in kind.items()
                if name not in ("id", "product_id")
            }
            for kind in _IN_FORCE.all(session)
        ]


def described_batch(batch: Mapping[Any, Any]) -> dict[str, Any]:
    """The terms of a batch of promo codes, as its issue tells them."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in batch.items()
        if name != "id"
    }


def _columns(described: Content) -> tuple[Any, ...]:
    return tuple(described.get(column) for column in _OF_CARDS)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _day(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())


_HEARD: Mapping[str, Callable[[ValueBooks, Content], None]] = {
    "value.blocked": ValueBooks._hear_blocked,
    "value.unblocked": ValueBooks._hear_unblocked,
    "value.replaced": ValueBooks._hear_replaced,
    "value.lengthened": ValueBooks._hear_lengthened,
    "value.given": ValueBooks._hear_given,
    "value.generated": ValueBooks._hear_batch,
}
