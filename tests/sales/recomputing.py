"""The figures of closings computed once more, in plain Python over the raw rows of every table.

Nothing here is shared with the program: what belongs to a period is told by moments and business days, where
the program goes by numbers; VAT is rounded by `Decimal`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from boxoffice.database import Database
from boxoffice.models import metadata

Row = dict[str, Any]

SPENT = {"used", "rewarded", "given_back", "expired", "taken_back"}
COLUMN_OF = {
    "issued": "issued",
    "earned": "issued",
    "credited": "credited",
    "taken_back": "taken_back",
    "used": "used",
    "rewarded": "used",
    "given_back": "used",
    "expired": "expired",
    "corrected": "corrected",
    "merged": "corrected",
}


@dataclass
class Books:
    """Every row of every table, as it is."""

    tables: dict[str, list[Row]]

    @classmethod
    def read(cls, database: Database) -> "Books":
        with database.engine.connect() as connection:
            return cls(
                {
                    each.name: [dict(row) for row in connection.execute(each.select()).mappings()]
                    for each in metadata.sorted_tables
                }
            )

    def __getitem__(self, name: str) -> list[Row]:
        return self.tables[name]

    def by_id(self, name: str, key: str = "id") -> dict[Any, Row]:
        return {row[key]: row for row in self[name]}

    def till_of(self, row: Row) -> int:
        return next(till["number"] for till in self["till"] if till["id"] == row["till_id"])


@dataclass
class Period:
    """Which rows count: sales by their own moment or day, everything else by its moment."""

    has_sale: Callable[[Row], bool]
    has_moment: Callable[[int, datetime], bool]


def of_till(closing: Row, before: Row | None) -> Period:
    """What a till did after its last closing, until this one."""
    since = before["at"] if before else None

    def within(till_id: int, at: datetime) -> bool:
        return till_id == closing["till_id"] and at <= closing["at"] and (since is None or at > since)

    return Period(lambda sale: within(sale["till_id"], sale["at"]), within)


def of_days(books: Books, closing: Row) -> Period:
    """What all tills did on the business days of a closing, by the closings of tills of those days."""
    windows: dict[int, list[tuple[datetime | None, datetime]]] = defaultdict(list)
    for till in books["till"]:
        last = None
        of_it = [row for row in books["closing"] if row["till_id"] == till["id"]]
        for row in sorted(of_it, key=lambda row: row["number"]):
            if closing["first_day"] <= row["last_day"] <= closing["last_day"]:
                windows[till["id"]].append((last, row["at"]))
            last = row["at"]

    def within(till_id: int, at: datetime) -> bool:
        return any((since is None or at > since) and at <= until for since, until in windows[till_id])

    def has_sale(sale: Row) -> bool:
        return bool(closing["first_day"] <= sale["business_day"] <= closing["last_day"])

    return Period(has_sale, within)


def recompute(
    books: Books,
    period: Period,
    *,
    outstanding_until: datetime | None = None,
    shifts_until: Callable[[int, datetime], bool] | None = None,
) -> dict[str, Any]:
    """Everything that a closing tells but its numbers, in terms that compare.

    `shifts_until` tells of each shift closed at a till whether it was before the period ended; None: no
    matter.
    """
    sales = {sale["id"]: sale for sale in books["sale"] if period.has_sale(sale)}
    lines = [line for line in books["saleline"] if line["sale_id"] in sales]
    payments = [payment for payment in books["payment"] if payment["sale_id"] in sales]
    vat = _vat(lines, payments)
    return {
        "kinds": _kinds(sales.values()),
        "authorized": sum(sale["authorized_by_id"] is not None for sale in sales.values()),
        "sold": _sold(books, lines),
        "places": _places(books, lines),
        "payments": _payments(payments),
        "vat": vat,
        "turnover": sum(gross for gross, _net, _absolute in vat.values()),
        "absolute": sum(absolute for _gross, _net, absolute in vat.values()),
        "stored": _stored(books, period),
        "left": _left(books, outstanding_until) if outstanding_until else None,
        "free": _free(books, lines),
        "tickets": _tickets(books, sales),
        "copies": _copies(books, period),
        "entries": _entries(books, period),
        "shifts": _shifts(books, period),
        "uncertain": _uncertain(books, period),
        "taxed": _taxed(payments),
        "floats": _floats(books, shifts_until),
    }


def _kinds(sales: Iterable[Row]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for sale in sales:
        times, cents = found.get(sale["kind"], (0, 0))
        found[str(sale["kind"])] = (times + 1, cents + sale["total_cents"])
    return found


def _sold(books: Books, lines: list[Row]) -> dict[tuple[str, str, str, int], tuple[int, int, int]]:
    products = books.by_id("product")
    found: dict[tuple[str, str, str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        code = line["tariff_code"] or ""
        if line["product_id"] is not None:
            code = products[line["product_id"]]["code"]
        totals = found[str(line["kind"]), code, line["label"], line["vat_rate"]]
        totals[0 if line["quantity"] == 1 else 1] += 1
        totals[2] += line["quantity"] * line["unit_price_cents"]
    return {key: (sold, back, cents) for key, (sold, back, cents) in found.items()}


def _places(books: Books, lines: list[Row]) -> dict[tuple[str, str], tuple[int, int, int]]:
    screenings, events = books.by_id("screening"), books.by_id("event")
    halls, venues = books.by_id("hall"), books.by_id("venue")
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        if line["screening_id"] is None:
            continue
        screening = screenings[line["screening_id"]]
        section = events[screening["event_id"]]["section"]
        venue = venues[halls[screening["hall_id"]]["venue_id"]]["name"]
        for key in (("section", section), ("venue", venue)):
            found[key][0 if line["quantity"] == 1 else 1] += 1
            found[key][2] += line["quantity"] * line["unit_price_cents"]
    return {key: (sold, back, cents) for key, (sold, back, cents) in found.items()}


def _payments(payments: list[Row]) -> dict[str, tuple[int, int, int, int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for payment in payments:
        place = 0 if payment["amount_cents"] > 0 else 2
        found[payment["means"]][place] += 1
        found[payment["means"]][place + 1] += payment["amount_cents"]
    return {means: (a, b, c, d) for means, (a, b, c, d) in found.items()}


def _taxed(payments: list[Row]) -> dict[tuple[str, int], int]:
    found: Counter[tuple[str, int]] = Counter()
    for payment in payments:
        if payment["vat_rate"] is not None:
            found[payment["means"], payment["vat_rate"]] += payment["amount_cents"]
    return dict(found)


def _cash_of(books: Books, shift: Row) -> int:
    """What the drawer of a shift should hold."""
    sales = {sale["id"]: sale["till_session_id"] for sale in books["sale"]}
    cash: int = shift["float_cents"]
    for payment in books["payment"]:
        if payment["means"] == "cash" and sales[payment["sale_id"]] == shift["id"]:
            cash += payment["amount_cents"]
    for moved in books["cashmovement"]:
        if moved["till_session_id"] == shift["id"]:
            cash += moved["amount_cents"] if moved["kind"] == "in" else -moved["amount_cents"]
    return cash


def _left_by(books: Books, shift: Row) -> tuple[int, bool]:
    """What a shift left in its drawer, or should have, and whether somebody counted it."""
    if shift["counted_cents"] is None:
        return _cash_of(books, shift), False
    ended = books.by_id("shiftclosing", "till_session_id")[shift["id"]]
    return shift["counted_cents"] - ended["deposit_cents"], True


def _left_before(books: Books, shift: Row) -> tuple[int, bool]:
    """What the shift that was closed last at the same till had left there; nothing before any."""
    before = [
        each
        for each in books["tillsession"]
        if each["till_id"] == shift["till_id"] and each["closed_at"] and each["id"] < shift["id"]
    ]
    return _left_by(books, max(before, key=lambda each: each["id"])) if before else (0, True)


def _floats(
    books: Books, shifts_until: Callable[[int, datetime], bool] | None
) -> dict[int, tuple[int, bool]] | None:
    if shifts_until is None:
        return None
    last: dict[int, Row] = {}
    for shift in sorted(books["tillsession"], key=lambda row: row["id"]):
        if shift["closed_at"] and shifts_until(shift["till_id"], shift["closed_at"]):
            last[books.till_of(shift)] = shift
    return {till: _left_by(books, shift) for till, shift in last.items()}


def in_the_drawers(books: Books) -> int:
    """The cash that lies in all drawers together, each as its last shift left it."""
    floats = _floats(books, lambda _till_id, _at: True)
    assert floats is not None
    return sum(cents for cents, _counted in floats.values())


def _vat(lines: list[Row], payments: list[Row]) -> dict[int, tuple[int, int, int]]:
    """By rate: gross, net and absolute cents, each operation split by itself."""
    amounts: dict[tuple[Any, int], int] = defaultdict(int)
    for line in lines:
        if line["kind"] != "voucher":
            amounts[line["sale_id"], line["vat_rate"]] += line["quantity"] * line["unit_price_cents"]
    for payment in payments:
        if payment["vat_rate"] is not None:
            amounts[payment["sale_id"], payment["vat_rate"]] -= payment["amount_cents"]
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (_sale, rate), gross in amounts.items():
        exact = Decimal(abs(gross)) / (1 + Decimal(rate) / 10_000)
        net = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        found[rate][0] += gross
        found[rate][1] += net if gross >= 0 else -net
        found[rate][2] += abs(gross)
    return {rate: (gross, net, absolute) for rate, (gross, net, absolute) in found.items()}


def _stored(books: Books, period: Period) -> dict[tuple[str, int | None], dict[str, int]]:
    values, gifts = books.by_id("storedvalue"), books.by_id("giftcard", "value_id")
    found: dict[tuple[str, int | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for moved in books["valuemovement"]:
        if not period.has_moment(moved["till_id"], moved["at"]):
            continue
        value = values[moved["value_id"]]
        rate = gifts[value["id"]]["vat_rate"] if value["id"] in gifts else None
        column = COLUMN_OF[moved["kind"]]
        amount = moved["amount"]
        if value["amount"] is None:
            column, amount = "unlimited", -amount
        elif moved["kind"] in SPENT:
            amount = -amount
        found[str(value["kind"]), rate][column] += amount
    return {key: {name: count for name, count in totals.items() if count} for key, totals in found.items()}


def _left(books: Books, until: datetime) -> dict[tuple[str, int | None], int]:
    """What may still be spent of each kind at that moment: every movement until then, whatever it was for."""
    values, gifts = books.by_id("storedvalue"), books.by_id("giftcard", "value_id")
    found: dict[tuple[str, int | None], int] = defaultdict(int)
    for moved in books["valuemovement"]:
        value = values[moved["value_id"]]
        if moved["at"] <= until and value["amount"] is not None:
            rate = gifts[value["id"]]["vat_rate"] if value["id"] in gifts else None
            found[str(value["kind"]), rate] += moved["amount"]
    return {key: left for key, left in found.items() if left}


def _free(books: Books, lines: list[Row]) -> dict[tuple[str, str], int]:
    passes, products = books.by_id("pass"), books.by_id("passproduct", "product_id")
    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line["kind"] != "ticket" or line["unit_price_cents"]:
            continue
        reason = "promo_code" if line["promo_code_id"] else "tariff"
        if line["pass_id"]:
            reason = str(products[passes[line["pass_id"]]["product_id"]]["kind"])
        found[reason, line["label"]] += line["quantity"]
    return dict(found)


def _tickets(books: Books, sales: dict[Any, Row]) -> dict[int, tuple[int, int, int]]:
    """By till: first and last number, and how many there are."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for ticket in books["ticket"]:
        if ticket["sale_id"] in sales:
            numbers[books.till_of(ticket)].append(ticket["number"])
    return {till: (min(each), max(each), len(each)) for till, each in numbers.items()}


