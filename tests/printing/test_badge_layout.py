"""A badge says who wears it, as large as it fits, at every width, standing or lying."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from boxoffice.printing import escpos, picture
from boxoffice.printing.boxes import draw_boxes
from boxoffice.printing.document import (
    Align,
    Document,
    DoesNotFit,
    Sideways,
    Text,
    TickBoxes,
    as_large_as_fits,
    check_fits,
)
from boxoffice.printing.format import BY_COLUMNS, MEDIUM, NARROW, WIDE, Format
from boxoffice.printing.layouts import lay_out
from boxoffice.printing.rendering import to_bytes, to_plain, to_png
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import BadgePaper, BookingsPaper, DocumentKind, PaperBooking

from .test_layouts import words

CODE = "PBCDFGHJKLNPRSTVXBCDFGHJKLNPRST"
LONG_NAME = "Montgomery-de La Rochefoucauld"
STANDING = [NARROW, MEDIUM, WIDE]
LYING = [replace(MEDIUM, landscape=True), replace(WIDE, landscape=True)]


def badge(**changes: object) -> BadgePaper:
    paper = sample(DocumentKind.BADGE)
    assert isinstance(paper, BadgePaper)
    return replace(paper, **changes)  # type: ignore[arg-type]


def bookings(**changes: object) -> BookingsPaper:
    paper = sample(DocumentKind.BOOKINGS)
    assert isinstance(paper, BookingsPaper)
    return replace(paper, **changes)  # type: ignore[arg-type]


def names(document: Document) -> list[Text]:
    """The lines of a badge that bear the name: the largest."""
    texts = [element for element in document if isinstance(element, Text) and not element.invert]
    largest = max(text.wide for text in texts)
    return [text for text in texts if text.wide == largest]


@pytest.mark.parametrize("format", STANDING)
def test_a_surname_of_thirty_letters_is_large_on_every_paper(format: Format) -> None:
    assert len(LONG_NAME) == 30
    document = lay_out(badge(surname=LONG_NAME, first_name="Marie-Élisabeth"), format.columns)
    check_fits(document, format.columns)
    lines = names(document)
    assert lines[0].wide >= 2
    assert [line.text for line in lines] == ["Marie-Élisabeth", "Montgomery-de La", "Rochefoucauld"]


def test_a_short_name_is_as_large_as_it_gets() -> None:
    assert {
        (line.wide, line.tall) for line in names(lay_out(badge(surname="Roy", first_name="Léa"), 42))
    } == {(5, 5)}


def test_a_name_is_parted_at_spaces_and_hyphens_only() -> None:
    (first, second) = as_large_as_fits(["Lefèvre-Ibáñez"], 16, 4)
    assert (first.text, second.text, first.wide) == ("Lefèvre-", "Ibáñez", 2)
    (whole,) = as_large_as_fits(["Wolfeschlegelstein"], 24, 4)
    assert (whole.text, whole.wide, whole.tall) == ("Wolfeschlegelstein", 1, 2)


def test_a_name_longer_than_any_badge_is_cut_after_its_lines() -> None:
    lines = as_large_as_fits(["x" * 100], 24, 2, align=Align.CENTRE)
    assert [len(line.text) for line in lines] == [24, 24]


@pytest.mark.parametrize("format", [*STANDING, *LYING])
@pytest.mark.parametrize("copy_number", [0, 2])
def test_the_code_of_a_badge_can_be_read(format: Format, copy_number: int) -> None:
    paper = badge(surname=LONG_NAME, organisation="Cinémathèque de Nantes", copy_number=copy_number)
    image = Image.open(BytesIO(to_png(paper, format)))
    assert image.width == format.dots
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [CODE]


@pytest.mark.parametrize("columns", sorted(BY_COLUMNS))
def test_a_badge_says_what_it_is(columns: int) -> None:
    said = words(badge(organisation="Les Films du Tilleul"), columns)
    for statement in (
        "Festival des Œuvres rêvées · 2026",
        "Les Films du Tilleul",
        "Pass individuel 20 places",
        "Du 17 janv. 2026 au 25 janv. 2026",
        "N° 2-0000017-40392",
        "PBCD FGHJ KLNP RSTV XBCD FGHJ KLNP RST",
    ):
        assert statement in said


def test_a_product_stands_white_on_black_across_the_paper() -> None:
    (line,) = (
        element
        for element in lay_out(badge(product="Presse"), 42)
        if isinstance(element, Text) and element.text.strip() == "Presse"
    )
    assert (line.invert, line.wide, 42 - line.columns <= 2) == (True, 2, True)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date(2026, 1, 17), date(2026, 1, 25), "Du 17 janv. 2026 au 25 janv. 2026"),
        (date(2026, 1, 17), date(2026, 1, 17), "Valable le 17 janv. 2026"),
        (None, date(2026, 1, 25), "Valable jusqu'au 25 janv. 2026"),
        (date(2026, 1, 17), None, "Valable à partir du 17 janv. 2026"),
    ],
)
def test_a_badge_says_on_which_days_it_serves(since: date | None, until: date | None, said: str) -> None:
    assert said in words(badge(valid_from=since, valid_until=until))


def test_an_accreditation_has_no_box_to_tick() -> None:
    document = lay_out(badge(places=None, valid_from=None, valid_until=None), 42)
    assert not [element for element in document if isinstance(element, TickBoxes)]
    assert "places" not in words(badge(places=None, product="Presse"))


@pytest.mark.parametrize(("total", "rows"), [(20, 2), (6, 1), (100, 10)])
def test_used_places_are_filled_boxes(total: int, rows: int) -> None:
    paper = badge(places=total, used=3)
    grid = [line for line in to_plain(paper, 42).splitlines() if "□" in line or "■" in line]
    assert len(grid) == rows
    assert "".join(grid).count("■") == 3
    assert "".join(grid).count("□") == total - 3


@pytest.mark.parametrize("format", STANDING)
def test_boxes_are_the_same_dots_on_the_printer_and_in_the_picture(format: Format) -> None:
    bitmap = draw_boxes(20, 3, format)
    printed = escpos.render((TickBoxes(20, 3),), format)
    assert b"".join(bitmap.rows) in printed
    image = picture.draw((TickBoxes(20, 3),), format)
    margin = format.line_dots
    black = [
        [image.getpixel((x, margin + y)) == 0 for x in range(format.dots)] for y in range(len(bitmap.rows))
    ]
    for row, dots in zip(bitmap.rows, black, strict=True):
        assert [bool(row[x // 8] >> (7 - x % 8) & 1) for x in range(format.dots)] == dots


def test_a_filled_box_is_black_and_an_empty_one_is_a_frame() -> None:
    rows = draw_boxes(2, 1, MEDIUM).rows
    middle = "".join(f"{byte:08b}" for byte in rows[len(rows) // 2 - 5])
    full, _, hollow = middle.strip("0").partition("00")
    assert len(full) > 30
    assert hollow.strip("0").split("0")[0] == "111"


@pytest.mark.parametrize("format", LYING)
def test_a_lying_badge_is_sent_as_an_image_and_cut(format: Format) -> None:
    rendered = to_bytes(badge(), format)
    assert rendered.count(b"\x1dv0\x00" + (format.dots // 8).to_bytes(2, "little")) == 4
    assert rendered.endswith(b"\x1dVB\x00")
    assert b"Zo" not in rendered


def test_a_lying_badge_is_read_along_the_paper() -> None:
    lying = to_plain(badge(), 42, landscape=True)
    line = next(line for line in lying.splitlines() if "Pass individuel" in line)
    assert "█" in line, "its name stands beside the code"
    image = Image.open(BytesIO(to_png(badge(), LYING[0])))
    assert image.height > image.width


def test_a_marked_copy_lying_down_says_so() -> None:
    assert "DUPLICATA n° 3" in to_plain(badge(copy_number=3), 42, landscape=True)


def test_what_is_higher_than_the_paper_is_wide_does_not_fit_lying_down() -> None:
    tall = tuple(Text("x", tall=4) for _line in range(6))
    with pytest.raises(DoesNotFit):
        picture.draw((Sideways(tall, 20, (), 20),), MEDIUM)
    with pytest.raises(DoesNotFit):
        check_fits((Sideways((Text("x" * 21),), 20, (), 20),), 42)


def test_more_boxes_than_a_lying_badge_has_room_for_are_told_in_words() -> None:
    lying = to_plain(badge(places=60), 48, landscape=True)
    assert "60 places" in lying
    assert "□" not in lying
    assert to_bytes(badge(places=60, organisation="Cinémathèque de Nantes", product="P" * 60), LYING[1])


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(max_size=60),
    st.integers(1, 60),
    st.sampled_from([*STANDING, *LYING]),
)
def test_a_badge_of_anything_fits(
    surname: str, first_name: str, organisation: str, product: str, places: int, format: Format
) -> None:
    paper = badge(
        surname=surname,
        first_name=first_name,
        organisation=organisation,
        product=product,
        places=places,
        copy_number=1,
    )
    assert to_bytes(paper, format)
    assert to_plain(paper, format.columns, landscape=format.landscape)


@pytest.mark.parametrize("columns", sorted(BY_COLUMNS))
def test_bookings_are_listed_in_order_with_what_can_still_be_cancelled(columns: int) -> None:
    said = words(bookings(), columns)
    for statement in (
        "RÉSERVATIONS",
        "Zoé Lefèvre-Ibáñez",
        "Reste 17 sur 20 places",
        "mar. 20 janv. 14 h 00 Noël à Lódz 400 Coups, Salle 5 · VF Utilisée",
        "Annulable jusqu'au jeu. 22 janv. à 20:15",
        "2 places",
        "Ne peut plus être annulée",
        "Ce papier n'est pas un billet",
    ):
        assert statement in said


def test_a_pass_without_bookings_says_so() -> None:
    said = words(bookings(bookings=(), places=6, used=6))
    assert "Aucune réservation." in said
    assert "Il ne reste aucune place" in said


def test_a_moved_screening_is_said_on_the_list_without_any_limit() -> None:
    booking = replace(bookings().bookings[2], cancellable_until=None, moved=True)
    printed = words(replace(bookings(), bookings=(booking,)))
    assert "Séance déplacée : la place peut être rendue" in printed
    assert "Annulable jusqu'au" not in printed


def test_a_cancelled_screening_is_said_on_the_list() -> None:
    booking = replace(bookings().bookings[2], screening_cancelled=True)
    assert "Séance annulée : la place peut être rendue" in words(bookings(bookings=(booking,)))


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(sorted(BY_COLUMNS)))
def test_a_list_of_anything_fits(title: str, place: str, columns: int) -> None:
    at = bookings().at
    booking = PaperBooking(title, title[:9], at, place, 3, at - timedelta(days=1))
    paper = bookings(holder=title, product=place, bookings=(booking,))
    check_fits(lay_out(paper, columns), columns)
