"""Places, prices and screenings, one row at a time, under the rules that an import follows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from boxoffice.kinds import JournalKind
from boxoffice.language import _, later
from boxoffice.sales.importing.choices import Choice, list_choices
from boxoffice.sales.importing.editing import (
    StandingRow,
    empty_row,
    find_row,
    key_fields,
    list_rows,
    write_row,
)
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.staff.operators import StaffMember

from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow
from .form import Typed
from .words import changed_words

if TYPE_CHECKING:
    from boxoffice.database import Session
    from boxoffice.house import House

TITLES: Mapping[Kind, str] = {
    Kind.VENUE: later("Lieux"),
    Kind.HALL: later("Salles"),
    Kind.EVENT: later("Manifestations"),
    Kind.PRICE_LIST: later("Grilles tarifaires"),
    Kind.TARIFF: later("Tarifs"),
    Kind.PRODUCT: later("Articles"),
    Kind.PASS: later("Pass et accréditations"),
    Kind.GIFT_CARD: later("Cartes cadeaux"),
    Kind.PLACE_CARD: later("Cartes de places"),
    Kind.SCREENING: later("Séances"),
}
ABOUT: Mapping[Kind, str] = {
    Kind.VENUE: later("nom, ville, régime de billetterie"),
    Kind.HALL: later("nom, nombre de places"),
    Kind.EVENT: later("titre, section, durée, âge"),
    Kind.PRICE_LIST: later("nom, supplément"),
    Kind.TARIFF: later("prix, TVA, conditions, en vente"),
    Kind.PRODUCT: later("prix, TVA, en vente"),
    Kind.PASS: later("prix, places, validité, en vente"),
    Kind.GIFT_CARD: later("prix, usage, validité, en vente"),
    Kind.PLACE_CARD: later("places, prix, jours, en vente"),
    Kind.SCREENING: later("jauge, contingents, grille"),
}
LONGEST_CELL = 200
PRICES = ("price_cents",)
"""The cells in which a slip of a finger would give the festival away."""


class ProgrammeSection(Section):
    """The rows of one kind of the programme."""

    ADDS = RETIRES = True
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (
        JournalKind.PROGRAMME_CHANGED,
        JournalKind.SCREENING_MOVED,
        JournalKind.SCREENING_CANCELLED,
    )

    def __init__(self, house: "House", manager: StaffMember, kind: Kind) -> None:
        super().__init__(house, manager)
        self._kind = kind
        self._choices: dict[str, tuple[Choice, ...]] = {}

    @property
    def title(self) -> str:
        return TITLES[self._kind]

    @property
    def about(self) -> str:
        return ABOUT[self._kind]

    def read(self, session: "Session") -> Sequence[SettingRow]:
        self._choices = list_choices(session, self._kind)
        return [
            SettingRow(
                (self._kind.value, *row.key),
                row,
                row.about,
                " ".join(row.key),
                " · ".join(self._told(row)),
                retired=not row.in_use,
            )
            for row in list_rows(session, self._kind)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        standing: StandingRow = row.what
        keys = key_fields(self._kind)
        fixed = {cell.field: cell.text for cell in standing.cells if cell.field in keys}
        self._ask(listed, row.label, standing, fixed)

    def add(self, listed: SectionDialog) -> None:
        self._ask(
            listed, _("{what} : une ligne de plus").format(what=_(self.title)), empty_row(self._kind), {}
        )

    def _ask(
        self, listed: SectionDialog, title: str, standing: StandingRow, fixed: Mapping[str, str]
    ) -> None:
        lines = [
            Line(
                cell.field,
                cell.label,
                text=cell.text,
                longest=LONGEST_CELL,
                placeholder=_("à remplir") if cell.required else "",
                choices=self._choices.get(cell.field, ()),
            )
            for cell in standing.cells
            if cell.field not in fixed
        ]

        def put(session: "Session", typed: Typed) -> str:
            texts = {**fixed, **typed.texts}
            seen = {**fixed, **typed.seen} if fixed else None
            write_row(session, self._kind, texts, self.house.post, seen=seen, new=not fixed, **self.by)
            if not fixed:
                return _("C'est ajouté.")
            return self._changed_words(typed, find_row(session, self._kind, standing.key) or standing)

        prices = PRICES if fixed else ()
        self.form(listed, title, lines, put, prices=prices)

    def _changed_words(self, typed: Typed, after: StandingRow) -> str:
        """What was changed of a row, from what to what it is now: not always written as it was typed.

        Several may be called alike: its codes stand beside its name.
        """
        return changed_words(
            f"{typed.title} ({' '.join(after.key)})",
            (
                (
                    cell.label,
                    self._meant(cell.field, typed.seen[cell.field]),
                    self._meant(cell.field, cell.text),
                )
                for cell in after.cells
                if cell.field in typed.texts
            ),
        )

    def _meant(self, field: str, text: str) -> str:
        """What stands in a cell, in words where it is the code of something else."""
        return dict(self._choices.get(field, ())).get(text) or text

    def _told(self, row: StandingRow) -> list[str]:
        """What a row says, in words: what codes stand for, wherever they stand for something else."""
        return [f"{cell.label} {self._meant(cell.field, cell.text)}" for cell in row.cells if cell.text]
