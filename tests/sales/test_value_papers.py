"""The papers of cards and promo codes: ordered, loaded from the books, and read by a scanner."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from uuid import UUID, uuid4

import pytest
import zxingcpp
from PIL import Image
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import CardSource, PromoEffect
from boxoffice.models import GiftCard, JournalEntry, PlaceCard, PrintJob
from boxoffice.printing.format import BY_COLUMNS
from boxoffice.printing.rendering import to_plain, to_png
from boxoffice.printing.samples import sample
from boxoffice.sales.codes import grouped
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.card_papers import GiftCardPaper, PlaceCardPaper, PromoCodePaper
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import (
    DocumentKind,
    Paper,
)
from boxoffice.sales.vouchers import card_view
from boxoffice.sales.vouchers.value_papers import export_gift_card, print_papers
from tests.sales.conftest import Festival
from tests.sales.test_badges import come_out
from tests.sales.test_card_care import replaced
from tests.sales.value_life import (
    add_kind,
    add_promo_tariff,
    books_hold,
    give_card,
    look_up,
    make,
    numbered_card,
)


def order(festival: Festival, *values: UUID) -> list[Paper]:
    """The papers that are waiting once those of these values have been ordered."""
    festival.write(lambda session: print_papers(session, festival.desk, values, clock=festival.clock))
    jobs = [row.id for row in festival.rows(PrintJob) if row.value_id in values]

    def load(job_id: int) -> Paper:
        def work(session: Session) -> Paper:
            job = outbox.find_job(session, job_id)
            assert job is not None
            return load_paper(session, job, clock=festival.clock)

        return festival.read(work)

    return [load(job_id) for job_id in jobs]


def test_the_paper_of_a_card_says_what_it_is_good_for(festival: Festival) -> None:
    kind = add_kind(festival, weekdays="12345", includes_supplement=True, price_lists="FILMS")
    value_id = give_card(festival, kind, until=date(2026, 5, 20))
    (paper,) = order(festival, value_id)
    assert isinstance(paper, PlaceCardPaper)
    (card,) = festival.rows(PlaceCard)
    assert (paper.label, paper.places, paper.valid_until) == ("Carte CARTE5", 5, date(2026, 5, 20))
    assert (paper.typed, paper.code) == (grouped(card.number), card.code)
    assert paper.terms == ("Du lundi au vendredi", "Tarifs : Films", "Supplément technologique compris")


def test_the_paper_of_a_code_says_what_it_gives(festival: Festival) -> None:
    add_promo_tariff(festival)
    half = make(festival, valid_until=date(2026, 1, 25), screenings=("KNEECAP", "KNEECAP2", "ETERNAL"))
    free = make(
        festival,
        effect=PromoEffect.OPENS_TARIFF,
        percentage=None,
        tariff_code="PROMO",
        needs_paid_seat=True,
        word="DEUX",
        uses=10,
        seats_per_use=2,
    )
    first, second = order(
        festival, look_up(festival, half.codes[0]).value_id, look_up(festival, "deux").value_id
    )
    assert isinstance(first, PromoCodePaper)
    assert isinstance(second, PromoCodePaper)
    assert (first.gives, first.typed) == ("- 50\u00a0%", grouped(half.codes[0]))
    assert first.terms == (
        "Une seule fois, pour une place",
        "Pour « The Eternal Daughter », « Kneecap »",
    )
    assert (second.gives, second.typed, free.codes) == ("Tarif promo GRATUIT", "DEUX", ("DEUX",))
    assert second.terms == ("Une place achetée = une place offerte", "10 fois, pour 2 places")


def test_a_second_paper_is_a_duplicata_that_the_journal_tells(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival))
    order(festival, value_id)
    papers = order(festival, value_id)
    assert [paper.copy_number for paper in papers if isinstance(paper, PlaceCardPaper)] == [0, 1]
    assert [row.kind for row in festival.rows(JournalEntry)].count("document.reprinted") == 1
    books_hold(festival)


def test_the_paper_of_a_replaced_card_is_the_original_of_its_new_code(festival: Festival) -> None:
    value_id = festival.sell_gift(cents=2000).value_id
    come_out(festival)
    festival.clock.advance(timedelta(minutes=1))
    (gift,) = festival.rows(GiftCard)
    replaced(festival, value_id, gift.typed_code)
    view = festival.read(
        lambda session: card_view.read_card(session, value_id, festival.desk, clock=festival.clock)
    )
    assert view.copies is None
    order(festival, value_id)
    come_out(festival)
    festival.clock.advance(timedelta(minutes=1))
    order(festival, value_id)
    jobs = [row for row in festival.rows(PrintJob) if row.value_id == value_id]
    assert [(job.position, job.copy_number) for job in jobs] == [(0, 0), (1, 0), (1, 1)]
    assert [row.kind for row in festival.rows(JournalEntry)].count("document.reprinted") == 1
    books_hold(festival)


def test_a_gift_card_sold_comes_out_with_its_words_and_its_codes(festival: Festival) -> None:
    line = festival.sell_gift(giver="Papi", recipient="Léa", message="Bonne toile !")
    (job,) = [row for row in festival.rows(PrintJob) if row.value_id == line.value_id]
    assert (job.document, job.copy_number) == ("gift_card", 0)
    original, copy = order(festival, line.value_id)
    assert isinstance(original, GiftCardPaper)
    (card,) = festival.rows(GiftCard)
    assert (original.code, original.typed) == (card.code, grouped(card.typed_code))
    assert (original.amount_cents, original.recipient, original.single_purpose) == (5000, "Léa", False)
    assert copy == replace(original, copy_number=1)
    books_hold(festival)


def test_a_gift_card_that_goes_out_as_a_file_is_told(festival: Festival) -> None:
    line = festival.sell_gift("BON850", recipient="Léa")
    head = festival.read(read_letterhead)
    export = partial(export_gift_card, desk=festival.desk, letterhead=head, clock=festival.clock)
    paper = festival.write(lambda session: export(session, value_id=line.value_id))
    assert (paper.amount_cents, paper.recipient, paper.single_purpose) == (850, "Léa", True)
    assert [row.kind for row in festival.rows(JournalEntry)].count("value.exported") == 1
    with pytest.raises(Refusal, match="inconnue"):
        festival.write(lambda session: export(session, value_id=uuid4()))
    books_hold(festival)


def test_a_card_numbered_elsewhere_is_not_printed_here(festival: Festival) -> None:
    value_id = numbered_card(festival, add_kind(festival), "CINE000123")
    with pytest.raises(Refusal) as refused:
        order(festival, value_id)
    assert "émise ailleurs" in refused.value.message
    assert festival.rows(PlaceCard)[0].source is CardSource.ELSEWHERE


@pytest.mark.parametrize("kind", [DocumentKind.GIFT_CARD, DocumentKind.PLACE_CARD, DocumentKind.PROMO_CODE])
@pytest.mark.parametrize("columns", sorted(BY_COLUMNS))
def test_the_code_of_the_paper_can_be_read(kind: DocumentKind, columns: int) -> None:
    paper = sample(kind)
    assert isinstance(paper, GiftCardPaper | PlaceCardPaper | PromoCodePaper)
    image = Image.open(BytesIO(to_png(paper, BY_COLUMNS[columns])))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [paper.code]
    assert "SPÉCIMEN" in to_plain(paper, columns)
