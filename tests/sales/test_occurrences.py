import json
from typing import Any

import pytest
from sqlmodel import col, select

from boxoffice.models import JournalEntry
from boxoffice.sales.books import journal, occurrences
from tests.sales.conftest import Festival


def told(festival: Festival, kind: str) -> list[dict[str, Any]]:
    entries = festival.read(
        lambda session: session.exec(select(JournalEntry.content).where(col(JournalEntry.kind) == kind)).all()
    )
    return [json.loads(content) for content in entries]


def test_lines_taken_out_of_a_basket_are_told(festival: Festival) -> None:
    removed = [festival.seat_line(quantity=2), festival.product_line()]
    festival.write(
        lambda session: occurrences.lines_removed(session, festival.desk, removed, clock=festival.clock)
    )
    (entry,) = told(festival, "basket.line_removed")
    assert entry["lines"] == [
        {"label": "Kneecap – Plein", "quantity": 2, "price": 850},
        {"label": "Tour de cou", "quantity": 1, "price": 300},
    ]
    assert entry["operator"] == festival.desk.operator_number


def test_nothing_taken_out_is_no_event(festival: Festival) -> None:
    festival.write(
        lambda session: occurrences.lines_removed(session, festival.desk, [], clock=festival.clock)
    )
    assert told(festival, "basket.line_removed") == []


def test_a_change_of_version_is_told_once(festival: Festival, monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> None:
        festival.write(
            lambda session: occurrences.program_started(session, festival.posts[0], clock=festival.clock)
        )

    start()
    assert told(festival, "program.version_changed") == []
    for module in (occurrences, journal):
        monkeypatch.setattr(module, "__version__", "9.9")
    start()
    start()
    assert [entry["from"] for entry in told(festival, "program.version_changed")] == ["0.1.0"]


def test_a_broken_chain_is_told_with_its_fault(festival: Festival) -> None:
    festival.write(
        lambda session: occurrences.chain_broken(session, festival.posts[0], "entrée 3", clock=festival.clock)
    )
    assert told(festival, "chain.broken")[0]["fault"] == "entrée 3"
