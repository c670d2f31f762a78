"""Tables in files: each kind of cell as a spreadsheet expects it, and no formula from anybody's hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from boxoffice.errors import Refusal
from boxoffice.sales.exports import xlsx_file
from boxoffice.sales.exports.csv_file import decimal, harmless, write_csv
from boxoffice.sales.exports.sheets import TOLD_EVERY, Column, Kind, Row, Sheet
from boxoffice.sales.exports.xlsx_file import write_xlsx
from tests.sales.spreadsheets import csv_rows, formulas, workbook

AT = datetime(2026, 1, 21, 11, 0, 30, tzinfo=UTC)
COLUMNS = (
    Column("texte"),
    Column("nombre", Kind.COUNT),
    Column("montant", Kind.CENTS),
    Column("taux", Kind.RATE),
    Column("jour", Kind.DAY),
    Column("moment", Kind.MOMENT),
)
ROW: Row = ("Œuvre; « été »", 3, -123_456, 550, date(2026, 1, 21), AT)
EMPTY: Row = (None,) * len(COLUMNS)


def sheet(*rows: Row, name: str = "Essai") -> Sheet:
    return Sheet(name, COLUMNS, rows)


def test_a_csv_is_as_a_french_spreadsheet_writes_it(tmp_path: Path) -> None:
    path = write_csv(sheet(ROW, EMPTY), tmp_path / "essai.csv")
    assert path.read_bytes() == (
        b"\xef\xbb\xbf"
        + (
            "texte;nombre;montant;taux;jour;moment\r\n"
            '"Œuvre; « été »";3;-1234,56;5,50;21/01/2026;21/01/2026 12:00:30\r\n'
            ";;;;;\r\n"
        ).encode()
    )


def test_a_workbook_holds_numbers_that_can_be_summed(tmp_path: Path) -> None:
    path = write_xlsx([sheet(ROW, EMPTY), sheet(ROW, name="Autre")], tmp_path / "essai.xlsx", made_at=AT)
    pages = workbook(path)
    assert list(pages) == ["Essai", "Autre"]
    heading, row = pages["Essai"][:2]
    assert heading == [column.name for column in COLUMNS]
    assert row[:5] == ["Œuvre; « été »", 3.0, -1234.56, 0.055, 46043.0]
    assert row[5] == pytest.approx(46043 + (12 * 3600 + 30) / 86_400)


@pytest.mark.parametrize("text", ["=1+1", "+33 6", "-2", "@SUM(A1)", "\t=1"])
def test_no_text_becomes_a_formula(text: str, tmp_path: Path) -> None:
    row: Row = (text, None, None, None, None, None)
    (found,) = csv_rows(write_csv(sheet(row), tmp_path / "essai.csv"))
    assert found["texte"] == f"'{text}" == harmless(text)
    path = write_xlsx([sheet(row)], tmp_path / "essai.xlsx", made_at=AT)
    assert formulas(path) == []
    assert str(workbook(path)["Essai"][1][0]).strip() == text.strip()


def test_a_negative_amount_is_no_formula_and_stays_a_number() -> None:
    assert [decimal(cents) for cents in (-5, -100, 0, 7, 123_456)] == [
        "-0,05",
        "-1,00",
        "0,00",
        "0,07",
        "1234,56",
    ]


def test_a_table_longer_than_a_sheet_is_refused_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 1)
    with pytest.raises(Refusal, match="plus de lignes"):
        write_xlsx([sheet(ROW, ROW)], tmp_path / "essai.xlsx", made_at=AT)
    assert list(tmp_path.iterdir()) == []


def test_rows_are_written_as_they_are_read_and_progress_is_told(tmp_path: Path) -> None:
    """Nothing is kept: when the writer is told of some rows, no more than those were read."""
    read = 0
    seen: list[tuple[int, int]] = []

    def rows() -> Iterator[Row]:
        nonlocal read
        for _row in range(2 * TOLD_EVERY + 3):
            read += 1
            yield ROW

    def progress(count: int) -> None:
        seen.append((count, read))

    write_csv(Sheet("Essai", COLUMNS, rows()), tmp_path / "essai.csv", progress=progress)
    assert seen == [(TOLD_EVERY, TOLD_EVERY), (TOLD_EVERY, 2 * TOLD_EVERY), (3, 2 * TOLD_EVERY + 3)]
