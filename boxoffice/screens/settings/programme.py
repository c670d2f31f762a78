"""Places, prices and screenings, one row at a time, under the rules that an import follows."""

from collections.abc import Mapping, Sequence
from typing import Any

from boxoffice.language import _, later
from boxoffice.sales.importing.editing import StandingRow, empty_row, key_fields, list_rows, write_row
from boxoffice.sales.importing.layouts import Kind

from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow

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


class ProgrammeSection(Section):
    """The rows of one kind of the programme."""

    ADDS = True

    def __init__(self, house: Any, manager: Any, kind: Kind) -> None:
        super().__init__(house, manager)
        self._kind = kind

    @property
    def title(self) -> str:
        return TITLES[self._kind]

    @property
    def about(self) -> str:
        return ABOUT[self._kind]

    def read(self, session: Any) -> Sequence[SettingRow]:
        return [
            SettingRow(row, row.about, " ".join(row.key), " · ".join(_told(row)))
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
            )
            for cell in standing.cells
            if cell.field not in fixed
        ]

        def put(session: Any, texts: Mapping[str, str]) -> str:
            write_row(session, self._kind, {**fixed, **texts}, self.house.post, **self.by)
            return _("C'est changé : les ventes à venir le suivent.")

        self.form(listed, title, lines, put)


def _told(row: StandingRow) -> list[str]:
    return [f"{cell.label} {cell.text}" for cell in row.cells if cell.text]
