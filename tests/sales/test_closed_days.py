"""Entries and totals to declare from the Zs of several days: what a Z says, and nothing else."""

import csv
import json
import random
import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from boxoffice.errors import Refusal
from boxoffice.exporting.papers import export_closing
from boxoffice.kinds import CashKind
from boxoffice.models import JournalEntry, PassProduct, Product, table
from boxoffice.sales.closings.figures import tell
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.exports.closed_days import by_today_words
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.accounts import change_account
from boxoffice.sales.staff.shift_closing import ShiftEnd
from tests.sales.closed_books import a_paper_is_uncertain, carry
from tests.sales.closing_life import close_box_office, close_everything, close_one, next_morning
from tests.sales.conftest import Festival
from tests.sales.credit_life import credited, customer, sell_to
from tests.sales.exported import FIRST, LAST, written_entries, written_totals
from tests.sales.fec_checker import balances, cents, check
from tests.sales.raw_rows import RawRows, day_of, moment_of
from tests.sales.spreadsheets import csv_rows

PARIS = ZoneInfo("Europe/Paris")


def entries(festival: Festival, folder: Path, first: date = FIRST, last: date = LAST) -> list[Any]:
    """The checked lines of a file for these days."""
    written = written_entries(festival, folder, first, last)
    assert written.path.stat().st_mode & 0o777 == 0o600
    return check(written.path.name, written.path.read_bytes())


