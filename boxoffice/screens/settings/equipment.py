"""Printers and tills: added, changed, tried; and which papers of which till come out where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.errors import Refusal
from boxoffice.kinds import JobState, JournalKind, PrinterKind, PrinterRole
from boxoffice.language import _, later
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.staff.equipment import (
    ADDRESSES,
    LABELS,
    AddPrinter,
    PrinterRow,
    add_printer,
    assign_printer,
    change_printer,
    list_printers,
    printer_as_added,
    retire_printer,
    written,
)
from boxoffice.sales.staff.setup import AddTill, TillRow, add_till, list_tills
from boxoffice.sales.staff.till_changes import bring_back_till, rename_till, retire_till
from boxoffice.sales.wording import read_yes

from .. import errands
from ..choosing import Thing
from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow
from .form import Typed, write
from .words import changed_words

if TYPE_CHECKING:
    from boxoffice.database import Session

KINDS = {
    PrinterKind.NETWORK: later("réseau"),
    PrinterKind.USB: later("USB"),
    PrinterKind.SERIAL: later("série"),
    PrinterKind.WINDOWS: later("file Windows"),
    PrinterKind.CUPS: later("file CUPS"),
    PrinterKind.FILE: later("fichier"),
    PrinterKind.VIRTUAL: later("virtuelle"),
}
PAPERS = {
    PrinterRole.TICKETS: later("billets"),
    PrinterRole.RECEIPTS: later("reçus"),
    PrinterRole.BADGES: later("badges"),
    PrinterRole.REPORTS: later("états"),
}
LONGEST = {"name": 60, "address": 120}
"""How much may be typed in a line about a printer, where three letters are not enough."""
LOOKS, LOOK_SECONDS = 20, 0.5
"""How often, and after how long each time, it is looked whether a test page came out."""
_WAITING = {JobState.QUEUED, JobState.SENDING}


class PrintersSection(Section):
    TITLE: ClassVar[str] = later("Imprimantes")
    SAYS: ClassVar[str] = later("ajout, papiers, essai")
    ADDS: ClassVar[bool] = True
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (
        JournalKind.PRINTER_ADDED,
        JournalKind.PRINTER_CHANGED,
        JournalKind.PRINTER_ASSIGNED,
    )

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(
                row.name, row, row.name, _(KINDS[row.kind]), _papers(row) or _("Aucun papier n'en sort.")
            )
            for row in list_printers(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        printer: PrinterRow = row.what
        acts: list[tuple[Thing, Callable[[], None]]] = [
            (
                Thing(_("Essayer"), _("une page d'essai")),
                lambda: self._try(listed, printer),
            ),
            (Thing(_("Papiers"), _("ce qui en sort, par caisse")), lambda: self._ask_till(listed, printer)),
            (Thing(_("Réglages"), _("nom, adresse, largeur…")), lambda: self._read_settings(listed, printer)),
            (
                Thing(_("Mettre hors service"), _("ses papiers donnés à une autre")),
                lambda: listed.do(partial(self._retire, printer)),
            ),
        ]
        self.choose(listed, printer.name, [thing for thing, _act in acts], lambda place: acts[place][1]())

    def add(self, listed: SectionDialog) -> None:
        kinds = tuple(KINDS)

        def chosen(place: int) -> None:
            asked = AddPrinter("", kinds[place])

            def put(session: "Session", typed: Typed) -> str:
                command = _as_typed(asked, typed.texts)
                add_printer(session, self.house.post, command, **self.by)
                return _("« {name} » est ajoutée : Entrée choisit ses papiers et l'essaie.").format(
                    name=command.name
                )

            self.form(listed, _("Nouvelle imprimante"), _lines(asked), put)

        things = [Thing(_(words), ADDRESSES.get(kind, "")) for kind, words in KINDS.items()]
        self.choose(listed, _("Comment est-elle reliée ?"), things, chosen)

    def _retire(self, printer: PrinterRow, session: "Session") -> str:
        retire_printer(session, self.house.post, printer.name, **self.by)
        return _("« {name} » n'est plus en service.").format(name=printer.name)

    def _read_settings(self, listed: SectionDialog, printer: PrinterRow) -> None:
        def read() -> AddPrinter:
            with self.house.database.read() as session:
                return printer_as_added(session, printer.id)

        def ask(stands: AddPrinter) -> None:
            def put(session: "Session", typed: Typed) -> str:
                command, seen = (_as_typed(stands, texts) for texts in (typed.texts, typed.seen))
                change_printer(session, self.house.post, printer.id, command, seen=seen, **self.by)
                values = zip(_lines(seen), _lines(command), strict=True)
                changes = ((before.label, before.text, after.text) for before, after in values)
                return changed_words(seen.name, changes, since=_("Essayez-la."))

            self.form(listed, printer.name, _lines(stands), put)

        errands.send(listed, read, ask, listed.say_wrong)

    def _ask_till(self, listed: SectionDialog, printer: PrinterRow) -> None:
        def read() -> tuple[tuple[int, str], ...]:
            with self.house.database.read() as session:
                return tuple((till.number, till.name) for till in list_tills(session) if till.active)

        def ask(tills: tuple[tuple[int, str], ...]) -> None:
            if len(tills) == 1:
                self._ask_papers(listed, printer, tills[0][0])
                return
            things = [Thing(name, _("caisse {number}").format(number=number)) for number, name in tills]
            self.choose(
                listed,
                _("Pour quelle caisse ?"),
                things,
                lambda place: self._ask_papers(listed, printer, tills[place][0]),
            )

        errands.send(listed, read, ask, listed.say_wrong)

    def _ask_papers(self, listed: SectionDialog, printer: PrinterRow, till: int) -> None:
        choices = [tuple(PAPERS), *((role,) for role in PAPERS)]
        things = [Thing(_("tous les papiers")), *(Thing(_(words)) for words in PAPERS.values())]

        def put(place: int) -> None:
            listed.do(partial(self._assign, printer, choices[place], till))

        self.choose(listed, _("Que sort « {name} » ?").format(name=printer.name), things, put)

    def _assign(
        self, printer: PrinterRow, roles: tuple[PrinterRole, ...], till: int, session: "Session"
    ) -> str:
        assign_printer(session, self.house.post, printer.name, roles, till, **self.by)
        return _("Caisse {till} : « {name} » sort {papers}.").format(
            till=till, name=printer.name, papers=", ".join(_(PAPERS[role]) for role in roles)
        )

    # -- a test page

    def _try(self, listed: SectionDialog, printer: PrinterRow) -> None:
        ordered: list[int] = []

        def order(session: "Session") -> str:
            till_id = self.house.post.till_id
            ordered.append(
                reprinting.order_printer_test(session, till_id, printer.id, clock=self.house.clock)
            )
            return _("Page d'essai envoyée à « {name} »…").format(name=printer.name)

        def sent(said: str) -> None:
            self.house.wake_printers()
            listed.changed(said)
            self._watch(listed, printer, ordered[0], LOOKS)

        errands.send(listed, lambda: write(self.house, order), sent, listed.say_wrong)

    def _watch(self, listed: SectionDialog, printer: PrinterRow, job_id: int, looks: int) -> None:
        """Look until it is known what came out."""

        def read() -> tuple[JobState, str]:
            with self.house.database.read() as session:
                job = outbox.find_job(session, job_id)
            return (job.state, job.reason) if job else (JobState.ABANDONED, "")

        def seen(found: tuple[JobState, str]) -> None:
            state, reason = found
            if state in _WAITING and looks:
                listed.set_timer(
                    LOOK_SECONDS, lambda: self._watch(listed, printer, job_id, looks - 1), name="test page"
                )
            elif state in {JobState.PRINTED, JobState.SENT}:
                listed.changed(came_out(state).format(name=printer.name))
            else:
                said = came_out(state).format(name=printer.name)
                listed.say_wrong(
                    Refusal(said, _(reason) if reason else _("Vérifiez câble, papier et adresse."))
                )

        errands.send(listed, read, seen, listed.say_wrong)


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
            number = _whole(typed["number"], _("Le numéro d'une caisse est un nombre."))
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


def came_out(state: JobState) -> str:
    """What has become of a test page."""
    match state:
        case JobState.PRINTED:
            return _("La page d'essai est sortie de « {name} ».")
        case JobState.SENT:
            return _("La page d'essai est envoyée à « {name} » : regardez si elle sort.")
        case JobState.UNCERTAIN:
            return _("« {name} » ne dit pas si la page d'essai est sortie : regardez.")
        case JobState.BLOCKED:
            return _("La page d'essai attend : « {name} » ne peut pas l'imprimer.")
        case _:
            return _("La page d'essai n'est pas encore sortie de « {name} ».")


def _papers(row: PrinterRow) -> str:
    """What comes out of a printer, by till."""
    return " ; ".join(
        _("caisse {number} : {papers}").format(
            number=number, papers=", ".join(_(PAPERS[role]) for role in roles)
        )
        for number, roles in row.papers.items()
    )


def _lines(stands: AddPrinter) -> list[Line]:
    texts, hints = written(stands), {"address": ADDRESSES.get(stands.kind, ""), "columns": "32, 42, 48"}
    return [
        Line(name, _(label), text=texts[name], placeholder=hints.get(name, ""), longest=LONGEST.get(name, 3))
        for name, label in LABELS.items()
    ]


def _as_typed(stands: AddPrinter, texts: Mapping[str, str]) -> AddPrinter:
    return replace(
        stands,
        name=texts["name"],
        address=texts["address"],
        columns=_whole(texts["columns"], _("Une imprimante a 32, 42 ou 48 colonnes.")),
        code_page=_whole(texts["code_page"], _("Une page de codes est un nombre de 0 à 255.")),
        native_qr=read_yes(texts["native_qr"]),
        cutter=read_yes(texts["cutter"]),
        drawer=read_yes(texts["drawer"]),
        badge_landscape=read_yes(texts["badge_landscape"]),
    )


def _whole(text: str, otherwise: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise Refusal(otherwise)
    return int(text)
