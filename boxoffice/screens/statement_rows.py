"""Screenings and how their statements are, as rows of a list."""

from textual.content import Content

from boxoffice.clock import say
from boxoffice.language import _
from boxoffice.money import format_euros
from boxoffice.sales.statements.listing import StatementRow, StatementState

from .dialogs import WIDE
from .room import padded

HALL, HALL_WIDE, AMOUNT, STATE = 14, 20, 10, 10
"""Columns of the hall as the counter calls it, of the takings, and of how the statement is."""
EDGES = 6
"""Columns that the edges of the box, its scroll bar and the mark of its rows take."""


def row_words(row: StatementRow, width: int) -> Content:
    """A screening as listed on a screen so wide: its hour, title, hall, tickets, takings and statement."""
    room = width - EDGES
    hall = HALL_WIDE if width >= WIDE else HALL
    words, style = state_words(row)
    figures = f"{row.sold:>5} {format_euros(row.takings_cents):>{AMOUNT}}  "
    left = room - len(f"{say(row.starts_at, 'HH:mm')} ") - hall - 1 - len(figures) - STATE
    return Content.assemble(
        f"{say(row.starts_at, 'HH:mm')} {padded(row.title, left)} {padded(row.short_hall, hall)}{figures}",
        (words, style),
    )


def state_words(row: StatementRow) -> tuple[str, str]:
    """How the statement of a screening is, with the colour of it."""
    if row.changed:
        return _("≠ changé"), "bold $text-warning"
    if row.is_cancelled and row.state in (StatementState.NOT_OVER, StatementState.TO_GIVE):
        return _("✗ annulée"), "$text-muted"
    if row.waits and row.is_empty:
        return _("• vide"), "$text-muted"
    match row.state:
        case StatementState.NOT_OVER:
            return _("pas finie"), "$text-muted"
        case StatementState.TO_GIVE:
            return _("• à impr."), "bold $text-warning"
        case StatementState.ORDERED:
            return _("demandé"), "$text-warning"
        case StatementState.UNCERTAIN:
            return _("à vérifier"), "bold $text-warning"
        case StatementState.GIVEN_UP:
            return _("pas sorti"), "$text-muted"
        case StatementState.ON_PAPER:
            return _("✓ imprimé"), "$text-success"
        case StatementState.ON_FILE:
            return _("✓ en PDF"), "$text-success"


def says(row: StatementRow) -> str:
    """The chosen screening, in full, and what to do about its statement if that is not plain."""
    shown = " · ".join(filter(None, (row.code, row.title, row.venue, row.hall)))
    if row.changed:
        return _(
            "{screening}\nSes comptes ont changé depuis son relevé : Entrée, puis R, le corrige."
        ).format(screening=shown)
    return shown
