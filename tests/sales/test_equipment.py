"""Printers made known with an address that may be one."""

import pytest
from sqlalchemy import update

from boxoffice.errors import Refusal
from boxoffice.kinds import PrinterKind
from boxoffice.models import JobState, PrintJob, table
from boxoffice.sales.prints.reprinting import order_printer_test
from boxoffice.sales.prints.rerouting import list_waiting
from boxoffice.sales.staff.equipment import (
    AddPrinter,
    add_printer,
    bring_back_printer,
    list_all_printers,
    list_printers,
    retire_printer,
)

from .conftest import Festival

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _add(festival: Festival, command: AddPrinter) -> None:
    post, clock, manager = festival.desk.post, festival.clock, festival.manager
    festival.write(lambda session: add_printer(session, post, command, clock=clock, manager=manager))


@ON_SQLITE
@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (PrinterKind.NETWORK, "192.168.1.50:9100"),
        (PrinterKind.NETWORK, "guichet-1.local"),
        (PrinterKind.NETWORK, "[fe80::1]:9100"),
        (PrinterKind.USB, "04b8:0202"),
        (PrinterKind.USB, "0x4B8:0x202:0x82:0x01"),
    ],
)
def test_an_address_that_may_be_one_is_kept(festival: Festival, kind: PrinterKind, address: str) -> None:
    command = AddPrinter("Guichet", kind, address)
    _add(festival, command)
    assert address in [printer.address for printer in festival.read(list_printers)]


@ON_SQLITE
@pytest.mark.parametrize(
    ("kind", "address", "example"),
    [
        (PrinterKind.NETWORK, "foo:bar", "192.168.1.50:9100"),
        (PrinterKind.NETWORK, "192.168.1.50:", "192.168.1.50:9100"),
        (PrinterKind.NETWORK, "http://192.168.1.50", "192.168.1.50:9100"),
        (PrinterKind.USB, "EPSON", "04b8:0202"),
        (PrinterKind.USB, "/dev/usb/lp0", "04b8:0202"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_with_an_example(
    festival: Festival, kind: PrinterKind, address: str, example: str
) -> None:
    command = AddPrinter("Guichet", kind, address)
    with pytest.raises(Refusal) as refused:
        _add(festival, command)
    assert refused.value.message == f"« {address} » n'est pas l'adresse d'une imprimante {kind}."
    assert example in (refused.value.remedy or "")


def test_a_printer_that_brings_out_no_paper_is_put_away_and_comes_back_under_its_name(
    festival: Festival,
) -> None:
    def retire(name: str) -> None:
        by = {"clock": festival.clock, "manager": festival.manager}
        festival.write(lambda session: retire_printer(session, festival.desk.post, name, **by))

    def names() -> list[str]:
        return [printer.name for printer in festival.read(list_printers)]

    _add(festival, AddPrinter("Secours", PrinterKind.NETWORK, "192.168.1.51"))
    used = next(printer for printer in festival.read(list_printers) if printer.papers)
    with pytest.raises(Refusal, match="sort encore") as refused:
        retire(used.name)
    assert "d'abord" in (refused.value.remedy or "")
    retire("Secours")
    assert "Secours" not in names()
    _add(festival, AddPrinter("Secours", PrinterKind.NETWORK, "192.168.1.52", columns=48))
    (back,) = [printer for printer in festival.read(list_printers) if printer.name == "Secours"]
    assert (back.address, back.columns) == ("192.168.1.52", 48)
    festival.stands()


def _ordered(festival: Festival, name: str, count: int = 1) -> None:
    """Test pages that wait for a printer at the first till."""
    (printer,) = [each for each in festival.read(list_printers) if each.name == name]
    for _page in range(count):
        festival.write(
            lambda session: order_printer_test(
                session, festival.desk.post.till_id, printer.id, clock=festival.clock
            )
        )


def _retire(festival: Festival, name: str, heir: str = "") -> int:
    by = {"clock": festival.clock, "manager": festival.manager}
    return festival.write(lambda session: retire_printer(session, festival.desk.post, name, heir=heir, **by))


def test_the_papers_that_wait_for_a_printer_go_to_another_when_it_is_put_away(festival: Festival) -> None:
    _add(festival, AddPrinter("Morte", PrinterKind.NETWORK, "192.168.1.51"))
    _ordered(festival, "Morte", 2)
    with pytest.raises(Refusal, match="2 papiers attendent encore « Morte »") as refused:
        _retire(festival, "Morte")
    assert "F12" in (refused.value.remedy or "")
    with pytest.raises(Refusal, match="« Morte » n'existe pas"):
        _retire(festival, "Morte", "Morte")
    (heir,) = [each for each in festival.read(list_printers) if each.papers]
    assert _retire(festival, "Morte", heir.name) == 2
    (waiting,) = festival.read(list_waiting)
    assert (waiting.printer, waiting.in_service, waiting.count) == (heir.name, True, 2)
    festival.stands()


def test_a_printer_stays_in_use_while_a_paper_comes_out_of_it(festival: Festival) -> None:
    _add(festival, AddPrinter("Secours", PrinterKind.NETWORK, "192.168.1.51"))
    _ordered(festival, "Secours")
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(state=JobState.SENDING)))
    with pytest.raises(Refusal, match="Un papier sort en ce moment de « Secours »"):
        _retire(festival, "Secours")


def test_a_printer_put_away_is_brought_back_as_it_stood(festival: Festival) -> None:
    _add(festival, AddPrinter("Secours", PrinterKind.NETWORK, "192.168.1.51", columns=48))
    _retire(festival, "Secours")
    (away,) = [each for each in festival.read(list_all_printers) if not each.active]
    by = {"clock": festival.clock, "manager": festival.manager}
    festival.write(lambda session: bring_back_printer(session, festival.desk.post, away.id, **by))
    (back,) = [each for each in festival.read(list_printers) if each.name == "Secours"]
    assert (back.address, back.columns) == ("192.168.1.51", 48)
    festival.stands()
