"""The door of the settings: whoever may change them, or has a manager type their PIN, chooses a section."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.kinds import Action, VatStatus
from boxoffice.language import _
from boxoffice.sales.importing.editing import EDITABLE
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.establishment import Identity, change_identity, read_identity
from boxoffice.sales.staff.operators import StaffMember

from .. import errands
from ..choosing import Choose, Thing
from ..dialogs import RefusalDialog
from ..permitting import once_allowed
from ..short_form import Line
from .editing import Section, SettingForm, read_yes, show_section, yes
from .equipment import PrintersSection, TillsSection
from .programme import ProgrammeSection
from .rules import AccountsSection, PermissionsSection, RulesSection
from .staff import StaffSection

if TYPE_CHECKING:
    from boxoffice.house import House


def open_settings(screen: Screen[Any], house: "House", desk: Desk) -> None:
    """Open the settings for who is at the desk, or for the manager who types their PIN."""

    once_allowed(
        screen, house, desk, Action.CHANGE_SETTINGS, lambda member: Settings(screen, house, member).show()
    )


class Settings:
    """The sections, one after the other, until Escape."""

    def __init__(self, screen: Screen[Any], house: "House", manager: StaffMember) -> None:
        self._screen, self._house, self._manager = screen, house, manager
        plain: tuple[type[Section], ...] = (
            RulesSection,
            PermissionsSection,
            StaffSection,
            PrintersSection,
            TillsSection,
            AccountsSection,
        )
        self._sections: list[Section] = [each(house, manager) for each in plain]
        self._sections += [ProgrammeSection(house, manager, kind) for kind in EDITABLE]

    def show(self) -> None:
        """Ask for a section."""
        things = [Thing(_("Festival"), _("nom, adresse, SIRET, TVA"))]
        things += [Thing(_(section.title), _(section.about)) for section in self._sections]

        def chosen(place: int | None) -> None:
            if place is None:
                return
            if place == 0:
                self._ask_identity()
            else:
                show_section(self._screen, self._sections[place - 1], self.show)

        self._screen.app.push_screen(Choose(_("Réglages"), things), chosen)

    def _ask_identity(self) -> None:
        house, manager = self._house, self._manager

        def read() -> Identity:
            with house.database.read() as session:
                return read_identity(session)

        def put(session: Any, texts: Any) -> str:
            wanted = Identity(
                texts["festival"],
                texts["operator_name"],
                texts["address"],
                texts["postcode"],
                texts["town"],
                texts["siret"],
                VatStatus.LIABLE if read_yes(texts["liable"]) else VatStatus.EXEMPT,
                texts["vat_number"],
            )
            change_identity(session, house.post, wanted, clock=house.clock, manager=manager)
            return _("Les papiers à venir le disent ; chaque caisse signe ainsi à sa prochaine ouverture.")

        def ask(stands: Identity) -> None:
            lines = [
                Line("festival", _("Festival"), text=stands.festival),
                Line("operator_name", _("Exploitant"), text=stands.operator_name),
                Line("address", _("Adresse"), text=stands.address),
                Line("postcode", _("Code postal"), text=stands.postcode, longest=7),
                Line("town", _("Ville"), text=stands.town),
                Line("siret", _("SIRET"), text=stands.siret, longest=20),
                Line(
                    "liable", _("Facture la TVA"), text=yes(stands.vat_status is VatStatus.LIABLE), longest=3
                ),
                Line("vat_number", _("N° de TVA"), text=stands.vat_number, longest=20),
            ]
            form = SettingForm(house, _("Réglages · Festival"), lines, put)
            self._screen.app.push_screen(form, done)

        def done(said: str | None) -> None:
            if said:
                self._screen.app.notify(said, markup=False)
            self.show()

        def refused(refusal: Any) -> None:
            self._screen.app.push_screen(RefusalDialog(refusal))

        errands.send(self._screen, read, ask, refused)
