"""A sample of every paper, from a festival that does not exist: to look at, to set a printer up, to test."""

from datetime import UTC, date, datetime

from boxoffice.kinds import PrinterKind
from boxoffice.money import format_euros
from boxoffice.sales.books.bookkeeping import vat_shares
from boxoffice.sales.prints.card_papers import GiftCardPaper, PlaceCardPaper, PromoCodePaper
from boxoffice.sales.prints.papers import (
    AffectedPaper,
    BadgePaper,
    BookingsPaper,
    CreditNotePaper,
    DocumentKind,
    Letterhead,
    Origin,
    Paper,
    PaperBooking,
    PaperLine,
    PaperPayment,
    PaperReserved,
    PrinterTestPaper,
    ReceiptPaper,
    ReservationPaper,
    ReversalPaper,
    TicketPaper,
    VatShare,
)

from . import closing_samples, statement_samples

_LETTERHEAD = Letterhead(
    festival="Festival des Œuvres rêvées",
    operator_name="Association « Rêves d'été »",
    address="12, rue de l'Hôtel-Dieu",
    postcode="49000",
    town="Angers",
    siret="12345678900012",
    vat_number="FR12123456789",
    specimen="SPÉCIMEN",
)
_AT = datetime(2026, 1, 21, 17, 42, 7, tzinfo=UTC)
_TITLE = "L'Œuvre inachevée : été, façade & cœur d'hiver à Saint-Élier"
_LINES = (
    PaperLine(_TITLE, "Plein · mer. 21 janv. 19:45 · Amphi Jardin", 2, 850, 550),
    PaperLine("Noël à Łódź", "Réduit jeune · jeu. 22 janv. 14:00 · 400 Coups 5", 1, 600, 550),
    PaperLine("Catalogue du festival", "", 1, 1000, 2000),
)
_TICKETS = ("2-000456", "2-000457", "2-000458")


def sample(kind: DocumentKind) -> Paper:
    """The sample of one kind of paper; it says that it is a specimen."""
    match kind:
        case DocumentKind.TICKET:
            return _ticket()
        case DocumentKind.RECEIPT:
            return _receipt()
        case DocumentKind.REVERSAL_SLIP:
            return _reversal()
        case DocumentKind.CREDIT_NOTE:
            return _credit_note()
        case DocumentKind.BADGE:
            return _badge()
        case DocumentKind.BOOKINGS:
            return _bookings()
        case DocumentKind.RESERVATION:
            return _reservation()
        case DocumentKind.AFFECTED_LIST:
            return _affected()
        case DocumentKind.SCREENING_STATEMENT:
            return statement_samples.statement(_LETTERHEAD)
        case DocumentKind.DOOR_LIST:
            return statement_samples.door_list(_LETTERHEAD)
        case DocumentKind.WEEK_STATEMENT:
            return statement_samples.week(_LETTERHEAD)
        case DocumentKind.LEFT_TONIGHT:
            return statement_samples.left_tonight(_LETTERHEAD)
        case DocumentKind.CLOSING:
            return closing_samples.closing(_LETTERHEAD)
        case DocumentKind.READING:
            return closing_samples.reading(_LETTERHEAD)
        case DocumentKind.HANDOVER:
            return closing_samples.handover(_LETTERHEAD)
        case DocumentKind.CASH_SLIP:
            return closing_samples.cash_slip(_LETTERHEAD)
        case DocumentKind.DEPOSIT_SLIP:
            return closing_samples.deposit_slip(_LETTERHEAD)
        case DocumentKind.GIFT_CARD:
            return _gift_card()
        case DocumentKind.PLACE_CARD:
            return _place_card()
        case DocumentKind.PROMO_CODE:
            return _promo_code()
        case DocumentKind.PRINTER_TEST:
            return PrinterTestPaper(_LETTERHEAD, "Imprimante du guichet 2", PrinterKind.VIRTUAL, _AT)


def _origin(operation: str) -> Origin:
    return Origin(till_number=2, cashier_number=7, operation=operation, at=_AT)


