"""The presentation of the program as pages: the same lines in plain text and as a PDF."""

import re
from collections.abc import Iterator
from textwrap import wrap

from boxoffice.sales.declaration import Declaration, Section

from .document import Align, Document, Element, Feed, Rule, Text
from .pdf import COLUMNS, document_pdf

NAMES = 30
"""The columns that names take on the left of their values."""


def declaration_pdf(declaration: Declaration) -> bytes:
    """The pages as a PDF."""
    return document_pdf(declaration_document(declaration), declaration.title, declaration.at)


def declaration_text(declaration: Declaration) -> str:
    """The same lines as plain text."""
    lines = []
    for element in declaration_document(declaration):
        match element:
            case Text():
                lines.append(
                    element.text.center(COLUMNS).rstrip() if element.align is Align.CENTRE else element.text
                )
            case Rule():
                lines.append(element.character * COLUMNS)
            case Feed():
                lines.extend([""] * element.lines)
    return "\n".join(lines) + "\n"


def declaration_document(declaration: Declaration) -> Document:
    """The elements of the pages, made for `COLUMNS`."""
    elements: list[Element] = [Text(declaration.title.upper(), Align.CENTRE, bold=True)]
    if declaration.specimen:
        elements.append(Text(declaration.specimen, Align.CENTRE, bold=True))
    for section in declaration.sections:
        elements += [Feed(), Rule(), *_section(section)]
    return tuple(elements)


def _section(section: Section) -> Iterator[Element]:
    yield Text(section.title, bold=True)
    for name, value in section.pairs:
        first, *rest = wrap(_kept_together(value), COLUMNS - NAMES, break_on_hyphens=False) or [""]
        yield Text(f"{name[: NAMES - 1]:<{NAMES}}{first}")
        for line in rest:
            yield Text(" " * NAMES + line)
    for paragraph in section.paragraphs:
        for line in wrap(
            _kept_together(f"– {paragraph}"), COLUMNS, subsequent_indent="  ", break_on_hyphens=False
        ):
            yield Text(line)


def _kept_together(text: str) -> str:
    """A text whose high punctuation stays in the line of its word."""
    return re.sub(r" (?=[:;?!»])|(?<=[«–]) ", "\u00a0", text)
