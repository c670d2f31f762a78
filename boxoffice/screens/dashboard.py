"""A manager's dashboard: takings today against other days, by whom and how, and the pace of the queue."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import business_day, in_paris, say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, spoken
from boxoffice.sales import means
from boxoffice.sales.overview.behind import Behind
from boxoffice.sales.overview.pace import Pace, begins, read_pace
from boxoffice.sales.overview.takings import DayTakings, read_takings, same_day_last_year
from boxoffice.sales.staff.business_days import last_closed_day
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing_returned import ExchangeWish
from .dashboard_words import (
    against_words,
    all_means_words,
    day_name,
    day_words,
    hour_words,
    means_words,
    pace_words,
    part_words,
    total_words,
)
from .dialogs import Dialog
from .figure_rows import FigureSales
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

    from .widgets.takings_plot import TakingsPlot

SECONDS = 5.0
"""How often it is read again while something is sold."""
PACE_HOLDS = timedelta(minutes=1)
"""For how long a pace stands while nothing is sold: the queue that has gone is seen to be gone."""
WIDE, TALL = 100, 30


@dataclass(frozen=True, slots=True)
class Read:
    """What the dashboard shows, as it stood at a moment; the other days have no means, cashiers or tills."""

    at: datetime
    today: DayTakings
    yesterday: DayTakings
    last_year: DayTakings
    pace: tuple[Pace, ...]
    closed: bool = False
    """Whether today is closed for the box office: its Z counts nothing of what is sold since."""


@dataclass(slots=True)
class _Rows:
    """The rows of the list, and the sales behind each; a heading has none."""

    options: list[Option] = field(default_factory=list)
    behind: list[tuple[str, Behind] | None] = field(default_factory=list)

    def head(self, title: str) -> None:
        self.options.append(Option(Content.styled(title, "bold $primary"), disabled=True))
        self.behind.append(None)

    def explain(self, words: str) -> None:
        self.options.append(Option(Content.styled(words, "$text-muted"), disabled=True))
        self.behind.append(None)

    def add(self, words: str, title: str, behind: Behind) -> None:
        self.options.append(Option(Content(words)))
        self.behind.append((title, behind))

    def figure(self, place: int) -> tuple[str, Behind] | None:
        """What the row at a place is of, whenever it is read: the last minutes are so of any moment."""
        if (row := self.behind[place]) is None:
            return None
        title, behind = row
        return title, replace(behind, since=None, until=None)


class Dashboard(Dialog[ExchangeWish | None]):
    """Takings and pace; Enter on a figure opens the sales that it counts.

    The answer is the wish to exchange seats of a sale that was opened from here, if it is.
    """

    HELP = later(
        "Le chiffre d'affaires du jour, compté comme sur la lecture X, face à hier et au même jour l'an "
        "dernier (52 semaines plus tôt). Entrée sur un chiffre montre ses ventes ; Entrée sur une vente : "
        "réimprimer, annuler, avoir."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f5", "look", later("Relire"), id="dashboard.look", tooltip=later("Relit les chiffres maintenant")
        ),
    ]
    DEFAULT_CSS = """
    Dashboard {
        &.-wide .dialog { margin-right: 0; }
        .dialog { width: 100%; max-width: 100%; height: 100%; max-height: 100%; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        #dashboard-facts { height: auto; margin-bottom: 1; }
        #dashboard-plot { height: 14; }
        Choices { height: 1fr; scrollbar-size-vertical: 1; }
        .dialog-keys { margin-top: 0; }
        &.-low #dashboard-plot { height: 8; }
        &.-low #dashboard-facts { margin-bottom: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__()
        self.title_text = _("Tableau de bord")
        self._house, self._desk = house, desk
        self._shown: Read | None = None
        self._rows = _Rows()
        self._reading = self._stale = False
        self._plot: TakingsPlot | None = None

    def compose_question(self) -> ComposeResult:
        yield Static(_("Un instant…"), id="dashboard-facts", markup=False)
        yield Container(id="dashboard-plot")
        yield Choices(markup=False, compact=True)
        yield from self.foot(
            ("enter", _("Entrée voir les ventes")), ("f5", _("F5 relire")), ("escape", _("Échap fermer"))
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.set_interval(SECONDS, self._look_if_stale)
        self.action_look()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < TALL, "-low")
        self.call_after_refresh(self._draw)

    def nothing(self) -> None:
        return None

    # -- reading

    def changed_elsewhere(self) -> None:
        self._stale = True

    def _look_if_stale(self) -> None:
        shown = self._shown
        if self._stale or (shown is not None and self._house.clock.now() - shown.at >= PACE_HOLDS):
            self.action_look()

    def action_look(self) -> None:
        """Read the figures again, away from the screen; days that are over are read once."""
        if self._reading:
            return
        self._reading, self._stale = True, False
        errands.send(self, self._read, self._show, self._refuse)

    def _read(self) -> tuple[Read, "type[TakingsPlot]"]:
        """What is shown, and what draws it: loaded here, so that nobody waits for it at the start."""
        from .widgets.takings_plot import TakingsPlot

        house, rules, before = self._house, self._house.post.rules, self._shown
        at = house.clock.now()
        day = business_day(at, rules.business_day_starts)
        with house.database.read() as session:

            def whole(of: date) -> DayTakings:
                return read_takings(session, rules, of, with_means=False)

            same_day = before is not None and before.today.day == day
            today, pace = read_takings(session, rules, day), read_pace(session, clock=house.clock)
            last_closed = last_closed_day(session)
            if before is not None and same_day:
                yesterday, last_year = before.yesterday, before.last_year
            else:
                yesterday, last_year = whole(day - timedelta(days=1)), whole(same_day_last_year(day))
        closed = last_closed is not None and day <= last_closed
        return Read(at, today, yesterday, last_year, pace, closed), TakingsPlot

    def _refuse(self, refusal: Refusal) -> None:
        self._reading = False
        self.say_wrong(refusal)

    def _show(self, found: tuple[Read, "type[TakingsPlot]"]) -> None:
        self._reading = False
        self._shown, plot = found
        shown = self._shown
        title = _("Tableau de bord · {day} · {time}").format(
            day=day_name(shown.today.day), time=say(shown.at, "HH:mm", spoken())
        )
        self.query_one(".dialog-title", Static).update(title)
        facts = (
            f"{total_words(shown.today)}\n{against_words(shown.today, in_paris(shown.at).hour, self._others)}"
        )
        if shown.closed:
            facts += "\n" + _("Journée close : son Z ne compte pas ce qui s'est vendu depuis.")
        self.query_one("#dashboard-facts", Static).update(facts)
        self._list(shown)
        if self._plot is None:
            self._plot = plot()
            self.query_one("#dashboard-plot").mount(self._plot)
        self.call_after_refresh(self._draw)

    @property
    def _others(self) -> tuple[tuple[str, DayTakings], ...]:
        """The days that today is held against, by what they are called: those on which something was sold."""
        if self._shown is None:
            return ()
        last_year = self._shown.last_year
        days = (_("hier"), self._shown.yesterday), (day_name(last_year.day), last_year)
        return tuple((name, day) for name, day in days if day.hours)

    def _draw(self) -> None:
        if self._plot is not None and self._shown is not None:
            self._plot.show(self._shown.today, self._others)

    # -- figures

    def _list(self, shown: Read) -> None:
        """Every figure on a row; the chosen one stays chosen while it is there."""
        today, now, rows = shown.today, shown.at, _Rows()
        day = today.day
        rows.head(_("Cadence de toutes les caisses"))
        for pace in shown.pace:
            words = pace_words(pace)
            behind = Behind(since=begins(pace.minutes, now), until=now)
            rows.add(words, _("Ventes des {count} dernières minutes").format(count=pace.minutes), behind)
        rows.head(_("Par moyen de paiement"))
        for taken in today.means:
            rows.add(means_words(taken), means.label_of(taken.means), Behind(day=day, means=taken.means))
        for words in all_means_words(today):
            rows.explain(words)
        rows.head(_("Par caissier"))
        for part in today.cashiers:
            rows.add(part_words(part), part.name, Behind(day=day, operator_id=part.key))
        rows.head(_("Par caisse"))
        for part in today.tills:
            rows.add(part_words(part), part.name, Behind(day=day, till_id=part.key))
        rows.head(_("Par heure"))
        others = self._others if self.app.size.width >= WIDE else self._others[:1]
        for part in today.hours:
            words = hour_words(part, others, today.first_hour)
            rows.add(
                words,
                _("De {hour} h à {next} h").format(hour=part.key, next=(part.key + 1) % 24),
                Behind(day=day, hour=part.key),
            )
        rows.head(_("Journées entières"))
        for of in (today, shown.yesterday, shown.last_year):
            name = day_name(of.day)
            rows.add(day_words(name, of), name, Behind(day=of.day))
        self._put(rows)

    def _put(self, rows: _Rows) -> None:
        choices = self.query_one(Choices)
        chosen = None if choices.highlighted is None else self._rows.figure(choices.highlighted)
        self._rows = rows
        with self.prevent(OptionList.OptionHighlighted):
            choices.set_options(rows.options)
            places = {rows.figure(place): place for place in range(len(rows.behind))}
            choices.highlighted = 1 if chosen is None else places.get(chosen, 1)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        behind = self._rows.behind[event.option_index]
        if behind is not None:
            self.app.push_screen(FigureSales(self._house, self._desk, *behind), self._answered)

    def _answered(self, wish: ExchangeWish | None) -> None:
        if wish is not None:
            self.dismiss(wish)
        else:
            self.action_look()