def _ticket() -> TicketPaper:
    return TicketPaper(
        letterhead=_LETTERHEAD,
        origin=_origin("2-000123"),
        event_title=_TITLE,
        event_version="VOSTFR",
        minimum_age=12,
        starts_at=datetime(2026, 1, 21, 18, 45, tzinfo=UTC),
        place="Centre de Congrès – Amphi Jardin",
        seat="",
        tariff_code="PLEIN",
        tariff_label="Plein",
        price_cents=850,
        vat_rate=550,
        number="2-000456",
        screening_code="S0142",
        code="TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST",
        holder="Zoé Lefèvre-Ibáñez",
        advice="Les billets ne sont ni échangés ni remboursés.",
    )


def _receipt() -> ReceiptPaper:
    total = sum(line.total_cents for line in _LINES)
    return ReceiptPaper(
        letterhead=_LETTERHEAD,
        origin=_origin("2-000123"),
        lines=_LINES,
        payments=(
            PaperPayment("Solde client", 500, left=format_euros(2050)),
            PaperPayment("Carte bancaire", 800, reference="A1B2C3"),
            PaperPayment("Espèces", total - 1300, tendered_cents=5000),
        ),
        vat=_vat(_LINES),
        total_cents=total,
        ticket_numbers=_TICKETS,
        journal_entry="2-1841 3F2A 9C1B 77D0 E4A1",
    )


def _reversal() -> ReversalPaper:
    lines = tuple(
        PaperLine(line.label, line.detail, -line.quantity, line.unit_price_cents, line.vat_rate)
        for line in _LINES[:2]
    )
    total = sum(line.total_cents for line in lines)
    return ReversalPaper(
        letterhead=_LETTERHEAD,
        origin=_origin("2-000124"),
        original_operation="2-000123",
        original_at=_AT,
        lines=lines,
        refunds=(PaperPayment("Espèces", total),),
        vat=_vat(lines),
        total_cents=total,
        ticket_numbers=_TICKETS,
        authorized_by="Inès Güell",
        reason="Séance confondue avec celle de 21 h",
        journal_entry="2-1842 77D0 E4A1 3F2A 9C1B",
    )


def _credit_note() -> CreditNotePaper:
    lines = (
        PaperLine(_LINES[0].label, _LINES[0].detail, -2, 850, 550),
        PaperLine("Frais de reprise", "", 2, 150, 550),
    )
    return CreditNotePaper(
        letterhead=_LETTERHEAD,
        origin=_origin("2-000125"),
        number="2-000012",
        original_operation="2-000123",
        original_at=_AT,
        lines=lines,
        credits=(
            PaperPayment("Carte cadeau", -400, card="····-····-····-K3XV", left=format_euros(1600)),
            PaperPayment("Solde client", -1000, left=format_euros(3550)),
        ),
        vat=_vat(lines),
        credited_cents=1400,
        ticket_numbers=_TICKETS[:2],
        customer="Zoé Lefèvre-Ibáñez",
        authorized_by="Inès Güell",
        journal_entry="2-1843 E4A1 77D0 9C1B 3F2A",
    )


def _badge() -> BadgePaper:
    return BadgePaper(
        letterhead=_LETTERHEAD,
        edition="2026",
        product="Pass individuel 20 places",
        surname="Lefèvre-Ibáñez",
        first_name="Zoé",
        number="2-0000017-40392",
        code="PBCDFGHJKLNPRSTVXBCDFGHJKLNPRST",
        places=20,
        used=3,
        valid_from=date(2026, 1, 17),
        valid_until=date(2026, 1, 25),
    )


