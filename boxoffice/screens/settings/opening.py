"""The door of the settings: whoever may change them, or has a manager type their PIN, chooses a section."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, VatStatus
from boxoffice.language import _
from boxoffice.sales.importing.editing import EDITABLE
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.establishment import (
    LABELS,
    Identity,
    change_identity,
    read_identity,
    written,
)
from boxoffice.sales.staff.last_changes import FESTIVAL, LastChange, last_changes
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import MEANINGS
from boxoffice.sales.wording import read_yes

from .. import errands
from ..choosing import Choose, Thing
from ..dialogs import RefusalDialog
from ..manager_pin import Authorization
from ..permitting import Act, LeftTo, ask_leave, once_allowed
from ..short_form import Line
from .editing import Section, show_section, titled
from .equipment import PrintersSection
from .form import SettingForm, Typed
from .programme import ProgrammeSection
from .rules import AccountsSection, PermissionsSection, RulesSection
from .staff import StaffSection
from .tills import TillsSection
from .words import changed_words, last_change_words

if TYPE_CHECKING:
    from boxoffice.database import Session
    from boxoffice.house import House

LONGEST: Mapping[str, int] = dict.fromkeys(LABELS, 120) | {
    "postcode": 7,
    "siret": 20,
    "vat_status": 3,
    "vat_number": 20,
}
"""How much may be typed in each line of who sells."""


def open_settings(screen: Screen[Any], house: "House", desk: Desk) -> None:
    """Open the settings for who is at the desk, or for the manager who types their PIN."""

    once_allowed(
        screen,
        house,
        desk,
        Action.CHANGE_SETTINGS,
        lambda member: Settings(screen, house, desk, member).show(),
    )


class Settings:
    """The sections, one after the other, until Escape."""

    def __init__(self, screen: Screen[Any], house: "House", desk: Desk, manager: StaffMember) -> None:
        self._screen, self._house, self._desk, self._manager = screen, house, desk, manager
        self._stood_on = 0
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
            self._stood_on = place
            if place == 0:
                self._ask_identity()
            else:
                self._open(self._sections[place - 1])

        title = titled(_("Réglages"), self._lent_by(self._manager))
        self._screen.app.push_screen(Choose(title, things, at=self._stood_on), chosen)

    def _lent_by(self, member: StaffMember) -> str:
        """The name of who answers for what is changed, where somebody else is logged in."""
        return "" if member.id == self._desk.operator_id else member.name

    def _open(self, section: Section) -> None:
        """Open a section for who may change what is in it, or for a manager who types their PIN."""

        def allowed(leave: Authorization) -> None:
            section.manager, section.lent_by = leave.manager, self._lent_by(leave.manager)
            show_section(self._screen, section, self.show)

        def refused(refusal: Refusal) -> None:
            self._screen.app.push_screen(RefusalDialog(refusal))

        needed = Refusal(_("Il faut un responsable pour {what}.").format(what=_(MEANINGS[section.ACTION])))
        about = _("Réglages · {section}").format(section=_(section.title))
        act = Act(section.ACTION, about, left_to=LeftTo(self._manager, section.ACTION))
        ask_leave(self._screen, self._house, act, needed, allowed, refused, self.show)

    def _ask_identity(self) -> None:
        house, manager = self._house, self._manager

        def read() -> tuple[Identity, LastChange | None]:
            with house.database.read() as session:
                changes = last_changes(session, (JournalKind.ESTABLISHMENT_TOLD,))
                return read_identity(session), changes.get(FESTIVAL)

        def ask(found: tuple[Identity, LastChange | None]) -> None:
            stands, last = found
            texts = written(stands)
            lines = [
                Line(name, _(label), text=texts[name], longest=LONGEST[name])
                for name, label in LABELS.items()
            ]
            form = SettingForm(house, _("Réglages · Festival"), lines, put, last_change_words(last))
            self._screen.app.push_screen(form, done)

        def put(session: "Session", typed: Typed) -> str:
            wanted, seen = _identity(typed.texts), _identity(typed.seen)
            change_identity(session, house.post, wanted, clock=house.clock, manager=manager, seen=seen)
            changes = ((_(label), typed.seen[name], typed[name]) for name, label in LABELS.items())
            since = _("Les papiers à venir le disent ; chaque caisse signe ainsi à sa prochaine ouverture.")
            return changed_words(_("Festival"), changes, since=since)

        def done(said: str | None) -> None:
            if said:
                self._screen.app.notify(said, markup=False)
            self.show()

        def refused(refusal: Refusal) -> None:
            self._screen.app.push_screen(RefusalDialog(refusal))

        errands.send(self._screen, read, ask, refused)


def _identity(texts: Mapping[str, str]) -> Identity:
    """Who sells, as typed."""
    return Identity(
        texts["festival"],
        texts["operator_name"],
        texts["address"],
        texts["postcode"],
        texts["town"],
        texts["siret"],
        VatStatus.LIABLE if read_yes(texts["vat_status"]) else VatStatus.EXEMPT,
        texts["vat_number"],
    )
