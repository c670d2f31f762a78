"""Rules are changed by words that make sense, and the journal tells what was and what is."""

import json
from datetime import time, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry
from boxoffice.sales.books.verification import verify
from boxoffice.sales.staff.rule_changes import change_rule, list_rules
from boxoffice.sales.staff.rules import BadgePolicy, CreditAnswers, ReceiptPolicy, Rules, read_rules
from boxoffice.sales.staff.setup import open_post

from .conftest import Festival


def change(festival: Festival, name: str, text: str) -> str:
    row = festival.write(
        lambda session: change_rule(
            session, festival.desk.post, name, text, clock=festival.clock, manager=festival.manager
        )
    )
    return row.value


def changes_told(festival: Festival) -> list[dict[str, Any]]:
    with festival.database.read() as session:
        told = session.exec(
            select(JournalEntry.content)
            .where(JournalEntry.kind == "settings.changed")
            .order_by(col(JournalEntry.sequence))
        ).all()
    return [{name: json.loads(content)[name] for name in ("name", "old", "new")} for content in told]


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("grace", "0", "grace_minutes", 0),
        ("sale-ends", "45", "sale_ends_minutes", 45),
        ("cash-limit", "300,50 €", "cash_limit_cents", 30_050),
        ("cash-limit", "1000", "cash_limit_cents", 100_000),
        ("cash-limit", "50", "cash_limit_cents", 5_000),
        ("entrance-opens", "5", "entrance_opens_minutes", 5),
        ("business-day", "5h30", "business_day_starts", time(5, 30)),
        ("receipt", "always", "receipt", ReceiptPolicy.ALWAYS),
        ("badge", "on_request", "badge", BadgePolicy.ON_REQUEST),
        ("idle-lock", "3", "idle_lock_minutes", 3),
        ("inactive-years", "2", "inactive_years", 2),
        ("pin-digits", "5", "pin_digits", 5),
        ("manager-pin-digits", "8", "manager_pin_digits", 8),
        ("credit-value", "24h: 50% -1 ; 48 h : 100 %", "credit_value", "48 h : 100 % ; 24 h : 50 % - 1,00"),
        ("credit-ends", "1440", "credit_ends_minutes", 1440),
        ("credit-answers", "at_once", "credit_answers", CreditAnswers.AT_ONCE),
        ("credit-terms", "Pas d'argent.", "credit_terms", "Pas d'argent."),
        ("points-per-euro", "2", "points_per_euro", 2),
        ("ticket-advice", "Ni repris,\nni échangé.", "ticket_advice", "Ni repris, ni échangé."),
        ("ticket-advice", "", "ticket_advice", ""),
        (
            "exemption",
            "Exonération de TVA, art. 261-7 du CGI",
            "exemption",
            "Exonération de TVA, art. 261-7 du CGI",
        ),
    ],
)
def test_a_rule_is_changed_as_typed(
    festival: Festival, name: str, text: str, field: str, value: object
) -> None:
    change(festival, name, text)
    rules = festival.read(read_rules)
    assert getattr(rules, field) == value
    post = festival.read(lambda session: open_post(session, 1, festival.desk.post.signer))
    assert post.rules == rules


def test_a_value_is_shown_as_it_may_be_typed_again(festival: Festival) -> None:
    listed = festival.read(list_rules)
    for row in listed:
        assert change(festival, row.name, row.value) == row.value
    assert festival.read(read_rules) == Rules()
    assert changes_told(festival) == []


def test_the_journal_tells_what_a_rule_was_and_what_it_is(festival: Festival) -> None:
    change(festival, "grace", "15")
    change(festival, "grace", "15")
    change(festival, "business-day", "06:00")
    assert changes_told(festival) == [
        {"name": "grace_minutes", "old": 10, "new": 15},
        {"name": "business_day_starts", "old": "04:00:00", "new": "06:00:00"},
    ]
    with festival.database.read() as session:
        assert verify(session).fault is None


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("graces", "5", "La règle « graces » n'existe pas. Règles : grace, booking-grace"),
        ("grace", "cinq", "n'est pas un nombre de minutes de 0 à 120"),
        ("grace", "-1", "n'est pas un nombre de minutes"),
        ("grace", "121", "n'est pas un nombre de minutes"),
        ("idle-lock", "0", "au moins 1 minute"),
        ("manager-pin-digits", "3", "de 4 à 12"),
        ("pin-digits", "13", "de 4 à 12"),
        ("cash-limit", "1000,01", "La loi interdit"),
        ("cash-limit", "beaucoup", "n'est pas un montant"),
        ("cash-limit", "0", "arrêterait des ventes"),
        ("cash-limit", "49,99", "Tapez au moins 50,00"),
        ("entrance-opens", "0", "Personne n'entrerait avant le début"),
        ("business-day", "25:00", "n'est pas une heure du matin"),
        ("business-day", "12:00", "n'est pas une heure du matin"),
        ("business-day", "02:30", "Une journée ne commence pas entre 02:00 et 03:00."),
        ("receipt", "jamais", "valeurs admises : on_request, always"),
        ("ticket-advice", "x" * 201, "200 caractères au plus"),
        ("exemption", " ", "La loi demande une mention"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(festival: Festival, name: str, text: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        change(festival, name, text)
    assert reason in str(refused.value)
    assert festival.read(read_rules) == Rules()
    assert changes_told(festival) == []


def test_the_day_that_an_open_till_sells_in_is_not_ended_by_the_hour_at_which_days_begin(
    festival: Festival,
) -> None:
    festival.clock.advance(timedelta(hours=21))
    festival.clock.advance(timedelta(hours=3))
    with pytest.raises(Refusal, match="Une caisse est ouverte depuis 09:00"):
        change(festival, "business-day", "10:00")
    change(festival, "business-day", "08:00")
    festival.end_the_day()
    change(festival, "business-day", "10:00")
    assert festival.read(read_rules).business_day_starts == time(10)