def _bookings() -> BookingsPaper:
    return BookingsPaper(
        letterhead=_LETTERHEAD,
        at=_AT,
        product="Pass individuel 20 places",
        holder="Zoé Lefèvre-Ibáñez",
        number="2-0000017-40392",
        places=20,
        used=3,
        bookings=(
            PaperBooking(
                "Noël à Łódź",
                "VF",
                datetime(2026, 1, 20, 13, 0, tzinfo=UTC),
                "400 Coups, Salle 5",
                used=True,
            ),
            PaperBooking(
                _TITLE,
                "VOSTFR",
                datetime(2026, 1, 21, 18, 45, tzinfo=UTC),
                "Centre de Congrès, Amphi Jardin",
            ),
            PaperBooking(
                "Cœurs d'été",
                "VOSTFR",
                datetime(2026, 1, 23, 19, 15, tzinfo=UTC),
                "Centre de Congrès, Auditorium",
                seats=2,
                cancellable_until=datetime(2026, 1, 22, 19, 15, tzinfo=UTC),
            ),
        ),
    )


def _reservation() -> ReservationPaper:
    evening = datetime(2026, 1, 23, 19, 15, tzinfo=UTC)
    before = datetime(2026, 1, 23, 18, 45, tzinfo=UTC)
    return ReservationPaper(
        letterhead=_LETTERHEAD,
        at=_AT,
        reference="48 21 53",
        code="RBCDFGHJKLNPRSTVXBCDFGHJKLNPRST",
        places=(
            PaperReserved(_TITLE, evening, "Amphi Jardin", "Plein", 2, 850, before),
            PaperReserved(_TITLE, evening, "Amphi Jardin", "Réduit jeune", 1, 600, before),
        ),
    )


def _affected() -> AffectedPaper:
    return AffectedPaper(
        letterhead=_LETTERHEAD,
        at=_AT,
        number="3",
        event_title=_TITLE,
        screening_code="S0142",
        told_starts_at=datetime(2026, 1, 21, 18, 45, tzinfo=UTC),
        told_place="Centre de Congrès – Amphi Jardin",
        new_starts_at=datetime(2026, 1, 22, 19, 30, tzinfo=UTC),
        new_place="Les 400 Coups – Salle 5",
        reason="Copie arrivée sans sous-titres",
        manager="Inès Güell",
        tickets=(
            ("Plein", ("2-000456", "2-000457", "2-000458", "2-000461")),
            ("Réduit jeune", ("1-000312",)),
        ),
        credit_cents=4000,
        bookings=(("2-0000017-40392", 1), ("1-0000004-11873", 3)),
        reservations=(("48 21 53", 2),),
    )


def _gift_card() -> GiftCardPaper:
    return GiftCardPaper(
        letterhead=_LETTERHEAD,
        label="Carte cadeau",
        amount_cents=5000,
        typed="HJKL-NPRS-TVXB-CDFG",
        code="GBCDFGHJKLNPRSTVXBCDFGHJKLNPRST",
        single_purpose=False,
        valid_until=date(2027, 1, 21),
        giver="Papi & Mamie",
        recipient="Léa",
        message="Joyeux anniversaire ! Une semaine de cinéma t'attend, et du pop-corn à la sortie.",
    )


def _place_card() -> PlaceCardPaper:
    return PlaceCardPaper(
        letterhead=_LETTERHEAD,
        label="CinéCarte 5 places",
        places=5,
        typed="9482-1553-0112-7904",
        code="LBCDFGHJKLNPRSTVXBCDFGHJKLNPRST",
        valid_until=date(2026, 5, 20),
        terms=("Du lundi au vendredi", "Supplément technologique compris"),
    )


def _promo_code() -> PromoCodePaper:
    return PromoCodePaper(
        letterhead=_LETTERHEAD,
        name="Partenaires d'été",
        gives="- 20 %",
        typed="HJKL-NPRS-TVXB-CDFG",
        code="HJKLNPRSTVXBCDFG",
        valid_until=date(2026, 1, 25),
        terms=("Une seule fois, pour une place", "Section « Chenaplans »"),
    )


def _vat(lines: tuple[PaperLine, ...]) -> tuple[VatShare, ...]:
    return vat_shares((line.vat_rate, line.total_cents) for line in lines)
