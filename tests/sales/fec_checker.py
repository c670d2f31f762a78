"""The rules of a FEC (LPF art. A47 A-1), one by one, on the bytes of a file: for whoever receives it."""

import re
from collections import defaultdict
from datetime import date

COLUMNS = [
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
]
FILLED = {
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "ValidDate",
}
_NAME = re.compile(r"\d{9}FEC\d{8}\.txt")
_AMOUNT = re.compile(r"\d+,\d\d")

Line = dict[str, str]


def check(name: str, content: bytes, separator: str = "\t") -> list[Line]:
    """The lines of a file that keeps every rule. Raises AssertionError at the first that does not."""
    lines = _read(name, content, separator)
    for line in lines:
        _check_fields(line)
    _check_numbers(lines)
    _check_entries(lines)
    return lines


def cents(amount: str) -> int:
    return int(amount.replace(",", ""))


def balances(lines: list[Line]) -> dict[str, int]:
    """Debits less credits of each account, in cents."""
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        totals[line["CompteNum"]] += cents(line["Debit"]) - cents(line["Credit"])
    return {account: total for account, total in totals.items() if total}


def _read(name: str, content: bytes, separator: str) -> list[Line]:
    assert _NAME.fullmatch(name), name
    _day(name[12:20])
    text = content.decode("iso8859-15")
    assert text.endswith("\r\n")
    heading, *rows = text[:-2].split("\r\n")
    assert heading.split(separator) == COLUMNS
    found = []
    for row in rows:
        fields = row.split(separator)
        assert len(fields) == len(COLUMNS), row
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", row), row
        found.append(dict(zip(COLUMNS, fields, strict=True)))
    return found


def _check_fields(line: Line) -> None:
    for column in FILLED:
        assert line[column].strip(), (column, line)
    for column in ("EcritureDate", "PieceDate", "ValidDate"):
        _day(line[column])
    assert re.match(r"\d{3}", line["CompteNum"]), line
    for column in ("Debit", "Credit"):
        assert _AMOUNT.fullmatch(line[column]), line
    assert (cents(line["Debit"]) == 0) != (cents(line["Credit"]) == 0), line
    assert (line["Montantdevise"] == "") == (line["Idevise"] == "")
    assert (line["EcritureLet"] == "") == (line["DateLet"] == "")


def _check_numbers(lines: list[Line]) -> None:
    """Without a gap, every entry in one piece, in the order of their days."""
    numbers = [int(line["EcritureNum"]) for line in lines]
    in_order = list(dict.fromkeys(numbers))
    assert in_order == list(range(in_order[0], in_order[0] + len(in_order)))
    assert numbers == sorted(numbers)
    days = [line["EcritureDate"] for line in lines]
    assert days == sorted(days)


def _check_entries(lines: list[Line]) -> None:
    """Balanced, and of one day, journal and voucher."""
    entries: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        entries[line["EcritureNum"]].append(line)
    for number, entry in entries.items():
        assert sum(cents(line["Debit"]) - cents(line["Credit"]) for line in entry) == 0, number
        for column in ("JournalCode", "EcritureDate", "PieceRef", "PieceDate", "ValidDate"):
            assert len({line[column] for line in entry}) == 1, (number, column)


def _day(text: str) -> date:
    assert re.fullmatch(r"\d{8}", text), text
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
