"""The drawers of a reading or a Z: what each began with, should have held, and held."""

from boxoffice.money import format_euros
from boxoffice.printing.document import Document, pair, wrapped
from boxoffice.sales.closings.figures import Counted, FloatLeft, ShiftFigures
from boxoffice.sales.closings.outcomes import Aside, OpeningAnswered
from boxoffice.sales.means import CARD, CASH, CHEQUE

from .parts import means_on_paper, moment, section, several

_EXPECTED = {
    CASH.code: "Espèces attendues",
    CARD.code: "Carte bancaire attendue",
    CHEQUE.code: "Chèques attendus",
}


def drawers(shifts: tuple[ShiftFigures, ...], columns: int) -> Document:
    """The cash of several shifts together."""
    if len(shifts) < 2:
        return ()
    cash = [count for shift in shifts for count in shift.counts if count.means == CASH.code]
    uncounted = [count.expected_cents for count in cash if count.counted_cents is None]
    left_out = (
        ("  dont " + several(len(uncounted), "tiroir non compté", "tiroirs non comptés"), sum(uncounted)),
    )
    off = sum(shift.float_difference_cents for shift in shifts)
    totals = (
        ("Fonds de caisse", sum(shift.float_cents for shift in shifts)),
        *((("  dont écart de fonds", off),) if off else ()),
        ("Attendu", sum(count.expected_cents for count in cash)),
        *(left_out if uncounted else ()),
        ("Compté", sum(count.counted_cents or 0 for count in cash)),
        ("Écart", sum(count.difference_cents for count in cash)),
        ("Remis en banque", sum(shift.deposit_cents for shift in shifts)),
    )
    return (
        *section(f"TIROIRS, {len(shifts)} SESSIONS", columns),
        *(element for label, cents in totals for element in pair(label, format_euros(cents), columns)),
    )


def floats_left(floats: tuple[FloatLeft, ...], columns: int) -> Document:
    """What lies in the drawers once all of them are closed, those that nobody opened included."""
    if not floats:
        return ()
    rows = ((f"Caisse {left.till}" + ("" if left.counted else ", non compté"), left.cents) for left in floats)
    total = sum(left.cents for left in floats)
    return (
        *section("FONDS LAISSÉS", columns),
        *(element for label, cents in rows for element in pair(label, format_euros(cents), columns)),
        *(pair("Total", format_euros(total), columns, bold=True) if len(floats) > 1 else ()),
    )


def closed_shift(shift: ShiftFigures, columns: int, aside: Aside) -> Document:
    """A shift closed, with who answered for it if somebody else did."""
    answered_by = aside.answered_by(shift.till, shift.number)
    was_counted = any(each.means == CASH.code and each.counted_cents is not None for each in shift.counts)
    left = (
        *pair("Remis en banque", format_euros(shift.deposit_cents), columns),
        *pair("Laissé en fond", format_euros(shift.left_cents), columns),
    )
    return (
        *section(f"CAISSE {shift.till}, SESSION {shift.number}", columns),
        *pair(shift.name, moment(shift.opened_at), columns),
        *pair("Fermée", moment(shift.closed_at), columns),
        *_carried(shift, columns, aside),
        *(element for count in shift.counts for element in _count(count, columns)),
        *(left if was_counted else pair("Laissé dans le tiroir", "non compté", columns)),
        *(wrapped(f"Motif : {shift.reason}", columns, hanging=2) if shift.reason else ()),
        *(wrapped(f"Répondu par : {answered_by}", columns, hanging=2) if answered_by else ()),
    )


def open_shift(shift: ShiftFigures, columns: int, aside: Aside) -> Document:
    return (
        *section(f"CAISSE {shift.till}, SESSION OUVERTE", columns),
        *pair(shift.name, moment(shift.opened_at), columns),
        *_carried(shift, columns, aside),
        *(element for count in shift.counts for element in _expected(count, columns)),
    )


def _float(shift: ShiftFigures, columns: int, aside: Aside) -> Document:
    """The float that was declared; beside what was left, and who answered for it, where it is another."""
    off, left = shift.float_difference_cents, shift.left_before_cents
    if not off or left is None:
        return pair("Fond de caisse", format_euros(shift.float_cents), columns) if shift.float_cents else ()
    opening = aside.opening_of(shift)
    return (
        *pair(
            "Fond attendu" if shift.before_counted else "Fond attendu, non compté",
            format_euros(left),
            columns,
        ),
        *pair("  déclaré", format_euros(shift.float_cents), columns),
        *pair("  écart", format_euros(off), columns, bold=True),
        *(_answer(opening, columns) if opening else ()),
    )


def _answer(opening: OpeningAnswered, columns: int) -> Document:
    return (
        *wrapped(f"Motif du fond : {opening.reason}", columns, hanging=2),
        *wrapped(f"Fond accepté par : {opening.name}", columns, hanging=2),
    )


def _carried(shift: ShiftFigures, columns: int, aside: Aside) -> Document:
    carried = (
        ("Apports", shift.in_cents),
        ("Sorties", -shift.out_cents),
        ("Prélèvements", -shift.pickup_cents),
    )
    return (
        *_float(shift, columns, aside),
        *(e for label, cents in carried if cents for e in pair(label, format_euros(cents), columns)),
    )


def _count(count: Counted, columns: int) -> Document:
    if not (expected := _expected(count, columns)):
        return ()
    if count.counted_cents is None:
        return (*expected, *pair("  non compté", "", columns))
    return (
        *expected,
        *pair("  compté", format_euros(count.counted_cents), columns),
        *pair("  écart", format_euros(count.difference_cents), columns, bold=bool(count.difference_cents)),
    )


def _expected(count: Counted, columns: int) -> Document:
    """What a means should have brought; nothing of one that nobody used, but for cash."""
    if not count.expected_cents and not count.counted_cents and count.means != CASH.code:
        return ()
    said = _EXPECTED.get(count.means, f"{means_on_paper(count.means)}, attendu")
    return pair(said, format_euros(count.expected_cents), columns)
