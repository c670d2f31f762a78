"""The papers of the outbox in words: what stands in a row, what is told of one, and its keys."""

from textual.content import Content

from boxoffice.clock import say
from boxoffice.kinds import JobState, PrinterKind
from boxoffice.language import _, later, spoken
from boxoffice.sales.prints.outbox_listing import OutboxLine

from .dialogs import keys_words
from .paper_marks import MARKS
from .room import at_most

ROW_COLUMNS = 27

PRINTER_KINDS = {
    PrinterKind.VIRTUAL: later("à l'écran"),
    PrinterKind.NETWORK: later("réseau"),
    PrinterKind.USB: later("USB"),
    PrinterKind.SERIAL: later("série"),
    PrinterKind.WINDOWS: later("Windows"),
    PrinterKind.CUPS: later("CUPS"),
    PrinterKind.FILE: later("fichier"),
}


def row_words(job: OutboxLine, today: bool) -> Content:
    """A paper in two rows: what it is, then how far it got, since when, and what holds it back."""
    mark, look = MARKS[job.state]
    copy = _(" DUPLICATA {number}").format(number=job.copy_number) if job.copy_number else ""
    at = say(job.ordered_at, "HH:mm" if today else "d MMM", spoken())
    reason = f" · {job.reason}" if job.reason and job.state is not JobState.ABANDONED else ""
    return Content.assemble(
        (f"{mark} ", look),
        at_most(f"{job.title}{copy}", ROW_COLUMNS),
        "\n  ",
        (f"{job.state_words} ", look),
        (at_most(f"· {at}{reason}", ROW_COLUMNS - 1 - len(job.state_words)), "$text-muted"),
    )


def story_words(job: OutboxLine) -> Content:
    """How far a paper got, at which printer, what is wrong with it, and what is asked about it."""
    printer = job.printer or ("" if job.state is JobState.SENT else _("aucune imprimante pour ce document"))
    story = " · ".join(filter(None, (job.state_words.capitalize(), printer)))
    if job.reason:
        story += f"\n{job.reason}"
    if job.detail:
        story += f"\n{job.detail}"
    if job.needs_answer:
        story += "\n" + _("Sorti et lisible ?  O oui   N non")
    _mark, look = MARKS[job.state]
    return Content.styled(story, look if job.needs_answer or job.reason else "")


def keys_for(job: OutboxLine | None) -> Content:
    """Only the keys that do something now."""
    keys: list[tuple[str, str]] = []
    if job is not None and job.needs_answer:
        keys += [("o", _("O sorti")), ("n", _("N pas sorti"))]
    if job is not None and job.waits:
        keys += [("r", _("R renvoyer")), ("a", _("A autre imprimante")), ("t", _("T tous"))]
        keys.append(("x", _("X abandonner")))
    if job is not None and job.can_be_copied:
        keys.append(("d", _("D duplicata")))
    return keys_words(*keys, ("e", _("E essai")), ("escape", _("Échap fermer")))
