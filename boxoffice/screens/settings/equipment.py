"""Printers: added, changed, tried, put away; and which papers of which till come out where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.errors import Refusal
from boxoffice.kinds import JobState, JournalKind, PrinterKind, PrinterRole
from boxoffice.language import _, later, plural
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.staff.equipment import (
    ADDRESSES,
    LABELS,
    AddPrinter,
    PrinterRow,
    add_printer,
    assign_printer,
    bring_back_printer,
    change_printer,
    list_all_printers,
    list_printers,
    printer_as_added,
    retire_printer,
    written,
)
from boxoffice.sales.staff.setup import list_tills
from boxoffice.sales.wording import read_yes

from .. import errands
from ..choosing import Thing
from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow
from .form import Typed, write
from .words import changed_words, whole

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
    RETIRES: ClassVar[bool] = True
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (
        JournalKind.PRINTER_ADDED,
        JournalKind.PRINTER_CHANGED,
        JournalKind.PRINTER_ASSIGNED,
    )

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(row.name, row, row.name, _stands(row), _says(row), retired=not row.active)
            for row in list_all_printers(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        printer: PrinterRow = row.what
        if not printer.active:
            back = Thing(_("Remettre en service"), _("comme elle était"))
            self.choose(
                listed, printer.name, [back], lambda _place: listed.do(partial(self._bring_back, printer))
            )
            return
        acts: list[tuple[Thing, Callable[[], None]]] = [
            (
                Thing(_("Essayer"), _("une page d'essai")),
                lambda: self._try(listed, printer),
            ),
            (Thing(_("Papiers"), _("ce qui en sort, par caisse")), lambda: self._ask_till(listed, printer)),
            (Thing(_("Réglages"), _("nom, adresse, largeur…")), lambda: self._read_settings(listed, printer)),
            (
                Thing(_("Mettre hors service"), _("ce qui l'attend va à une autre")),
                lambda: self._ask_heir(listed, printer),
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

    def _ask_heir(self, listed: SectionDialog, printer: PrinterRow) -> None:
        """Put a printer away; what waits for it comes out of another one, which is asked for."""

        def read() -> tuple[int, tuple[PrinterRow, ...]]:
            with self.house.database.read() as session:
                printers = list_printers(session)
            waiting = sum(each.waiting for each in printers if each.id == printer.id)
            return waiting, tuple(each for each in printers if each.id != printer.id)

        def ask(found: tuple[int, tuple[PrinterRow, ...]]) -> None:
            waiting, others = found
            if not waiting or not others or printer.papers:
                self._put_away(listed, printer)
                return
            title = plural(
                "{count} papier attend « {name} ». Le donner à quelle imprimante ?",
                "{count} papiers attendent « {name} ». Les donner à quelle imprimante ?",
                waiting,
            ).format(count=waiting, name=printer.name)
            things = [Thing(each.name, _says(each), end=_(KINDS[each.kind])) for each in others]
            self.choose(
                listed, title, things, lambda place: self._put_away(listed, printer, others[place].name)
            )

        errands.send(listed, read, ask, listed.say_wrong)

    def _put_away(self, listed: SectionDialog, printer: PrinterRow, heir: str = "") -> None:
        def put_away(said: str) -> None:
            self.house.wake_printers()
            listed.changed(said)

        work = partial(self._retire, printer, heir)
        errands.send(listed, lambda: write(self.house, work), put_away, listed.say_wrong)

    def _retire(self, printer: PrinterRow, heir: str, session: "Session") -> str:
        given = retire_printer(session, self.house.post, printer.name, heir=heir, **self.by)
        said = _("« {name} » n'est plus en service.").format(name=printer.name)
        if not given:
            return said
        moved = plural(
            "{count} papier donné à « {heir} ».", "{count} papiers donnés à « {heir} ».", given
        ).format(count=given, heir=heir)
        return f"{said} {moved}"

    def _bring_back(self, printer: PrinterRow, session: "Session") -> str:
        name = bring_back_printer(session, self.house.post, printer.id, **self.by)
        return _("« {name} » est de nouveau en service.").format(name=name)

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


def _stands(row: PrinterRow) -> str:
    """What kind a printer is, how many papers wait for it, and that it is out of service."""
    waiting = plural("{count} papier attend", "{count} papiers attendent", row.waiting)
    told = [_(KINDS[row.kind])]
    if row.waiting:
        told.append(waiting.format(count=row.waiting))
    if not row.active:
        told.append(_("hors service"))
    return " · ".join(told)


def _says(row: PrinterRow) -> str:
    return _papers(row) or _("Aucun papier n'en sort.")


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
        columns=whole(texts["columns"], _("Une imprimante a 32, 42 ou 48 colonnes.")),
        code_page=whole(texts["code_page"], _("Une page de codes est un nombre de 0 à 255.")),
        native_qr=read_yes(texts["native_qr"]),
        cutter=read_yes(texts["cutter"]),
        drawer=read_yes(texts["drawer"]),
        badge_landscape=read_yes(texts["badge_landscape"]),
    )
