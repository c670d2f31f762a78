"""Badges and their batches in words: what stands in a row, what is told beside it."""

from rich.text import Text
from textual.content import Content

from boxoffice.clock import say
from boxoffice.kinds import JobState, PassState
from boxoffice.language import _, plural, spoken
from boxoffice.sales.holders.badge_batches import BatchProgress
from boxoffice.sales.holders.badge_selection import BadgeLine
from boxoffice.sales.holders.badges import BadgePrint
from boxoffice.sales.prints.outbox import PENDING
from boxoffice.sales.prints.outbox_listing import STATE_WORDS

from .widgets.panel import fit

NAME, PRODUCT = 28, 25
BAR = 12
_MARKS = {
    JobState.QUEUED: ("…", "$text-muted"),
    JobState.BLOCKED: ("!", "bold $text-warning"),
    JobState.SENDING: ("»", "$text-accent"),
    JobState.PRINTED: ("✓", "$text-success"),
    JobState.SENT: ("✓", "$text-success"),
    JobState.UNCERTAIN: ("?", "bold $text-error"),
    JobState.ABANDONED: ("✗", "$text-disabled"),
}


def holder_words(line: BadgeLine) -> str:
    """Surname first, as the list is sorted; the organisation of somebody who gave no name."""
    return " ".join(filter(None, (line.surname, line.first_name))) or line.organisation or _("(effacé)")


def row_words(line: BadgeLine) -> Content:
    """A pass in one row: its holder, what it is, how far its badge got."""
    mark, look = _MARKS[line.last.state] if line.last else (" ", "$text-muted")
    if line.state is not PassState.ACTIVE:
        mark, look = "⊘", "bold $text-error"
    return Content.assemble(
        (f"{mark} ", look),
        fit(holder_words(line), NAME).ljust(NAME),
        " ",
        (fit(line.product, PRODUCT).ljust(PRODUCT), "$text-muted"),
        " ",
        (state_words(line), look),
    )


def state_words(line: BadgeLine) -> str:
    """In a few words, whether a badge can be printed and whether it was."""
    match line.state:
        case PassState.BLOCKED:
            return _("pass bloqué")
        case PassState.CANCELLED:
            return _("pass annulé")
    if line.last is None:
        return _("pas imprimé")
    words = _(STATE_WORDS[line.last.state])
    if line.last.copy_number:
        words = _("{state}, copie {number}").format(state=words, number=line.last.copy_number)
    return words


def story_words(line: BadgeLine) -> str:
    """Who wears a badge, and what is known of its printing: when, and by whom."""
    facts = [holder_words(line), *filter(None, (line.organisation, line.product)), f"n° {line.number}"]
    return "\n".join((" · ".join(dict.fromkeys(facts)), print_words(line.last)))


def print_words(last: BadgePrint | None) -> str:
    """When a badge was printed, ordered by whom."""
    if last is None:
        return _("Ce badge n'a jamais été imprimé.")
    paper = _("DUPLICATA n° {number}").format(number=last.copy_number) if last.copy_number else _("Badge")
    said = (
        _("{paper} demandé par {operator} : {state} depuis le {when}.")
        if last.state in PENDING
        else _("{paper} demandé par {operator} : {state} le {when}.")
    )
    return said.format(
        paper=paper,
        state=_(STATE_WORDS[last.state]),
        when=say(last.changed_at, _("EEE d MMM 'à' HH:mm"), spoken()),
        operator=last.operator,
    )


def batch_words(batch: BatchProgress) -> Content:
    """How far a batch got, as a bar, a number and words; what holds it back."""
    done = BAR * batch.printed // max(1, batch.total)
    state, look = _batch_state(batch)
    return Content.assemble(
        fit(batch.label, 24).ljust(24),
        " ",
        ("█" * done, "$text-success"),
        ("░" * (BAR - done), "$text-muted"),
        f" {batch.printed}/{batch.total} ",
        (state, look),
    )


def _batch_state(batch: BatchProgress) -> tuple[str, str]:
    if batch.is_over:
        words = _("finie")
        if batch.abandoned:
            words += " · " + plural("{count} abandonné", "{count} abandonnés", batch.abandoned).format(
                count=batch.abandoned
            )
        return words, "$text-success"
    if batch.uncertain:
        return _("en pause : le dernier badge est-il sorti ? F6"), "bold $text-error"
    if batch.paused:
        return _("en pause, F4 pour reprendre"), "bold $text-warning"
    if batch.reason:
        return batch.reason, "bold $text-warning"
    return plural("reste {count}", "restent {count}", batch.waiting).format(
        count=batch.waiting
    ), "$text-accent"


def no_preview() -> Text:
    """What stands where a badge cannot be drawn."""
    return Text(_("Ce badge ne peut pas être montré."))
