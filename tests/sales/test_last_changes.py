"""Who last changed a setting or a row of the programme, as the journal tells it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from boxoffice.kinds import Action, JournalKind, Role
from boxoffice.sales.importing.editing import list_rows, write_row
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.staff.accounts import change_account, list_accounts
from boxoffice.sales.staff.equipment import change_printer, list_printers, printer_as_added
from boxoffice.sales.staff.establishment import change_identity, read_identity
from boxoffice.sales.staff.last_changes import FESTIVAL, last_changes
from boxoffice.sales.staff.permission_changes import change_permission, list_permissions
from boxoffice.sales.staff.rule_changes import change_rule, list_rules
from boxoffice.sales.staff.staff_changes import change_role
from boxoffice.sales.staff.till_changes import rename_till

from .conftest import Festival

TOLD_AS = (
    JournalKind.SETTINGS_CHANGED,
    JournalKind.PROGRAMME_CHANGED,
    JournalKind.TILL_RENAMED,
    JournalKind.OPERATOR_ROLE_CHANGED,
    JournalKind.PRINTER_CHANGED,
    JournalKind.ESTABLISHMENT_TOLD,
)


def test_the_last_change_of_each_thing_is_found_under_what_its_row_is_known_by(festival: Festival) -> None:
    post, by = festival.posts[1], {"clock": festival.clock, "manager": festival.manager}
    identity = festival.read(read_identity)
    (printer, *_others) = festival.read(list_printers)
    command = festival.read(lambda session: printer_as_added(session, printer.id))

    def change(work: Any) -> None:
        festival.clock.advance(timedelta(minutes=1))
        festival.write(work)

    change(lambda session: change_rule(session, post, "grace", "15", **by))
    change(lambda session: change_account(session, post, "tickets", "70611", **by))
    change(lambda session: change_permission(session, post, Action.CASH_OUT, frozenset(Role), **by))
    change(lambda session: rename_till(session, post, 1, "Hall", **by))
    change(lambda session: change_role(session, post, 2, Role.MANAGER, **by))
    change(lambda session: change_printer(session, post, printer.id, replace(command, name="Rouleau"), **by))
    change(
        lambda session: change_identity(
            session, post, replace(identity, festival="Premiers Plans 2027"), **by
        )
    )
    change(lambda session: write_row(session, Kind.TARIFF, _dearer(festival), post, **by))
    found = festival.read(lambda session: last_changes(session, TOLD_AS))
    rule = next(row for row in festival.read(list_rules) if row.name == "grace")
    account = next(row for row in festival.read(list_accounts) if row.name == "tickets")
    act = next(row for row in festival.read(list_permissions) if row.action is Action.CASH_OUT)
    keys = [
        rule.setting,
        account.setting,
        act.setting,
        1,
        2,
        "Rouleau",
        FESTIVAL,
        ("tariff", "FILMS", "PLEIN"),
    ]
    assert [found[key].name for key in keys] == ["Lisa B."] * len(keys)
    moments = [found[key].at for key in keys]
    assert moments == sorted(moments)
    assert moments[-1] == festival.clock.now()


def test_who_changed_something_last_is_told_of_two_who_did(festival: Festival) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    festival.write(lambda session: change_rule(session, festival.posts[0], "grace", "15", **by))
    festival.clock.advance(timedelta(hours=1))
    festival.write(lambda session: change_rule(session, festival.posts[1], "grace", "20", **by))
    found = festival.read(lambda session: last_changes(session, (JournalKind.SETTINGS_CHANGED,)))
    assert found["grace_minutes"].at == festival.clock.now()


def test_what_nobody_has_changed_has_no_last_change(festival: Festival) -> None:
    assert festival.read(lambda session: last_changes(session, (JournalKind.PROGRAMME_CHANGED,))) == {}
    told = festival.read(lambda session: last_changes(session, (JournalKind.ESTABLISHMENT_TOLD,)))
    assert FESTIVAL not in told


def _dearer(festival: Festival) -> dict[str, str]:
    rows = festival.read(lambda session: list_rows(session, Kind.TARIFF))
    row = next(row for row in rows if row.key == ("FILMS", "PLEIN"))
    return {cell.field: cell.text for cell in row.cells} | {"price_cents": "9,00"}
