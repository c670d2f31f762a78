"""Badges and their batches in words: what stands in a row, what is told beside it."""

from collections.abc import Sequence

from textual.content import Content

from boxoffice.clock import say
from boxoffice.kinds import PassState
from boxoffice.language import _, plural, spoken
from boxoffice.sales.holders.badge_batches import BatchProgress
from boxoffice.sales.holders.badge_selection import BadgeLine
from boxoffice.sales.holders.badges import BadgePrint
from boxoffice.sales.prints.outbox import PENDING
from boxoffice.sales.prints.outbox_listing import STATE_WORDS

from .paper_marks import MARKS
from .widgets.bars import KeyLabel
from .widgets.panel import fit, fit_ends

BATCHES_SHOWN = 4
NAME, PRODUCT = 28, 25
BAR = 12


def holder_words(line: BadgeLine) -> str:
    """Surname first, as the list is sorted; the organisation of somebody who gave no name."""
    return " ".join(filter(None, (line.surname, line.first_name))) or line.organisation or _("(effacé)")


def row_words(line: BadgeLine) -> Content:
    """A pass in one row: its holder, what it is, how far its badge got."""
    last = line.last
    mark, look = MARKS[last.state] if last and not last.void else (" ", "$text-muted")
    if line.state is not PassState.ACTIVE:
        mark, look = "⊘", "bold $text-error"
    return Content.assemble(
        (f"{mark} ", look),
        fit(holder_words(line), NAME).ljust(NAME),
        " ",
        (fit_ends(line.product, PRODUCT).ljust(PRODUCT), "$text-muted"),
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
    if line.last is None or line.last.void:
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
        when=say(last.changed_at, _("EEE d MMM 'à' H 'h' mm"), spoken()),
        operator=last.operator,
    ) + (" " + _("Le prochain sera un original.") if last.void else "")


def badge_keys(running: Sequence[BatchProgress]) -> list[KeyLabel]:
    """The keys of the badge desk that do something now."""
    keys = [KeyLabel(_("Entrée"), _("Imprimer"), "print", rank=0), KeyLabel("F2", _("Série"), "order_batch")]
    if running:
        paused = all(batch.paused for batch in running)
        keys.append(KeyLabel("F4", _("Reprendre") if paused else _("Pause"), "pause_or_resume"))
    if any(batch.reason for batch in running):
        keys.append(KeyLabel("F5", _("Autre imprimante"), "send_elsewhere", _("Ailleurs")))
    if any(batch.uncertain for batch in running):
        keys.append(KeyLabel("F6", _("Est-il sorti ?"), "answer"))
    if any(batch.waiting for batch in running):
        keys.append(KeyLabel("F8", _("Abandonner"), "give_up_batch", rank=3))
    return [
        *keys,
        KeyLabel("F1", _("Aide"), "app.help", rank=0),
        KeyLabel(_("Échap"), _("Se déconnecter"), "leave", _("Quitter"), rank=2),
    ]


def batches_words(batches: Sequence[BatchProgress]) -> Content:
    """How far the batches got, those that run first."""
    if not batches:
        return Content(_("Aucune série. F2 imprime d'un coup les badges que personne n'a encore."))
    ordered = sorted(batches, key=lambda batch: batch.is_over)
    return Content("\n").join(map(batch_words, ordered[:BATCHES_SHOWN]))


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