def _copies(books: Books, period: Period) -> dict[str, int]:
    return dict(
        Counter(
            job["document"]
            for job in books["printjob"]
            if job["copy_number"] and period.has_moment(job["till_id"], job["created_at"])
        )
    )


def _entries(books: Books, period: Period) -> dict[str, int]:
    wanted = {"basket.charged", "basket.discarded", "basket.line_removed", "cash.moved", "count.refused"}
    wanted |= {"drawer.opened", "operator.refused"}
    found: Counter[str] = Counter()
    for entry in books["journalentry"]:
        if not period.has_moment(entry["till_id"], entry["at"]):
            continue
        if entry["kind"] == "manager.authorized":
            found[f"override {json.loads(entry['content'])['act']}"] += 1
        elif entry["kind"] in wanted:
            found[entry["kind"]] += 1
    return dict(found)


def _shifts(books: Books, period: Period) -> list[tuple[Any, ...]]:
    """Of each shift closed: till, opening, float, cash in, out, picked up; expected and counted by means."""
    found = []
    sales = {sale["id"]: sale["till_session_id"] for sale in books["sale"]}
    ended = books.by_id("shiftclosing", "till_session_id")
    for shift in books["tillsession"]:
        if shift["closed_at"] is None or not period.has_moment(shift["till_id"], shift["closed_at"]):
            continue
        taken: Counter[str] = Counter()
        for payment in books["payment"]:
            if sales[payment["sale_id"]] == shift["id"]:
                taken[payment["means"]] += payment["amount_cents"]
        moved: Counter[str] = Counter()
        for each in books["cashmovement"]:
            if each["till_session_id"] == shift["id"]:
                moved[str(each["kind"])] += each["amount_cents"]
        cash = shift["float_cents"] + taken["cash"] + moved["in"] - moved["out"] - moved["pickup"]
        counted = {
            row["means"]: row["counted_cents"]
            for row in books["shiftcount"]
            if row["till_session_id"] == shift["id"]
        }
        found.append(
            (
                books.till_of(shift),
                shift["opened_at"],
                shift["float_cents"],
                (moved["in"], moved["out"], moved["pickup"]),
                ("cash", cash, counted["cash"]),
                ("card", taken["card"], counted["card"]),
                ("cheque", taken["cheque"], counted["cheque"]),
                ended[shift["id"]]["deposit_cents"],
                (shift["counted_cents"] or 0) - ended[shift["id"]]["deposit_cents"],
                _left_before(books, shift),
            )
        )
    return sorted(found)


