"""Exports as files: every operation is in them once, as the books have it, for whoever may see it."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.exporting.tables import FileKind, export_customers
from boxoffice.models import JournalEntry
from boxoffice.sales.exports.customer_list import CUSTOMER_LISTS
from boxoffice.sales.exports.operations import Scope
from boxoffice.sales.people.customer_details import CustomerDetails
from tests.sales.conftest import Festival
from tests.sales.credit_life import customer
from tests.sales.exported import THE_YEAR, written_operations
from tests.sales.raw_rows import RawRows, day_of
from tests.sales.spreadsheets import cents, csv_rows, formulas, workbook

TODAY = date(2026, 1, 21)


def export(
    festival: Festival, folder: Path, scope: Scope = THE_YEAR, kind: FileKind = FileKind.CSV
) -> tuple[Path, ...]:
    return written_operations(festival, folder, scope, kind).paths


def export_everybody(festival: Festival, folder: Path, kind: FileKind = FileKind.CSV) -> Path:
    return export_customers(
        festival.database, festival.posts[0], folder, kind, manager=festival.manager, clock=festival.clock
    )


@pytest.mark.usefixtures("full_books")
def test_every_line_and_payment_is_exported_once_and_days_sum_to_them(
    festival: Festival, tmp_path: Path
) -> None:
    lines, payments, days = map(csv_rows, export(festival, tmp_path))
    books = RawRows(festival.database)
    assert len(lines) == len(books["saleline"])
    assert sum(cents(row["montant"]) for row in lines) == sum(row["total_cents"] for row in books["sale"])
    assert sum(cents(row["montant"]) for row in payments) == sum(
        row["amount_cents"] for row in books["payment"]
    )
    gross: dict[tuple[str, str], int] = defaultdict(int)
    for row in lines:
        if row["sorte"] != "bon à valoir":
            gross[row["journée"], row["TVA"]] += cents(row["montant"])
    for row in payments:
        if row["TVA déjà comptée"]:
            gross[row["journée"], row["TVA déjà comptée"]] -= cents(row["montant"])
    assert {(row["journée"], row["TVA"]): cents(row["TTC"]) for row in days} == gross
    assert all(cents(row["HT"]) + cents(row["montant de TVA"]) == cents(row["TTC"]) for row in days)


@pytest.mark.usefixtures("full_books")
def test_the_workbook_holds_the_same_as_numbers(festival: Festival, tmp_path: Path) -> None:
    (path,) = export(festival, tmp_path, kind=FileKind.XLSX)
    sheets = workbook(path)
    assert list(sheets) == ["Lignes", "Règlements", "TVA par jour"]
    heading, *rows = sheets["Lignes"]
    plain = csv_rows(export(festival, tmp_path)[0])
    place = heading.index("montant")
    assert [row[place] for row in rows] == [cents(row["montant"]) / 100 for row in plain]
    day = heading.index("journée")
    assert {row[day] for row in rows} <= {46043.0, 46044.0}  # 21 and 22 January 2026, as spreadsheets count
    rate = heading.index("TVA")
    assert {row[rate] for row in rows} >= {0.055, 0.2}


def test_a_day_a_cashier_and_a_screening_are_exported_alone(festival: Festival, tmp_path: Path) -> None:
    of_yesterday = replace(festival.desk.post.rules, business_day_starts=time(23))
    late = replace(festival.desk, post=replace(festival.desk.post, rules=of_yesterday))
    festival.sell(festival.seat_line("KNEECAP2"), desk=late)
    festival.sell(festival.seat_line(), festival.product_line())
    festival.sell(festival.seat_line("ETERNAL"), desk=festival.desks[1])
    days = {row["business_day"] for row in RawRows(festival.database)["sale"]}
    assert {day_of(day) for day in days} == {TODAY, TODAY - timedelta(days=1)}
    today = csv_rows(export(festival, tmp_path, Scope(TODAY, TODAY))[0])
    assert [row["séance"] for row in today] == ["KNEECAP", "", "ETERNAL"]
    assert {row["journée"] for row in today} == {"21/01/2026"}
    number = festival.desks[1].operator_number
    theirs = csv_rows(export(festival, tmp_path, Scope(operator=number))[0])
    assert [(row["séance"], row["opérateur"]) for row in theirs] == [("ETERNAL", "Chloé M.")]
    (seats,) = export(festival, tmp_path, Scope(screening="KNEECAP2"))
    assert [row["billet"] for row in csv_rows(seats)] == ["1-000001"]


def test_what_a_reversal_undoes_is_named(festival: Festival, tmp_path: Path) -> None:
    sale = festival.sell(festival.seat_line())
    festival.reverse(sale, reason="Erreur")
    _sold, undone = csv_rows(export(festival, tmp_path)[0])
    assert (undone["nature"], undone["quantité"], undone["montant"]) == ("annulation", "-1", "-8,50")
    assert (undone["annule"], undone["billet"], undone["motif"]) == (sale.operation, "1-000001", "Erreur")


def test_files_are_for_their_owner_alone_and_the_journal_tells_of_them(
    festival: Festival, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    paths = [*export(festival, folder), *export(festival, folder, kind=FileKind.XLSX)]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(folder.iterdir()) == sorted(paths)
    told = [row.kind for row in festival.rows(JournalEntry)]
    assert told.count("figures.exported") == 2
    festival.stands()


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        (Scope(date(2026, 1, 2), date(2026, 1, 1)), "avant le premier"),
        (Scope(operator=77), "n° 77"),
        (Scope(screening="RIEN"), "RIEN"),
    ],
)
def test_what_there_is_not_is_not_exported(
    festival: Festival, tmp_path: Path, scope: Scope, why: str
) -> None:
    with pytest.raises(Refusal, match=why):
        export(festival, tmp_path, scope)
    assert [row.kind for row in festival.rows(JournalEntry)].count("figures.exported") == 0


def test_customers_are_exported_for_a_manager_who_is_told_of(festival: Festival, tmp_path: Path) -> None:
    customer(festival)
    customer(festival, CustomerDetails("=1+1", "Éric", email="eric@example.fr"))
    path = export_everybody(festival, tmp_path)
    assert path.match(CUSTOMER_LISTS)
    rows = csv_rows(path)
    assert [(row["nom"], row["prénom"]) for row in rows] == [("'=1+1", "Éric"), ("Dupont", "Léa")]
    book = export_everybody(festival, tmp_path, FileKind.XLSX)
    assert workbook(book)["Clients"][1][0] == "=1+1"
    assert formulas(book) == []
    told = [row for row in festival.rows(JournalEntry) if row.kind == "customer.listed"]
    assert len(told) == 2
    assert '"exported":2' in told[0].content


def test_a_cashier_exports_no_customer(festival: Festival, tmp_path: Path) -> None:
    with pytest.raises(ManagerNeeded):
        export_customers(
            festival.database,
            festival.posts[0],
            tmp_path,
            FileKind.CSV,
            manager=festival.cashier,
            clock=festival.clock,
        )
    assert list(tmp_path.glob(CUSTOMER_LISTS)) == []
