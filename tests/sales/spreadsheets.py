"""Spreadsheets as another program reads them: nothing of the program that wrote them is used."""

import csv
import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def csv_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by the names of its columns; its encoding must say what it is."""
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def cents(text: str) -> int:
    """An amount with a decimal comma."""
    euros, _, rest = text.partition(",")
    assert len(rest) == 2, text
    return int(euros + rest)


def workbook(path: Path) -> dict[str, list[list[str | float | None]]]:
    """The cells of each sheet by its name: numbers as numbers, texts as texts."""
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        names = [sheet.attrib["name"] for sheet in book.iterfind(".//x:sheet", _NS)]
        return {
            name: _rows(archive.read(f"xl/worksheets/sheet{place}.xml"))
            for place, name in enumerate(names, start=1)
        }


def formulas(path: Path) -> list[str]:
    """Every formula of every sheet."""
    with zipfile.ZipFile(path) as archive:
        pages = [archive.read(name) for name in archive.namelist() if "/worksheets/" in name]
    return [
        each.text or "" for page in pages for each in ElementTree.fromstring(page).iterfind(".//x:f", _NS)
    ]


def _rows(content: bytes) -> list[list[str | float | None]]:
    found = []
    for row in ElementTree.fromstring(content).iterfind(".//x:row", _NS):
        cells: list[str | float | None] = []
        for cell in row.iterfind("x:c", _NS):
            place = _place(cell.attrib["r"])
            cells += [None] * (place - len(cells))
            cells.append(_value(cell))
        found.append(cells)
    return found


def _value(cell: ElementTree.Element) -> str | float | None:
    text = "".join(part.text or "" for part in cell.iterfind(".//x:t", _NS))
    number = cell.find("x:v", _NS)
    if cell.attrib.get("t") == "inlineStr":
        return text
    return float(number.text) if number is not None and number.text else None


def _place(reference: str) -> int:
    letters = "".join(letter for letter in reference if letter.isalpha())
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
