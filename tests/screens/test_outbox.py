"""F12: what the cashier sees of the papers, and what can be done about them."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session, col, select
from textual.widgets import Static

from boxoffice.house import House
from boxoffice.kinds import Action, ClosingPeriod
from boxoffice.models import JobState, Printer, PrinterKind, PrintJob
from boxoffice.sales.holders import badges
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.prints.outbox import block, find_job
from boxoffice.sales.prints.outbox_listing import list_outbox
from boxoffice.screens.doubt import DidItComeOut
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.rows import Rows
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.leaving import leave_to

from .stage import UNANSWERED, Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


def _jobs(festival: Festival) -> list[PrintJob]:
    return list(
        festival.read(lambda session: session.exec(select(PrintJob).order_by(col(PrintJob.id))).all())
    )


def _bring_to(festival: Festival, state: JobState, reason: str = "", sale_id: UUID | None = None) -> None:
    """Put the papers of a sale, or all of them, where printers leave them."""

    def move(session: Session) -> None:
        for job in session.exec(select(PrintJob)).all():
            if sale_id in (None, job.sale_id):
                job.state, job.reason = state, reason
                session.add(job)

    festival.write(move)


def _preview(app: Stage) -> str:
    return str(app.screen.query_one("#outbox-paper Static", Static).render())


async def test_the_last_ticket_is_chosen_and_shown_as_it_comes_out(festival: Festival, house: House) -> None:
    festival.sell(festival.seat_line(quantity=2), receipt=True)
    _bring_to(festival, JobState.PRINTED)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        chosen = app.screen.query_one(Rows)
        assert "Billet 1-000002" in str(chosen.highlighted_option.prompt)
        assert "1-000002" in _preview(app)
        assert "KNEECAP" in _preview(app)


async def test_every_attempt_to_print_a_paper_is_told_above_it(festival: Festival, house: House) -> None:
    festival.sell()
    (job,) = _jobs(festival)
    assert job.id is not None
    found = festival.read(lambda session: find_job(session, job.id))
    assert found is not None
    for reason in ("Capot ouvert.", "Plus de papier."):
        festival.write(lambda session, why=reason: block(session, found, why, clock=festival.clock))
        festival.clock.advance(timedelta(minutes=1))
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        shown = _preview(app)
    story = shown.split("\n\n")[0].replace("\n  ", " ")
    told_at = [line.split(" · ") for line in story.splitlines() if "bloqué" in line]
    assert [(at, detail.strip()) for at, _printer, _state, detail in told_at] == [
        ("12:00", "Capot ouvert."),
        ("12:01", "Plus de papier."),
    ]
    assert shown.index("Plus de papier.") < shown.index("KNEECAP")


async def test_d_copies_the_last_ticket_and_says_so(festival: Festival, house: House) -> None:
    festival.sell()
    _bring_to(festival, JobState.PRINTED)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "d")
        assert "Billet 1-000001 DUPLICATA 1" in str(app.screen.query_one(Rows).get_option_at_index(0).prompt)
    assert [(job.copy_number, job.state) for job in _jobs(festival)] == [
        (0, JobState.PRINTED),
        (1, JobState.QUEUED),
    ]


async def test_a_doubtful_paper_comes_first_and_o_settles_it(festival: Festival, house: House) -> None:
    first = festival.sell()
    second = festival.sell()
    _bring_to(festival, JobState.UNCERTAIN, "L'imprimante ne répond plus.", first.sale_id)
    _bring_to(festival, JobState.PRINTED, sale_id=second.sale_id)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Sorti et lisible ?" in told(app.screen)
        assert "L'imprimante ne répond plus." in told(app.screen)
        await press(pilot, "o")
    assert [job.state for job in _jobs(festival)] == [JobState.PRINTED, JobState.PRINTED]


async def test_a_blocked_paper_is_in_view_whatever_was_printed_after_it(
    festival: Festival, house: House
) -> None:
    blocked = festival.sell()
    later = [festival.sell(festival.product_line()) for _each in range(3)] + [festival.sell()]
    _bring_to(festival, JobState.BLOCKED, "Plus de papier.", blocked.sale_id)
    for sale in later:
        _bring_to(festival, JobState.PRINTED, sale_id=sale.sale_id)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Bloqué" in told(app.screen)
        assert "R renvoyer" in told(app.screen)


async def test_a_paper_that_did_not_come_out_comes_again_as_a_copy(festival: Festival, house: House) -> None:
    festival.sell()
    _bring_to(festival, JobState.UNCERTAIN)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "n")
    assert [(job.copy_number, job.state) for job in _jobs(festival)] == [
        (0, JobState.ABANDONED),
        (1, JobState.QUEUED),
    ]


async def test_a_blocked_paper_goes_to_another_printer(festival: Festival, house: House) -> None:
    festival.sell()
    _bring_to(festival, JobState.BLOCKED, "Plus de papier.")
    festival.write(lambda session: session.add(Printer(name="Renfort", kind=PrinterKind.FILE, address="x")))
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "a")
        assert "Envoyer à quelle imprimante ?" in told(app.screen)
        await press(pilot, "1")
    (job,) = _jobs(festival)
    printer = festival.read(lambda session: session.get(Printer, job.printer_id))
    assert printer is not None
    assert (printer.name, job.state) == ("Renfort", JobState.QUEUED)


async def test_all_that_waits_for_a_printer_goes_to_another_one_at_once(
    festival: Festival, house: House
) -> None:
    festival.sell(festival.seat_line(quantity=3))
    _bring_to(festival, JobState.BLOCKED, "Plus de papier.")
    festival.write(lambda session: session.add(Printer(name="Renfort", kind=PrinterKind.FILE, address="x")))
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "t")
        assert "Envoyer tout ce qui attend à quelle imprimante ?" in told(app.screen)
        await press(pilot, "1")
        assert "3 papiers envoyés à Renfort." in told(app.screen)
    renfort = next(each.id for each in festival.rows(Printer) if each.name == "Renfort")
    assert {(job.printer_id, job.state) for job in _jobs(festival)} == {(renfort, JobState.QUEUED)}


async def test_the_last_ticket_is_copied_although_another_paper_is_blocked(
    festival: Festival, house: House
) -> None:
    stuck, sold = festival.sell(), festival.sell()
    _bring_to(festival, JobState.BLOCKED, "Plus de papier.", stuck.sale_id)
    _bring_to(festival, JobState.PRINTED, sale_id=sold.sale_id)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Billet 1-000001" in str(app.screen.query_one(Rows).highlighted_option.prompt)
        await press(pilot, "d")
        assert "duplicata n° 1 demandé" in told(app.screen)
    (copy,) = [job for job in _jobs(festival) if job.copy_number]
    assert copy.sale_id == sold.sale_id


def test_a_closing_is_named_by_its_till_and_its_number(festival: Festival) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850)
    close_the_till(festival, 1, 5_000)
    close_the(festival, ClosingPeriod.DAY)
    lines = festival.read(lambda session: list_outbox(session, festival.desk.post.till_id))
    titles = {line.title for line in lines}
    assert {"Clôture (Z) caisse 1 n° 1", "Clôture (Z) journée n° 1", "Feuille de relève caisse 1"} <= titles


async def test_a_paper_with_no_other_printer_to_go_to_says_so(festival: Festival, house: House) -> None:
    festival.sell()
    _bring_to(festival, JobState.BLOCKED, "Plus de papier.")
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "a")
        assert "Il n'y a pas d'autre imprimante." in told(app.screen)


async def test_a_long_reason_is_wrapped_above_the_paper_and_ended_by_an_ellipsis_in_the_list(
    festival: Festival, house: House
) -> None:
    festival.sell()
    (job,) = _jobs(festival)
    assert job.id is not None
    found = festival.read(lambda session: find_job(session, job.id))
    assert found is not None
    reason = "Imprimante éteinte ou débranchée."
    festival.write(lambda session: block(session, found, reason, clock=festival.clock))
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        row = str(app.screen.query_one(Rows).options[0].prompt)
        assert row.endswith("…")
        story = _preview(app).split("\n\n")[0]
        assert reason in " ".join(line.strip() for line in story.splitlines())
        assert not app.screen.query_one("#outbox-paper").show_horizontal_scrollbar


async def test_a_blocked_paper_can_be_resent_or_given_up(festival: Festival, house: House) -> None:
    festival.sell()
    _bring_to(festival, JobState.BLOCKED, "Plus de papier.")
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "r")
        assert [job.state for job in _jobs(festival)] == [JobState.QUEUED]
        await press(pilot, "x")
        assert [job.state for job in _jobs(festival)] == [JobState.ABANDONED]


async def test_what_cannot_be_done_is_refused_in_a_sentence(festival: Festival, house: House) -> None:
    festival.sell()
    _bring_to(festival, JobState.PRINTED)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "r")
        assert "Ce document est déjà sorti." in told(app.screen)


async def test_e_prints_a_test_page(festival: Festival, house: House) -> None:
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "e", "enter")
        assert "Test d'imprimante" in str(app.screen.query_one(Rows).get_option_at_index(0).prompt)
    assert [job.document for job in _jobs(festival)] == ["printer_test"]


async def test_an_empty_outbox_says_so(festival: Festival, house: House) -> None:
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "d", "r", "a", "o", "x", "down")
        assert "Rien n'a encore été imprimé" in told(app.screen)


@pytest.mark.parametrize(("key", "answer"), [("o", True), ("n", False), ("escape", None)])
async def test_the_question_of_a_doubtful_paper_has_an_answer_for_each_key(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch, key: str, answer: bool | None
) -> None:
    monkeypatch.setattr(DidItComeOut, "DEAF_SECONDS", 3600.0)
    festival.sell()
    _bring_to(festival, JobState.UNCERTAIN, "Connexion perdue.")
    (line,) = festival.read(lambda session: list_outbox(session, festival.desk.post.till_id))
    app = Stage(house, DidItComeOut(line))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Connexion perdue." in told(app.screen)
        app.shown.listen()
        await press(pilot, key)
    assert app.answer is answer


async def test_keys_on_their_way_when_the_question_comes_up_are_no_answer(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DidItComeOut, "DEAF_SECONDS", 3600.0)
    festival.sell()
    _bring_to(festival, JobState.UNCERTAIN)
    (line,) = festival.read(lambda session: list_outbox(session, festival.desk.post.till_id))
    app = Stage(house, DidItComeOut(line))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "n", "o", "enter", "escape")
    assert app.answer is UNANSWERED


async def test_a_paper_that_will_not_be_printed_again_is_not_said_to_have_come_out(
    festival: Festival, house: House
) -> None:
    sold = festival.sell()
    _bring_to(festival, JobState.UNCERTAIN, "L'imprimante ne répond plus.")
    festival.reverse(sold)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "n")
        assert "Noté : il n'est pas sorti, et il n'y a pas lieu de le réimprimer." in told(app.screen)


async def test_a_badge_is_shown_and_copied_from_the_outbox(festival: Festival, house: House) -> None:
    pass_id = festival.sell_pass(CustomerDetails("Dûpont", "Zoé"))
    festival.write(lambda session: badges.print_badge(session, festival.desk, pass_id, clock=festival.clock))
    _bring_to(festival, JobState.PRINTED)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        row = str(app.screen.query_one(Rows).highlighted_option.prompt)
        assert "Badge 1-0000001-" in row
        assert "Dûpont" in _preview(app)
        assert "Pass individuel 20 places" in told(app.screen)
        await press(pilot, "d")
        assert "duplicata n° 1 demandé" in told(app.screen)
    assert [(job.document, job.copy_number) for job in _jobs(festival)] == [("badge", 0), ("badge", 1)]


async def test_a_list_of_bookings_is_shown_but_not_copied(festival: Festival, house: House) -> None:
    pass_id = festival.sell_pass()
    festival.write(
        lambda session: badges.print_bookings(session, festival.desk, pass_id, clock=festival.clock)
    )
    _bring_to(festival, JobState.PRINTED)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "d")
        assert "Aucune réservation." in _preview(app)
    assert len(_jobs(festival)) == 1


async def test_who_may_not_reprint_has_a_manager_type_their_pin_for_a_copy(
    festival: Festival, house: House
) -> None:
    festival.sell(festival.seat_line())
    _bring_to(festival, JobState.PRINTED)
    leave_to(festival, Action.REPRINT)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "d")
        assert isinstance(app.screen, ManagerPin)
        await press(pilot, *"1234", "enter")
        assert isinstance(app.screen, OutboxScreen)
    assert [job.copy_number for job in _jobs(festival)] == [0, 1]
    festival.stands()


async def test_a_spoilt_paper_comes_again_by_a_managers_pin_where_copies_are_theirs(
    festival: Festival, house: House
) -> None:
    festival.sell(festival.seat_line())
    _bring_to(festival, JobState.UNCERTAIN)
    leave_to(festival, Action.REPRINT)
    app = Stage(house, OutboxScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "n")
        assert isinstance(app.screen, ManagerPin)
        assert [job.state for job in _jobs(festival)] == [JobState.UNCERTAIN]
        await press(pilot, *"1234", "enter")
        assert isinstance(app.screen, OutboxScreen)
    assert [job.copy_number for job in _jobs(festival)] == [0, 1]
