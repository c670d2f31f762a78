"""What the network driver claims, against what the printer did."""

import pytest

from boxoffice.printing.printers import Blocked, Outcome, Printout, Uncertain
from boxoffice.printing.printers.driver import (
    CONNECTION_LOST,
    COVER_OPEN,
    CUTTER_STUCK,
    NO_ANSWER,
    NO_PAPER,
    NOT_CONFIRMED,
    OFF,
    READY,
    STOPPED,
    WRONG_ADDRESS,
    Status,
)
from boxoffice.printing.printers.network import NetworkPrinter

from . import fake_printer
from .fake_printer import CUT, FakePrinter

PAPER = b"\x1b@Kneecap\n" + CUT


def connect(printer: FakePrinter) -> NetworkPrinter:
    return fake_printer.connect(printer.address, None)


def printout(data: bytes = PAPER) -> Printout:
    return Printout("ticket", data, lambda: b"")


def ignore(_reason: str) -> None:
    """Nobody is told."""


def test_an_acknowledging_printer_says_that_the_paper_came_out(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    assert driver.send(printout(), ignore) is Outcome.ACKNOWLEDGED
    assert printer.papers == [PAPER]


def test_each_document_has_its_own_acknowledgement(printer: FakePrinter) -> None:
    driver = connect(printer)
    for _ in range(40):
        assert driver.check() == READY
        assert driver.send(printout(), ignore) is Outcome.ACKNOWLEDGED
    assert printer.papers == [PAPER] * 40
    assert printer.connections == 1


def test_a_clone_without_process_ids_is_believed_for_its_paper_status(printer: FakePrinter) -> None:
    printer.acknowledges = False
    driver = connect(printer)
    assert driver.check() == READY
    assert driver.send(printout(), ignore) is Outcome.ACKNOWLEDGED
    assert printer.papers == [PAPER]


def test_a_printer_that_never_confirms_anything_is_only_sent_to(printer: FakePrinter) -> None:
    printer.acknowledges = printer.tells_paper_status = False
    driver = connect(printer)
    assert driver.check() == READY
    assert driver.send(printout(), ignore) is Outcome.SENT


@pytest.mark.parametrize("acknowledges", [True, False])
def test_a_printer_is_probed_once_and_what_it_can_is_told(printer: FakePrinter, acknowledges: bool) -> None:
    printer.acknowledges = acknowledges
    learnt: list[bool] = []
    driver = fake_printer.connect(printer.address, None, learnt.append)
    for _ in range(3):
        assert driver.check() == READY
    assert learnt == [acknowledges]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [("cover_open", COVER_OPEN), ("paper_out", NO_PAPER), ("cutter_stuck", CUTTER_STUCK)],
)
def test_a_printer_says_what_it_needs(printer: FakePrinter, trouble: str, reason: str) -> None:
    setattr(printer, trouble, True)
    assert connect(printer).check() == Status(False, reason)


def test_a_printer_turned_off_is_said_to_be_off(printer: FakePrinter) -> None:
    printer.turn_off()
    assert connect(printer).check() == Status(False, OFF)
    printer.turn_on()


def test_a_printer_that_does_not_answer_is_said_so(printer: FakePrinter) -> None:
    printer.answers = False
    assert connect(printer).check() == Status(False, NO_ANSWER)


@pytest.mark.parametrize("address", ["", ":9100", "host:port", "host:99999"])
def test_an_address_that_cannot_be_one_is_said_so(address: str) -> None:
    assert fake_printer.connect(address, None).check() == Status(False, WRONG_ADDRESS)


def test_a_printer_that_was_restarted_is_connected_again(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.turn_off()
    printer.turn_on()
    assert driver.check() == READY
    assert driver.send(printout(), ignore) is Outcome.ACKNOWLEDGED


def test_nothing_is_sent_to_a_printer_that_was_not_checked(printer: FakePrinter) -> None:
    with pytest.raises(Blocked):
        connect(printer).send(printout(), ignore)
    assert printer.papers == []


def test_paper_out_in_the_middle_is_told_and_waited_for(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.paper_out_after = 4
    told: list[str] = []

    def mend(reason: str) -> None:
        told.append(reason)
        if reason:
            printer.mend()

    assert driver.send(printout(), mend) is Outcome.ACKNOWLEDGED
    assert told == [NO_PAPER, ""]
    assert printer.papers == [PAPER]


def test_a_slow_printer_is_waited_for(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.busy_for = 3
    assert driver.send(printout(), ignore) is Outcome.ACKNOWLEDGED
    assert printer.papers == [PAPER]


def test_a_connection_dropped_in_the_middle_is_uncertain(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.drop_after = 4
    with pytest.raises(Uncertain, match=CONNECTION_LOST):
        driver.send(printout(), ignore)


def test_a_printer_well_but_mute_is_uncertain(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.confirms = False
    with pytest.raises(Uncertain, match=NOT_CONFIRMED):
        driver.send(printout(), ignore)


def test_a_printer_gone_silent_in_the_middle_is_uncertain(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.answers = False
    with pytest.raises(Uncertain, match=NO_ANSWER):
        driver.send(printout(), ignore)


def test_a_late_confirmation_is_not_taken_for_that_of_the_next_document(printer: FakePrinter) -> None:
    printer.acknowledges = False
    driver = connect(printer)
    assert driver.check() == READY
    printer.busy_for, printer.confirms = 1_000, False
    with pytest.raises(Uncertain):
        driver.send(printout(), ignore)
    printer.busy_for, printer.confirms = 0, True
    printer.mend()
    assert driver.check() == READY
    printer.confirms = False
    with pytest.raises(Uncertain):
        driver.send(printout(b"\x1b@Vermiglio\n" + CUT), ignore)


def test_stopping_ends_the_wait_for_paper(printer: FakePrinter) -> None:
    driver = connect(printer)
    assert driver.check() == READY
    printer.paper_out_after = 4

    def stop(_reason: str) -> None:
        driver.interrupt()

    with pytest.raises(Uncertain, match=STOPPED):
        driver.send(printout(), stop)


@pytest.mark.parametrize("number", [0, 1, 2, 6, 34, 0xFFFF])
def test_no_byte_of_an_acknowledgement_looks_like_a_status(number: int) -> None:
    from boxoffice.printing.printers.network import _identity, _is_status

    answer = b"\x37\x22" + _identity(number) + b"\x00"
    assert not any(_is_status(byte) for byte in answer)
    assert len(answer) == 7
