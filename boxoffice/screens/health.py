"""How this till is: what the doctor found, in words to read out on the phone, each with what to do."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.care.doctor.consultation import examine
from boxoffice.care.doctor.findings import Finding, Health
from boxoffice.clock import say
from boxoffice.language import _, later, plural, spoken
from boxoffice.sales.staff.desk import Desk

from . import errands, health_acts
from .dialogs import keys_line
from .health_acts import Consultation
from .room import at_most
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

SIGNS = {
    Health.WELL: ("✓", "$text-success"),
    Health.WATCH: ("!", "bold $text-warning"),
    Health.ILL: ("✗", "bold $text-error"),
}
WIDEST = 100


class HealthDialog(Consultation):
    """The findings, what is wrong first; letters do what is mostly done about them."""

    HELP = later(
        "Chaque chose examinée sur ce poste : ✓ va bien, ! est à surveiller, ✗ est à faire maintenant. "
        "Ce qu'il faut faire est dit sous la liste."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f5", "look", later("Examiner"), id="health.look", tooltip=later("Examine ce poste à nouveau")
        ),
        Binding(
            "s",
            "do('back_up')",
            later("Sauvegarder"),
            id="health.back_up",
            tooltip=later("Fait une sauvegarde maintenant, et la relit"),
        ),
        Binding(
            "l",
            "do('list_backups')",
            later("Sauvegardes"),
            id="health.backups",
            tooltip=later("Les sauvegardes gardées ici ; Entrée en relit une"),
        ),
        Binding(
            "v",
            "do('verify_journal')",
            later("Vérifier le journal"),
            id="health.verify",
            tooltip=later("Relit le journal et tout ce qu'il décrit"),
        ),
        Binding(
            "a",
            "do('make_archive')",
            later("Archiver"),
            id="health.archive",
            tooltip=later("Archive une période, signée, lisible sans ce programme"),
        ),
        Binding(
            "c",
            "do('show_keys')",
            later("Clés"),
            id="health.keys",
            tooltip=later("Les clés qui signent, et celles que ce poste possède"),
        ),
        Binding(
            "f",
            "do('tell_training')",
            later("Formation"),
            id="health.training",
            tooltip=later("Comment s'exercer sur un guichet où rien n'est vrai"),
        ),
    ]
    DEFAULT_CSS = """
    HealthDialog {
        .dialog { width: 84; padding: 0 2; }
        .dialog-title { margin-bottom: 0; }
        Choices { height: auto; max-height: 14; margin: 1 0; }
        Choices > .option-list--option-highlighted, Choices:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #health-says { height: auto; max-height: 3; }
        .dialog-remedy { margin-bottom: 0; max-height: 4; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__(house, desk)
        self.title_text = _("Santé du poste")
        self._findings: tuple[Finding, ...] = ()

    def compose_question(self) -> ComposeResult:
        yield Choices(markup=False, compact=True)
        yield Static(_("Un instant…"), id="health-says", markup=False)
        yield Static("", id="health-remedy", classes="dialog-remedy", markup=False)
        yield from self.foot(
            ("s", _("S sauvegarder")),
            ("l", _("L sauvegardes")),
            ("v", _("V vérifier le journal")),
            ("a", _("A archiver")),
        )
        yield keys_line(
            ("c", _("C clés")),
            ("f", _("F formation")),
            ("f5", _("F5 examiner")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.action_look()

    def nothing(self) -> None:
        return None

    def action_look(self) -> None:
        """Examine this till, away from the screen."""
        self.query_one("#health-says", Static).update(_("Examen en cours…"))
        house = self.house

        def look() -> tuple[Finding, ...]:
            return examine(house.settings, clock=house.clock, heard=house.printer_bell.heard)

        errands.send(self, look, self._show, self.say_wrong)

    def _show(self, findings: tuple[Finding, ...]) -> None:
        worst = (Health.ILL, Health.WATCH, Health.WELL)
        self._findings = tuple(sorted(findings, key=lambda finding: worst.index(finding.health)))
        listed = self.query_one(Choices)
        listed.set_options([Option(finding_words(finding)) for finding in self._findings])
        listed.highlighted = 0 if self._findings else None
        moment = say(self.house.clock.now(), "HH:mm", spoken())
        ill = sum(finding.health is not Health.WELL for finding in self._findings)
        state = (
            _("tout va bien")
            if not ill
            else plural("une chose à voir", "{count} choses à voir", ill).format(count=ill)
        )
        self.query_one(".dialog-title", Static).update(
            _("Santé du poste à {moment} : {state}").format(moment=moment, state=state)
        )

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        finding = self._findings[event.option_index]
        self.query_one("#health-says", Static).update(finding.said)
        here = _("Ici : S.") if finding.subject == "backups" else ""
        self.query_one("#health-remedy", Static).update(finding.remedy and f"→ {finding.remedy} {here}")

    def action_do(self, name: str) -> None:
        """Do what a letter asks for."""
        acts = {
            "back_up": health_acts.back_up_now,
            "list_backups": health_acts.show_backups,
            "verify_journal": health_acts.verify_journal,
            "make_archive": health_acts.make_archive,
            "show_keys": health_acts.show_keys,
            "tell_training": health_acts.tell_training,
        }
        self.unless_scanned(lambda: acts[name](self))


def finding_words(finding: Finding) -> Content:
    """A finding as listed: its sign, and the beginning of what is said."""
    sign, colour = SIGNS[finding.health]
    return Content.assemble((sign, colour), f" {at_most(finding.said, WIDEST)}")
