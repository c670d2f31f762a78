"""Rules changed in the database for the time of a sale, and put back: each log-in signs those in force."""

import json

import pytest

from boxoffice.models import JournalEntry, Setting, table
from boxoffice.sales.staff.operators import log_in
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.setup import open_post
from tests.sales.conftest import Festival
from tests.sales.test_tampering import fault

_setting = table(Setting)


def log_in_from_a_program_started_now(festival: Festival) -> dict[str, object]:
    """What the log-in signs of the rules that the program has just read."""
    post = festival.read(lambda session: open_post(session, 1, festival.posts[0].signer))
    festival.write(lambda session: log_in(session, post, 2, "2345", clock=festival.clock))
    last = [row for row in festival.rows(JournalEntry) if row.till_id == 1][-1]
    rules: dict[str, object] = json.loads(last.content)["rules"]
    return rules


def change(festival: Festival, name: str, value: str) -> None:
    festival.write(
        lambda session: change_rule(
            session, festival.posts[1], name, value, clock=festival.clock, manager=festival.manager
        )
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grace_minutes", "600"),
        ("cash_limit_cents", "10000000"),
        ("sale_ends_minutes", "1000"),
        ("business_day_starts", '"11:00:00"'),
    ],
)
def test_a_rule_changed_for_a_moment_is_found_by_whoever_logged_in_under_it(
    festival: Festival, name: str, value: str
) -> None:
    festival.write(lambda session: session.execute(_setting.insert().values(name=name, value=value)))
    log_in_from_a_program_started_now(festival)
    festival.sell()
    festival.write(lambda session: session.execute(_setting.delete()))
    entry = next(row for row in festival.rows(JournalEntry) if row.kind == "operator.logged_in")
    assert str(fault(festival)) == (
        f"journal de la caisse 1, entrée {entry.sequence} : "
        f"on y travaille sous la règle {name} = {value}, que personne n'a posée."
    )


def test_a_rule_told_and_bent_for_a_moment_is_found(festival: Festival) -> None:
    change(festival, "grace", "15")
    log_in_from_a_program_started_now(festival)
    assert fault(festival) is None
    festival.write(lambda session: session.execute(_setting.update().values(value="99")))
    assert log_in_from_a_program_started_now(festival) == {"grace_minutes": 99}
    festival.write(lambda session: session.execute(_setting.update().values(value="15")))
    assert "grace_minutes = 99" in str(fault(festival))


def test_rules_that_a_manager_set_are_signed_and_no_fault_in_whatever_order(festival: Festival) -> None:
    assert log_in_from_a_program_started_now(festival) == {}
    change(festival, "grace", "15")
    before = festival.read(lambda session: open_post(session, 2, festival.posts[1].signer))
    change(festival, "grace", "5")
    change(festival, "receipt", "always")
    assert log_in_from_a_program_started_now(festival) == {"grace_minutes": 5, "receipt": "always"}
    chloe = festival.desks[1].operator_id
    festival.write(lambda session: log_in(session, before, chloe, "2345", clock=festival.clock))
    change(festival, "grace", "10")
    change(festival, "receipt", "on_request")
    assert log_in_from_a_program_started_now(festival) == {}
    assert fault(festival) is None
