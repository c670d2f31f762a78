"""Tills: named, added, put out of service and brought back."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.kinds import JournalKind
from boxoffice.language import _, later
from boxoffice.sales.staff.setup import AddTill, TillRow, add_till, list_tills
from boxoffice.sales.staff.till_changes import bring_back_till, rename_till, retire_till

from ..choosing import Thing
from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow
from .form import Typed
from .words import changed_words, whole

if TYPE_CHECKING:
    from boxoffice.database import Session


class TillsSection(Section):
    TITLE: ClassVar[str] = later("Caisses")
    SAYS: ClassVar[str] = later("noms, ajout, mise hors service")
    ADDS: ClassVar[bool] = True
    RETIRES: ClassVar[bool] = True
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (
        JournalKind.TILL_RENAMED,
        JournalKind.TILL_RETIRED,
        JournalKind.TILL_BROUGHT_BACK,
    )

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(
                till.number,
                till,
                till.name,
                (_("caisse {number}") if till.active else _("caisse {number}, hors service")).format(
                    number=till.number
                ),
                _("Entrée : nom, mise hors service. Son numéro, imprimé partout, ne change pas."),
                retired=not till.active,
            )
            for till in list_tills(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        till: TillRow = row.what
        if till.active:
            act = Thing(_("Mettre hors service"), _("une fois close"))
            work = partial(self._retire, till)
        else:
            act = Thing(_("Remettre en service"), _("avec sa clé"))
            work = partial(self._bring_back, till)
        things = [Thing(_("Nom"), till.name), act]
        acts = [lambda: self._ask_name(listed, till), lambda: listed.do(work)]
        self.choose(listed, row.label, things, lambda place: acts[place]())

    def _retire(self, till: TillRow, session: "Session") -> str:
        name = retire_till(session, self.house.post, till.number, **self.by)
        return _("« {name} » n'est plus en service.").format(name=name)

    def _bring_back(self, till: TillRow, session: "Session") -> str:
        name = bring_back_till(session, self.house.post, till.number, **self.by)
        return _("« {name} » est de nouveau en service.").format(name=name)

    def _ask_name(self, listed: SectionDialog, till: TillRow) -> None:
        number = till.number

        def put(session: "Session", typed: Typed) -> str:
            name, seen = typed["name"], typed.seen["name"]
            rename_till(session, self.house.post, number, name, seen=seen, **self.by)
            row, since = _("Caisse {number}").format(number=number), _("Dès sa prochaine ouverture.")
            return changed_words(row, [(_("Nom"), seen, name)], since=since)

        line = Line("name", _("Nom"), text=till.name, longest=40)
        self.form(listed, _("Caisse {number}").format(number=number), [line], put)

    def add(self, listed: SectionDialog) -> None:
        def put(session: "Session", typed: Typed) -> str:
            number = whole(typed["number"], _("Le numéro d'une caisse est un nombre."))
            path = self.house.settings.key_path_of(number)
            add_till(session, AddTill(number, typed["name"]), key_path=path, **self.by)
            return _("La caisse {number} est ouverte ; sa clé est ici : {path}").format(
                number=number, path=path
            )

        lines = [
            Line("number", _("Numéro"), longest=3, placeholder=_("imprimé sur ses billets")),
            Line("name", _("Nom"), longest=40),
        ]
        words = _("Sa clé de signature naît sur ce poste : portez-la sur celui qui tiendra la caisse.")
        self.form(listed, _("Nouvelle caisse"), lines, put, words=words)
