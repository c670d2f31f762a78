"""Samples of the papers of a day's end."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from boxoffice.kinds import CashKind, ClosingPeriod, StoredValueKind
from boxoffice.sales.closings.figures import (
    Acts,
    Counted,
    Figures,
    Free,
    FreeTickets,
    Paid,
    Place,
    ShiftFigures,
    Sold,
    Span,
    Stored,
    TicketNumbers,
    Vat,
)
from boxoffice.sales.closings.outcomes import (
    Answered,
    Aside,
    Handover,
    Made,
    OpeningAnswered,
    Reading,
    UnsoldCards,
    Waiting,
)
from boxoffice.sales.prints.closing_papers import (
    CashSlipPaper,
    ClosingPaper,
    DepositSlipPaper,
    HandoverPaper,
    ReadingPaper,
)
from boxoffice.sales.prints.paper_parts import Letterhead

_OPENED = datetime(2026, 1, 21, 12, 55, 2, tzinfo=UTC)
_AT = datetime(2026, 1, 21, 22, 58, 41, tzinfo=UTC)
_DAY = date(2026, 1, 21)
_SHIFT = ShiftFigures(
    till=2,
    number=3,
    operator=7,
    name="Karim D.",
    opened_at=_OPENED,
    closed_at=_AT,
    float_cents=15_000,
    in_cents=5_000,
    out_cents=1_250,
    pickup_cents=30_000,
    counts=(Counted("card", 98_750, 98_750), Counted("cash", 24_850, 24_350), Counted("cheque", 1_700, None)),
    deposit_cents=9_350,
    left_cents=15_000,
    reason="Un billet de 5 € rendu en trop",
    left_before_cents=15_000,
    before_counted=False,
)
_EARLIER = replace(
    _SHIFT,
    number=2,
    name="Chloé M.",
    opened_at=datetime(2026, 1, 21, 8, 0, 11, tzinfo=UTC),
    closed_at=_OPENED,
    in_cents=0,
    out_cents=0,
    pickup_cents=0,
    counts=(Counted("cash", 15_000, None),),
    deposit_cents=0,
    left_cents=0,
    reason="Le tiroir est resté fermé",
    left_before_cents=18_000,
    before_counted=True,
)
_FIGURES = Figures(
    spans=(Span(2, 101, 254, 455, 689, 2, 3, 4, 6, 1_204, 1_733),),
    sales=150,
    reversals=3,
    reversed_cents=-2_550,
    credit_notes=2,
    credited_cents=-1_700,
    authorized=2,
    tariffs=(
        Sold("JEUNE", "Réduit jeune", 550, 61, 0, 36_600),
        Sold("PLEIN", "Plein", 550, 170, 4, 141_100),
        Sold("PROMO", "Tarif Promo", 550, 4, 0, 0),
    ),
    products=(
        Sold("TOUR", "Tour de cou", 2_000, 6, 0, 3_000),
        Sold("PASS20", "Pass 20 places", 550, 1, 0, 9_000),
    ),
    vouchers=(Sold("CADEAU", "Carte cadeau", 0, 1, 0, 5_000),),
    fees=(),
    sections=(Place("Compétition", 180, 4, 141_000), Place("", 55, 0, 36_700)),
    venues=(Place("Centre de Congrès Jean Monnier", 200, 4, 148_000), Place("Les 400 Coups", 35, 0, 29_700)),
    payments=(
        Paid("card", 88, 98_750, 0, 0),
        Paid("cash", 64, 38_650, 3, -2_550),
        Paid("cheque", 2, 1_700, 0, 0),
        Paid("place_card", 2, 1_700, 0, 0),
        Paid("balance", 0, 0, 1, -850),
    ),
    vat=(Vat(550, 185_000, 175_355, 9_645, 191_800), Vat(2_000, 3_000, 2_500, 500, 3_000)),
    stored=(
        Stored(StoredValueKind.BALANCE, None, 0, 850, 0, 500, 0, 0, 0, 12_350),
        Stored(StoredValueKind.GIFT_CARD, None, 5_000, 0, 0, 1_700, 0, 0, 0, 21_300),
        Stored(StoredValueKind.PLACE_CARD, None, 10, 0, 0, 3, 1, 0, 2, 41),
    ),
    free=(FreeTickets(Free.PROMO_CODE, "Tarif Promo", 4),),
    tickets=(TicketNumbers(2, 455, 689, 235),),
    copies=(Acts("ticket", 2),),
    overrides=(Acts("sale.reversed", 2),),
    acts=(Acts("basket.line_removed", 5), Acts("drawer.opened", 1)),
    shifts=(_EARLIER, _SHIFT),
    uncertain=1,
)
_ASIDE = Aside(
    exchanges=1,
    exchanged_cents=-850,
    unsold_cards=(UnsoldCards("Invitation permanente", 2, 1_700),),
    answered=(Answered(2, 2, "Lisa B."), Answered(2, 3, "Lisa B.")),
    openings=(OpeningAnswered(2, _EARLIER.opened_at, "Lisa B.", "30 € portés au coffre la veille"),),
)


def closing(letterhead: Letterhead) -> ClosingPaper:
    """The Z of a till, with a difference that somebody answered for."""
    made = Made(
        id=UUID(int=1),
        period=ClosingPeriod.TILL,
        till=2,
        made_at_till=1,
        number=3,
        first_day=_DAY,
        last_day=_DAY,
        at=_AT,
        manager="Lisa B.",
        manager_number=1,
        figures=_FIGURES,
        period_cents=_FIGURES.turnover_cents,
        period_absolute_cents=_FIGURES.absolute_cents,
        perpetual_cents=1_234_567,
        perpetual_absolute_cents=1_250_067,
        entry="1-1734 3F2A 9C1B 77D0 E4A1",
        aside=_ASIDE,
    )
    return ClosingPaper(letterhead, made)


def reading(letterhead: Letterhead) -> ReadingPaper:
    """The X of the whole box office, a shift open."""
    read = Reading(_AT, _DAY, None, _FIGURES, (_SHIFT,), 1_234_567, 1_250_067, _ASIDE)
    return ReadingPaper(letterhead, read)


def handover(letterhead: Letterhead) -> HandoverPaper:
    """A shift handed over with a little of everything left."""
    return HandoverPaper(
        letterhead,
        Handover(
            till=2,
            shift=3,
            operator="Karim D.",
            opened_at=_OPENED,
            closed_at=_AT,
            left_cents=15_000,
            deposit_cents=9_350,
            reservations=(Waiting("R4 7KQ2", datetime(2026, 1, 22, 12, 30, tzinfo=UTC), 3),),
            prints_failed=1,
            prints_uncertain=1,
            credit_requests=2,
            oldest_request=_OPENED,
            baskets=(Waiting("Monsieur au chapeau rouge", _AT),),
            note="La cliente du 19:45 repasse demain pour son parapluie.",
        ),
    )


def cash_slip(letterhead: Letterhead) -> CashSlipPaper:
    """Cash taken out of a drawer."""
    return CashSlipPaper(
        letterhead, 2, 6, CashKind.OUT, 1_250, "Rouleaux de papier", "Chloé M.", "Karim D.", "Lisa B.", _AT
    )


def deposit_slip(letterhead: Letterhead) -> DepositSlipPaper:
    """The cash of a shift that goes to the bank."""
    pieces = ((5_000, 2), (2_000, 5), (1_000, 3), (500, 2), (200, 1), (100, 1), (50, 1))
    return DepositSlipPaper(letterhead, 2, 3, "Karim D.", _AT, 24_350, 9_350, 15_000, pieces)