def declared(festival: Festival, folder: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    written = written_totals(festival, folder)
    table, told = written.paths
    assert json.loads(told.read_text("utf-8")) == written.data
    return dict(written.data), csv_rows(table)


def three_days(festival: Festival) -> list[Made]:
    """A day of everything, one on which nothing was taken, and one of goods."""
    lea = customer(festival)
    gift = festival.sell_gift(cents=2_000)
    sale = sell_to(festival, lea, festival.seat_line("KNEECAP2", quantity=2), festival.product_line())
    credited(festival, sale, [1], customer_id=lea)
    festival.sell(festival.seat_line("ETERNAL"), tenders=(Tender("card", 850, None, "77"),))
    by_gift = Tender("gift_card", 850, None, "", gift.value_id)
    festival.complete(festival.paid(festival.seat_line("KNEECAP2"), by=(by_gift,)), festival.desks[1])
    cash = 10_000 + 2_000 + 1_700 + 300
    end = ShiftEnd(totals={"card": 850, "cheque": 0}, deposit_cents=4_000, reason="Une pièce perdue")
    close_one(festival, 0, cash - 100, end)
    close_one(festival, 1, 5_000, ShiftEnd(totals={"card": 0, "cheque": 0}))
    made = [close_box_office(festival)]
    next_morning(festival)
    festival.sell(festival.seat_line("KNEECAP2", "INVIT"))
    made.append(close_everything(festival))
    next_morning(festival)
    festival.sell(festival.product_line(quantity=2))
    made.append(close_everything(festival))
    return made


def test_each_day_closed_is_one_entry_that_says_what_its_z_says(festival: Festival, tmp_path: Path) -> None:
    made = three_days(festival)
    lines = entries(festival, tmp_path)
    by_piece = {f"Z{closing.number:06d}": closing for closing in made}
    for piece, closing in by_piece.items():
        entry = [line for line in lines if line["PieceRef"] == piece]
        found, figures = balances(entry), closing.figures
        assert {line["EcritureDate"] for line in entry} <= {f"{closing.last_day:%Y%m%d}"}
        for account, rate in (("44571", 2000), ("44573", 550)):
            assert -found.get(account, 0) == sum(vat.vat_cents for vat in figures.vat if vat.rate == rate)
        net = sum(vat.net_cents for vat in figures.vat)
        assert -found.get("706", 0) - found.get("707", 0) == net
        taken = {
            "5115": sum(paid.cents for paid in figures.payments if paid.means == "card"),
            "530": sum(paid.cents for paid in figures.payments if paid.means == "cash"),
        }
        assert found.get("5115", 0) == taken["5115"]
        collected = [line for line in entry if line["EcritureLib"].startswith("Encaissements")]
        assert balances(collected).get("530", 0) == taken["530"]
    assert {line["PieceRef"] for line in lines} == {"Z000001", "Z000002", "Z000003"}
    first = balances([line for line in lines if line["PieceRef"] == "Z000001"])
    assert (first["580"], first["658"], first["4191"]) == (4_000, 100, -1_150)
    assert (first["530"], first["471"]) == (15_000 + 4_000 - 4_000 - 100, -15_000)
    second = balances([line for line in lines if line["PieceRef"] == "Z000002"])
    assert second == {"530": 100 + 5_000, "758": -100 - 5_000}
    third = balances([line for line in lines if line["PieceRef"] == "Z000003"])
    assert third["530"] == 600


def in_the_drawers(festival: Festival) -> int:
    """The cash of the last shift closed at each till: what was counted and not deposited, or was expected."""
    books = RawRows(festival.database)
    last: dict[int, dict[str, Any]] = {}
    for closing in sorted(books["shiftclosing"], key=lambda row: row["number"]):
        last[closing["till_id"]] = closing
    sales = {sale["id"]: sale["till_session_id"] for sale in books["sale"]}
    total = 0
    for closing in last.values():
        shift = next(row for row in books["tillsession"] if row["id"] == closing["till_session_id"])
        if shift["counted_cents"] is not None:
            total += shift["counted_cents"] - closing["deposit_cents"]
            continue
        total += shift["float_cents"]
        for payment in books["payment"]:
            if payment["means"] == "cash" and sales[payment["sale_id"]] == shift["id"]:
                total += payment["amount_cents"]
        for moved in books["cashmovement"]:
            if moved["till_session_id"] == shift["id"]:
                total += moved["amount_cents"] if moved["kind"] == "in" else -moved["amount_cents"]
    return total


def test_the_cash_account_is_what_lies_in_the_drawers_day_after_day(
    festival: Festival, tmp_path: Path
) -> None:
    """Floats that are less or more than was left, drawers that nobody counted, cash carried and deposited."""
    for night, counted in enumerate([(9_950, 5_000), (None, 6_000), (10_300, None), (200, 0)]):
        festival.sell(festival.product_line(quantity=night + 1))
        carry(festival, CashKind.IN, 1_000, till=1)
        carry(festival, CashKind.PICKUP, 700 + night, till=1)
        for till, cash in enumerate(counted):
            deposit = 0 if cash is None else cash // 3
            close_one(festival, till, cash, ShiftEnd(deposit_cents=deposit, reason="Écart"))
        close_box_office(festival)
        assert balances(entries(festival, tmp_path)).get("530", 0) == in_the_drawers(festival)
        next_morning(festival)
    festival.stands()


def test_a_float_that_is_short_is_a_loss_and_one_too_many_a_gain(festival: Festival, tmp_path: Path) -> None:
    close_one(festival, 0, 13_000, ShiftEnd(reason="Trop rendu hier"))
    close_one(festival, 1, 5_000)
    close_box_office(festival)
    next_morning(festival)
    close_everything(festival)
    day = [line for line in entries(festival, tmp_path) if line["PieceRef"] == "Z000002"]
    assert balances(day) == {"530": 2_000, "658": 3_000, "758": -5_000}
    assert {line["EcritureLib"] for line in day} == {"Écart de fond de caisse - Z 2 du 22/01/2026"}


def put(festival: Festival, name: str, number: str) -> None:
    post, clock, manager = festival.posts[0], festival.clock, festival.manager
    festival.write(lambda session: change_account(session, post, name, number, clock=clock, manager=manager))


def test_a_day_closed_keeps_its_accounts_and_goods_whatever_is_set_later(
    festival: Festival, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line(), festival.product_line())
    close_everything(festival)
    before = entries(festival, tmp_path)
    told, _rows = declared(festival, tmp_path)
    put(festival, "goods", "707100")
    put(festival, "journal", "VT")
    next_morning(festival)
    festival.sell(festival.product_line())
    _give_it_the_look_of_a_pass(festival, "TOUR")
    assert entries(festival, tmp_path) == before
    assert declared(festival, tmp_path)[0] == told
    close_everything(festival)
    after = entries(festival, tmp_path)
    assert after[: len(before)] == before
    assert {line["JournalCode"] for line in after[len(before) :]} == {"VT"}
    found = balances(after[len(before) :])
    assert found["706"] == -250
    assert not {"707", "707100"} & found.keys()


def _give_it_the_look_of_a_pass(festival: Festival, code: str) -> None:
    """What is sold under this code is a thing no more: its turnover is that of services from now on."""
    (product,) = (row for row in festival.rows(Product) if row.code == code)
    a_pass = festival.rows(PassProduct)[0]
    row = {column.name: getattr(a_pass, column.name) for column in table(PassProduct).c}
    insertion = sa.insert(table(PassProduct)).values(row | {"product_id": product.id})
    festival.write(lambda session: session.execute(insertion))


LATER = ("taxed", "floats", "prints", "accounting")
"""What closings of the first versions do not tell, beside what was left before each shift."""


def as_before(value: Any) -> Any:
    """The figures of a closing as the first versions told them."""
    told = tell(value)
    shifts = [
        {name: each[name] for name in each if name not in ("left_before_cents", "before_counted")}
        for each in told["shifts"]
    ]
    return {name: told[name] for name in told if name not in LATER} | {"shifts": shifts}


def test_days_closed_by_a_version_before_go_to_the_accounts_of_today_and_are_named(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A float that differs is not theirs to tell; what they took, and avoirs on taxed vouchers, are."""
    with monkeypatch.context() as before:
        before.setattr("boxoffice.sales.closings.closing.tell", as_before)
        made = three_days(festival)
    assert made[0].figures.accounting is None
    put(festival, "tickets", "706100")
    next_morning(festival)
    festival.sell(festival.product_line())
    close_everything(festival)
    written = written_entries(festival, tmp_path)
    assert written.by_today == tuple(each.last_day for each in made)
    assert by_today_words(written.by_today) == (
        "3 journées closes sans garder leurs comptes (du 21/01/2026 au 23/01/2026) :"
        " elles prennent ceux d'aujourd'hui."
    )
    assert by_today_words(written.by_today[:1]).startswith("1 journée close ")
    told = written_totals(festival, tmp_path)
    assert told.by_today == written.by_today
    lines = check(written.path.name, written.path.read_bytes())
    assert "706" not in balances(lines)
    assert "471" not in balances(lines)
    festival.stands()


def test_a_day_between_two_versions_stands(festival: Festival, monkeypatch: pytest.MonkeyPatch) -> None:
    """One till was closed before the program was replaced, the other and the day after it."""
    a_paper_is_uncertain(festival, 0)
    with monkeypatch.context() as before:
        before.setattr("boxoffice.sales.closings.closing.tell", as_before)
        assert close_one(festival, 0, 10_850).figures.uncertain == 1
    a_paper_is_uncertain(festival, 1)
    close_one(festival, 1, 5_850)
    day = close_box_office(festival)
    assert (day.figures.uncertain, day.figures.prints) == (2, None)
    next_morning(festival)
    a_paper_is_uncertain(festival, 0)
    day = close_everything(festival)
    assert day.figures.uncertain == 1
    assert [each.uncertain for each in day.figures.prints or ()] == [1, 0]
    festival.stands()


def test_the_entries_of_a_month_are_those_of_the_year(festival: Festival, tmp_path: Path) -> None:
    made = three_days(festival)
    year = entries(festival, tmp_path)
    later = entries(festival, tmp_path, made[0].last_day + timedelta(days=1))
    assert later == [line for line in year if line["EcritureNum"] in ("2", "3")]


def test_what_is_declared_of_a_day_is_the_turnover_of_its_z(festival: Festival, tmp_path: Path) -> None:
    made = three_days(festival)
    data, rows = declared(festival, tmp_path)
    assert [day["date"] for day in data["days"]] == [closing.last_day.isoformat() for closing in made]
    for day, closing in zip(data["days"], made, strict=True):
        assert sum(total["gross_cents"] for total in day["totals"]) == closing.period_cents
        for vat in closing.figures.vat:
            of_rate = [total for total in day["totals"] if total["vat_rate"] == vat.rate]
            assert sum(total["vat_cents"] for total in of_rate) == vat.vat_cents
            assert sum(total["net_cents"] for total in of_rate) == vat.net_cents
    assert sum(cents(row["montant TTC"]) for row in rows) == sum(closing.period_cents for closing in made)
    assert {(row["catégorie"], row["TVA"]) for row in rows} == {("TPS1", "5,50"), ("TLB1", "20,00")}


def test_days_that_are_not_closed_are_neither_entered_nor_declared(
    festival: Festival, tmp_path: Path
) -> None:
    festival.sell()
    with pytest.raises(Refusal, match="Aucune journée"):
        entries(festival, tmp_path / "exports")
    with pytest.raises(Refusal, match="Aucune journée"):
        declared(festival, tmp_path / "exports")
    assert not (tmp_path / "exports").exists()


def test_days_that_a_file_lacks_are_named(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    close_everything(festival)
    next_morning(festival)
    festival.sell(festival.product_line())
    tomorrow = date(2026, 1, 22)
    entered, told = written_entries(festival, tmp_path), written_totals(festival, tmp_path)
    assert (len(entered.entries), entered.not_closed, told.not_closed) == (1, (tomorrow,), (tomorrow,))
    before = written_entries(festival, tmp_path, last=tomorrow - timedelta(days=1))
    assert before.not_closed == ()


def test_what_is_owed_in_the_accounts_is_what_customers_may_still_spend(
    festival: Festival, tmp_path: Path
) -> None:
    last = three_days(festival)[-1]
    found = balances(entries(festival, tmp_path))
    owed = {
        (stored.kind, stored.rate): stored.outstanding
        for stored in last.figures.stored
        if stored.outstanding is not None
    }
    assert -found["4191"] == owed["gift_card", None] == 1_150
    assert -found["4198"] == owed["balance", None] == 850


def test_a_z_is_written_as_a_pdf_that_the_journal_tells_of(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    day = close_everything(festival)
    path = export_closing(
        festival.database,
        festival.posts[0],
        day.id,
        tmp_path,
        answered_by=festival.manager,
        clock=festival.clock,
    )
    assert path.name == "z-jour-1.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    assert [row.kind for row in festival.rows(JournalEntry)].count("figures.exported") == 1
    festival.stands()


@pytest.mark.parametrize(("evening", "seed"), [(date(2026, 3, 28), 1), (date(2026, 10, 24), 2)])
def test_nights_on_which_the_hour_changes_come_to_what_the_rows_say(
    festival: Festival, tmp_path: Path, evening: date, seed: int
) -> None:
    chance = random.Random(seed)
    close_everything(festival)
    at = paris_hour(evening, 19)
    for night in range(3):
        open_both(festival, at + timedelta(days=night))
        ends_at = paris_hour(evening + timedelta(days=night + 1), 4)
        for _sale in range(12):
            gap = (ends_at - festival.clock.now()) / 4
            festival.clock.at += timedelta(seconds=chance.randrange(int(gap.total_seconds())))
            sell_something(festival, chance)
        festival.clock.at = ends_at - timedelta(seconds=1)
        sell_something(festival, chance)
        close_everything(festival)
    books = RawRows(festival.database)
    wanted: dict[str, int] = defaultdict(int)
    for sale in books["sale"]:
        local = moment_of(sale["at"]).astimezone(PARIS)
        day = local.date() - timedelta(days=local.hour < 4)
        assert day == day_of(sale["business_day"])
        lines = [line for line in books["saleline"] if line["sale_id"] == sale["id"]]
        wanted[day.isoformat()] += sum(
            line["quantity"] * line["unit_price_cents"] for line in lines if line["kind"] != "voucher"
        )
    data, _rows = declared(festival, tmp_path)
    found = {
        day["date"]: sum(total["gross_cents"] for total in day["totals"])
        for day in data["days"]
        if day["totals"]
    }
    assert found == {day: total for day, total in wanted.items() if total}
    by_account = balances(entries(festival, tmp_path))
    assert by_account["530"] == in_the_drawers(festival)
    assert by_account.get("5115", 0) == sum(
        payment["amount_cents"] for payment in books["payment"] if payment["means"] == "card"
    )


def open_both(festival: Festival, at: datetime) -> None:
    """Open a shift at each till at that moment."""
    festival.clock.at = at - timedelta(days=1)
    next_morning(festival)


def paris_hour(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS).astimezone(UTC)


def sell_something(festival: Festival, chance: random.Random) -> None:
    """A product, a pass or a gift card, sold at either till and sometimes taken back."""
    desk = chance.choice(festival.desks)
    line = chance.choice(
        (
            festival.product_line(quantity=chance.randrange(1, 9)),
            festival.pass_line(),
            festival.gift_line(cents=chance.randrange(1_000, 9_000)),
        )
    )
    tenders: tuple[Tender, ...] = (Tender("card", line.price_cents * line.quantity, None, "77"),)
    sale = festival.sell(line, desk=desk, **({"tenders": tenders} if chance.random() < 0.5 else {}))
    if chance.random() < 0.2:
        festival.reverse(sale, desk=desk)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_entries_open_in_a_spreadsheet_and_come_to_what_the_zs_do(festival: Festival, tmp_path: Path) -> None:
    """Read as a tabbed text of Western Europe by what every Python has, which knows nothing of this file."""
    made = three_days(festival)
    path = written_entries(festival, tmp_path).path
    content = path.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r") > len(made)
    with path.open(encoding="iso8859-15", newline="") as file:
        rows = list(csv.DictReader(file, dialect="excel-tab"))
    assert all(None not in row and None not in row.values() for row in rows)
    assert all(re.fullmatch(r"\d+,\d\d", row[column]) for row in rows for column in ("Debit", "Credit"))

    def credited_to(*accounts: str) -> Decimal:
        amounts = (
            sign * Decimal(row[side].replace(",", "."))
            for row in rows
            if row["CompteNum"].startswith(accounts)
            for side, sign in (("Credit", 1), ("Debit", -1))
        )
        return sum(amounts, Decimal())

    vat = [rate for each in made for rate in each.figures.vat]
    assert len({rate.rate for rate in vat}) > 1
    assert credited_to("") == 0
    assert credited_to("70") * 100 == sum(rate.net_cents for rate in vat) != 0
    assert credited_to("4457") * 100 == sum(rate.vat_cents for rate in vat) != 0
