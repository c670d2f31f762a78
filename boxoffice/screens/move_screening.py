"""Where and when a screening is to be shown instead, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import in_paris, paris
from boxoffice.errors import Refusal
from boxoffice.language import _, later, plural
from boxoffice.sales.importing.cells import read_date, read_time, time_words
from boxoffice.sales.screenings.halls import HallRow
from boxoffice.sales.screenings.programme import ScreeningRow
from boxoffice.sales.wording import ONE_LINE, reason_line

from .dialogs import Dialog
from .rows import Choices
from .widgets.panel import fit

LABELS = {
    "date": later("Date"),
    "time": later("Heure"),
    "reason": later("Motif"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """Where a screening goes, when, and why."""

    starts_at: datetime
    hall: HallRow
    reason: str


class AskMove(Dialog[Move | None]):
    """The new hour and hall of a screening; None when it stays where it is."""

    HELP = later(
        "Entrée passe au champ suivant, puis valide sur la salle. F9 valide de n'importe où. La nuit où l'on "
        "passe à l'heure d'hiver, « 02:30 hiver » est la seconde des deux."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "save", later("Valider"), id="move.save", tooltip=later("Valide le déplacement")),
    ]
    DEFAULT_CSS = """
    AskMove {
        .dialog { width: 72; }
        .form-row { height: 1; }
        .form-label { width: 8; text-align: right; color: $text-muted; }
        Input, Input:focus { width: 1fr; margin: 0 1; background: $panel; }
        Input:focus { background: $primary 30%; }
        Choices { height: auto; max-height: 8; margin-top: 1; }
    }
    """

    def __init__(self, row: ScreeningRow, halls: Sequence[HallRow], before: Move | None = None) -> None:
        """`before` was asked for a first time, and came to nothing: it stands there to be corrected."""
        super().__init__()
        self.title_text = _("Déplacer {title}").format(title=row.event_title)
        self._halls = tuple(halls)
        self._starts_at = before.starts_at if before else row.starts_at
        self._hall_id = before.hall.id if before else row.hall_id
        self._reason = before.reason if before else ""

    def compose_question(self) -> ComposeResult:
        local = in_paris(self._starts_at)
        values = {"date": f"{local:%d/%m/%Y}", "time": time_words(local.timetz()), "reason": self._reason}
        for name, label in LABELS.items():
            with Horizontal(classes="form-row"):
                yield Static(_(label), classes="form-label", markup=False)
                hint = _("Motif, sans aucun nom") if name == "reason" else ""
                yield Input(
                    values[name],
                    placeholder=hint,
                    max_length=120,
                    restrict=ONE_LINE,
                    select_on_focus=True,
                    id=f"field-{name}",
                )
        yield Choices(*(Option(_hall_row(hall)) for hall in self._halls), markup=False, compact=True)
        yield from self.foot(
            ("enter", _("Entrée suivant, puis valider")),
            ("f9", _("F9 valider")),
            ("escape", _("Échap renoncer")),
        )

    def on_mount(self) -> None:
        halls = self.query_one(Choices)
        places = [at for at, hall in enumerate(self._halls) if hall.id == self._hall_id]
        halls.highlighted = places[0] if places else 0
        self._field("time").focus()

    def nothing(self) -> None:
        return None

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next("Input, Choices")

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        """Answer once the date, the hour and the reason can be read."""
        asked = "date"
        try:
            day = read_date(self._field("date").value.strip())
            asked = "time"
            starts_at = _moment(day, read_time(self._field("time").value))
            asked = "reason"
            reason = reason_line(self._field("reason").value)
            if not reason:
                raise Refusal(_("Dites pourquoi la séance est déplacée."))
        except (ValueError, Refusal) as wrong:
            self.say_wrong(wrong if isinstance(wrong, Refusal) else str(wrong))
            self._field(asked).focus()
            return
        self.dismiss(Move(starts_at, self._halls[self.query_one(Choices).highlighted or 0], reason))

    def _field(self, name: str) -> Input:
        return self.query_one(f"#field-{name}", Input)


def _moment(day: date, hour: time) -> datetime:
    """The UTC moment of an hour in Angers. Raises ValueError with the sentence for the user."""
    moment = paris(day, hour)
    if in_paris(moment).time() != hour:
        raise ValueError(_("Cette heure n'existe pas : on passe à l'heure d'été cette nuit-là."))
    return moment


def _hall_row(hall: HallRow) -> Content:
    seats = plural("{count} place", "{count} places", hall.capacity).format(count=hall.capacity)
    return Content.assemble(f"{fit(hall.place, 46)} ", (f"{seats:>14}", "$text-muted"))
