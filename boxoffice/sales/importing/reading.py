"""From bytes to rows: encodings, separators and the habits of spreadsheets; every fault gathered."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.wording import is_one_line, one_line, unformatted

from .layouts import LAYOUTS, Column, Key, Kind, Layout, same

SEPARATORS = ";,\t"
_LINE_ENDS = re.compile(r"[\t\r\n]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A programme file as it was found: a name for people, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `line` counts from 1 and is 0 when the whole file is meant."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = [self.file]
        if self.line:
            place.append(_("ligne {line}").format(line=self.line))
        if self.column:
            place.append(_("colonne « {column} »").format(column=self.column))
        return _("{place} : {message}.").format(place=", ".join(place), message=self.message)


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose every cell could be read. `values` holds the columns that its file has, by field."""

    file: str
    line: int
    layout: Layout
    values: Mapping[str, Any]

    @property
    def key(self) -> Key:
        return tuple(self.values[name] for name in self.layout.key)

    def fault(self, field_name: str, message: str) -> Fault:
        return Fault(self.file, self.line, self.layout.column(field_name).name, message)


@dataclass(slots=True)
class Sheets:
    """Everything the files say. `misread` holds the keys of rows left out because of a fault of their own."""

    rows: dict[Kind, list[Row]] = field(default_factory=dict)
    misread: dict[Kind, set[Key]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def of(self, kind: Kind) -> list[Row]:
        return self.rows.get(kind, [])

    def files(self, kind: Kind) -> str:
        return ", ".join(dict.fromkeys(row.file for row in self.of(kind)))


def read_folder(path: Path) -> tuple[Source, ...]:
    """The programme file at `path`, or every CSV file of the folder at `path`."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise Refusal(_("Le dossier {path} ne contient aucun fichier CSV.").format(path=path))
    try:
        return tuple(Source(file.name, file.read_bytes()) for file in files)
    except OSError as error:
        raise Refusal(
            _("Le fichier {file} ne peut pas être lu.").format(file=error.filename),
            _("Vérifiez son nom et vos droits sur lui."),
        ) from error


def read_sheets(sources: Iterable[Source], layouts: Sequence[Layout] = LAYOUTS) -> Sheets:
    """Read every file as one of `layouts`; what cannot be read is told in `faults` and left out."""
    sheets = Sheets()
    for source in sources:
        _read_source(source, sheets, layouts)
    return sheets


def _read_source(source: Source, sheets: Sheets, layouts: Sequence[Layout]) -> None:
    """Take in a file, or tell what is wrong with it."""

    def fault(line: int, column: str, message: str) -> None:
        sheets.faults.append(Fault(source.name, line, column, message))

    text = _decode(source.content)
    if text is None:
        fault(0, "", _("le texte n'est écrit ni en UTF-8 ni en Windows-1252"))
        return
    try:
        lines = _records(text)
    except csv.Error as error:
        fault(0, "", _("ce n'est pas un fichier CSV ({error})").format(error=error))
        return
    if not lines:
        fault(0, "", _("le fichier est vide"))
        return
    header_line, header = lines[0]
    while not header[-1]:
        header.pop()
    layout = _recognise(header, layouts)
    if layout is None:
        expected = ", ".join(layout.columns[0].name for layout in reversed(layouts))
        told = _("aucune colonne n'annonce ce que le fichier décrit ({columns})")
        fault(header_line, "", told.format(columns=expected))
        return
    columns, misnamed = _read_header(header, layout)
    for name, reason in misnamed:
        fault(header_line, name, reason)
    missing = [column.name for column in layout.columns if column.required and column not in columns]
    for name in missing:
        fault(header_line, name, _("cette colonne manque"))
    if not missing:
        _read_rows(source.name, lines[1:], sheets, layout, columns)


def _read_header(header: Sequence[str], layout: Layout) -> tuple[list[Column | None], list[tuple[str, str]]]:
    """The column of each name, None for none, and what is wrong with which names."""
    columns: list[Column | None] = []
    misnamed: list[tuple[str, str]] = []
    by_name = {same(column.name): column for column in layout.columns}
    names = frozenset(by_name)
    for name in header:
        column = by_name.pop(same(name), None)
        columns.append(column)
        if column is None and name:
            twice = same(name) in names
            reason = _("cette colonne est là deux fois") if twice else _("cette colonne est inconnue")
            misnamed.append((one_line(name), reason))
    return columns, misnamed


def _read_rows(
    file: str,
    lines: Sequence[tuple[int, list[str]]],
    sheets: Sheets,
    layout: Layout,
    columns: list[Column | None],
) -> None:
    """Take in the lines below a header, or tell which cannot be read, and which are there already."""
    rows = sheets.rows.setdefault(layout.kind, [])
    seen = {row.key: row for row in sheets.of(layout.kind)}
    for line, cells in lines:
        row, faults = _read_row(file, line, layout, columns, cells)
        sheets.faults += faults
        if row is None:
            continue
        if faults:
            if all(name in row.values for name in layout.key):
                sheets.misread.setdefault(layout.kind, set()).add(row.key)
            continue
        if row.key in seen:
            there = seen[row.key]
            message = _("« {code} » est déjà dans {file}, ligne {line}").format(
                code=" ".join(row.key), file=there.file, line=there.line
            )
            sheets.faults.append(row.fault(layout.columns[0].field, message))
            continue
        seen[row.key] = row
        rows.append(row)


def _read_row(
    file: str, line: int, layout: Layout, columns: list[Column | None], cells: list[str]
) -> tuple[Row | None, list[Fault]]:
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for cell in cells[len(columns) :]:
        if cell:
            message = _("« {text} » est en dehors des colonnes").format(text=one_line(cell))
            return None, [Fault(file, line, "", message)]
    for column, cell in zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=False):
        if column is None:
            continue
        cell = unformatted(cell)
        if not cell and column.required:
            faults.append(Fault(file, line, column.name, _("cette case est vide")))
        elif not cell:
            values[column.field] = column.empty
        elif not is_one_line(cell):
            faults.append(Fault(file, line, column.name, _("un caractère de commande s'y cache")))
        else:
            try:
                values[column.field] = column.read(cell)
            except ValueError as error:
                faults.append(Fault(file, line, column.name, str(error)))
    return Row(file, line, layout, values), faults


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else unicodedata.normalize("NFC", text)
    return None


def _records(text: str) -> list[tuple[int, list[str]]]:
    """The records that are not blank, each with the line it starts on; each cell on one line."""
    first = next((line for line in text.splitlines() if line.strip(" \t;,")), "")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    records = []
    before = 0
    for record in reader:
        cells = [_LINE_ENDS.sub(" ", cell).strip() for cell in record]
        if any(cells):
            records.append((before + 1, cells))
        before = reader.line_num
    return records


def _recognise(header: list[str], layouts: Sequence[Layout]) -> Layout | None:
    names = {same(name) for name in header}
    return next((layout for layout in layouts if layout.named_by in names), None)