def _uncertain(books: Books, period: Period) -> int:
    jobs = books.by_id("printjob")
    return sum(
        attempt["outcome"] == "uncertain"
        and period.has_moment(jobs[attempt["job_id"]]["till_id"], attempt["at"])
        for attempt in books["printattempt"]
    )


def as_told(told: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a closing, in the same terms."""
    vat = {row["rate"]: (row["gross_cents"], row["net_cents"], row["absolute_cents"]) for row in told["vat"]}
    for row in told["vat"]:
        assert row["vat_cents"] == row["gross_cents"] - row["net_cents"]
    kinds = {
        "sale": (told["sales"], None),
        "reversal": (told["reversals"], told["reversed_cents"]),
        "credit_note": (told["credit_notes"], told["credited_cents"]),
    }
    sold = {
        (kind, row["code"], row["label"], row["rate"]): (row["sold"], row["returned"], row["cents"])
        for kind, name in (
            ("ticket", "tariffs"),
            ("product", "products"),
            ("voucher", "vouchers"),
            ("fee", "fees"),
        )
        for row in told[name]
    }
    places = {
        (what, row["name"]): (row["sold"], row["returned"], row["cents"])
        for what, name in (("section", "sections"), ("venue", "venues"))
        for row in told[name]
    }
    entries = {row["what"]: row["times"] for row in told["acts"]}
    entries |= {f"override {row['what']}": row["times"] for row in told["overrides"]}
    columns = ("issued", "credited", "taken_back", "used", "expired", "corrected", "unlimited")
    stored = {
        (row["kind"], row["rate"]): {name: row[name] for name in columns if row[name]}
        for row in told["stored"]
    }
    shifts = []
    for row in told["shifts"]:
        counts = {each["means"]: (each["expected_cents"], each["counted_cents"]) for each in row["counts"]}
        shifts.append(
            (
                row["till"],
                datetime.fromisoformat(row["opened_at"]),
                row["float_cents"],
                (row["in_cents"], row["out_cents"], row["pickup_cents"]),
                ("cash", *counts["cash"]),
                ("card", *counts["card"]),
                ("cheque", *counts["cheque"]),
                row["deposit_cents"],
                row["left_cents"],
                (row["left_before_cents"], row["before_counted"]),
            )
        )
    return {
        "kinds": {kind: counted for kind, counted in kinds.items() if counted[0]},
        "authorized": told["authorized"],
        "sold": sold,
        "places": places,
        "payments": {
            row["means"]: (row["taken"], row["taken_cents"], row["given"], row["given_cents"])
            for row in told["payments"]
        },
        "vat": vat,
        "turnover": sum(gross for gross, _net, _absolute in vat.values()),
        "absolute": sum(absolute for _gross, _net, absolute in vat.values()),
        "stored": {key: each for key, each in stored.items() if each},
        "left": {
            (row["kind"], row["rate"]): row["outstanding"] for row in told["stored"] if row["outstanding"]
        },
        "free": {(row["reason"], row["label"]): row["tickets"] for row in told["free"]},
        "tickets": {
            row["till"]: (row["first"], row["last"], row["issued"])
            for row in told["tickets"]
            if row["last"] >= row["first"]
        },
        "copies": {row["what"]: row["times"] for row in told["copies"]},
        "entries": entries,
        "shifts": sorted(shifts),
        "uncertain": told["uncertain"],
        "taxed": {(row["means"], row["rate"]): row["cents"] for row in told["taxed"]},
        "floats": {row["till"]: (row["cents"], row["counted"]) for row in told["floats"]},
    }


def compare(expected: dict[str, Any], told: dict[str, Any], where: str) -> None:
    """Part by part, so that what differs is named."""
    expected["kinds"] = {
        kind: (times, None if kind == "sale" else cents) for kind, (times, cents) in expected["kinds"].items()
    }
    expected["stored"] = {key: each for key, each in expected["stored"].items() if each}
    if expected["left"] is None:
        expected["left"] = told["left"]
        assert not told["left"], where
    if expected["floats"] is None:
        expected["floats"] = told["floats"]
    for part, value in expected.items():
        assert told[part] == value, f"{where}, {part}"


def check_closings(database: Database) -> int:
    """Every closing is what the raw rows make, and totals go on from one to the next. Returns how many."""
    books = Books.read(database)
    chains: dict[tuple[str, int | None], list[Row]] = defaultdict(list)
    for row in sorted(books["closing"], key=lambda row: row["number"]):
        chains[str(row["period"]), row["till_id"]].append(row)
    for (name, till_id), chain in chains.items():
        perpetual, absolute, before = 0, 0, None
        for number, closing in enumerate(chain, start=1):
            where = f"{name} {till_id or ''} n° {closing['number']}"
            assert closing["number"] == number, where
            period = of_till(closing, before) if till_id is not None else of_days(books, closing)
            until = None if till_id is not None else _until(books, closing)
            ended = _ended(books, closing)
            expected = recompute(books, period, outstanding_until=until, shifts_until=ended)
            compare(expected, as_told(json.loads(closing["figures"])), where)
            perpetual, absolute = perpetual + expected["turnover"], absolute + expected["absolute"]
            assert closing["period_cents"] == expected["turnover"], where
            assert closing["period_absolute_cents"] == expected["absolute"], where
            assert closing["perpetual_cents"] == perpetual, where
            assert closing["perpetual_absolute_cents"] == absolute, where
            before = closing
    return len(books["closing"])


def _ended(books: Books, closing: Row) -> Callable[[int, datetime], bool]:
    """Whether a shift was closed before this closing, or for the box office before the last of its tills'."""
    if closing["till_id"] is not None:
        return lambda till_id, at: till_id == closing["till_id"] and at <= closing["at"]
    last: dict[int, datetime] = {}
    for row in sorted(books["closing"], key=lambda row: row["number"]):
        if row["till_id"] is not None and row["last_day"] <= closing["last_day"]:
            last[row["till_id"]] = row["at"]
    return lambda till_id, at: till_id in last and at <= last[till_id]


def _until(books: Books, closing: Row) -> datetime:
    """When the last day that a closing gathers was closed."""
    last: date = closing["last_day"]
    days = [row for row in books["closing"] if row["period"] == "day" and row["last_day"] <= last]
    moment: datetime = max(row["at"] for row in days)
    return moment
