"""Who answers for a restoring: the PIN that they typed is told, and held to what is told of theirs."""

import json
from pathlib import Path
from typing import Any

import pytest

from boxoffice.care import making_room, restoring
from boxoffice.care.restoring import Restored, restore
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, Operator, table
from boxoffice.sales.staff.operators import hash_pin, pin_seal, seals
from boxoffice.sales.staff.staff_changes import change_pin
from tests.sales.conftest import Festival

from .restored import backed_up, insider, verdict

_operator = table(Operator)
LISA = 1


def seal(festival: Festival) -> str:
    return festival.read(seals)[LISA]


def change(festival: Festival) -> None:
    festival.write(
        lambda session: change_pin(
            session, festival.posts[0], LISA, "666666", clock=festival.clock, manager=festival.manager
        )
    )


def answered(festival: Festival, settings: Settings, path: Path, proof: str) -> Restored:
    festival.database.close()
    return restore(settings, path, LISA, clock=festival.clock, proof=proof)


def told(festival: Festival) -> dict[str, Any]:
    """What the last restoring tells of the PIN."""
    contents = [row.content for row in festival.rows(JournalEntry) if row.kind == "database.restored"]
    content = json.loads(contents[-1])
    return {name: content[name] for name in ("pin", "pin_before") if name in content}


def test_the_pin_typed_at_a_restoring_is_told_by_its_seal(festival: Festival, settings: Settings) -> None:
    kept, typed = backed_up(festival, settings), seal(festival)
    answered(festival, settings, kept.path, typed)
    assert told(festival) == {"pin": typed}
    assert verdict(festival, settings).fault is None


def test_a_pin_that_what_is_put_back_does_not_know_accuses_nobody(
    festival: Festival, settings: Settings
) -> None:
    """It was given since the backup; and after that, the one before is typed to put the newer backup back."""
    older, first = backed_up(festival, settings), seal(festival)
    change(festival)
    newer, second = backed_up(festival, settings), seal(festival)
    answered(festival, settings, older.path, second)
    assert told(festival) == {"pin_before": second}
    assert verdict(festival, settings).fault is None
    answered(festival, settings, newer.path, first)
    assert told(festival) == {"pin_before": first}
    assert verdict(festival, settings).fault is None


def test_a_pin_put_in_the_place_of_a_managers_while_it_was_typed_answers_for_nothing(
    festival: Festival, settings: Settings
) -> None:
    kept, mine = backed_up(festival, settings), seal(festival)
    somebodys = pin_seal(hash_pin("9999"))
    before = festival.everything()
    with pytest.raises(Refusal, match="n'est plus celui de l'opérateur n° 1"):
        answered(festival, settings, kept.path, somebodys)
    assert festival.everything() == before
    answered(festival, settings, kept.path, mine)


def test_a_pin_typed_that_no_journal_tells_is_a_fault(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, somebodys = backed_up(festival, settings), pin_seal(hash_pin("9999"))
    for module in (making_room, restoring):
        monkeypatch.setattr(module, "seals", lambda _of: {LISA: somebodys})
    answered(festival, settings, kept.path, somebodys)
    assert str(verdict(festival, settings).fault).endswith(
        "ce code PIN n'est aucun de ceux que le journal raconte de l'opérateur n° 1."
    )


def test_a_base_at_fault_is_replaced_by_whoever_answers_for_it_all_the_same(
    festival: Festival, settings: Settings
) -> None:
    """Their PIN was altered in place: it is the fault."""
    kept, somebodys = backed_up(festival, settings), hash_pin("9999")
    with insider(festival) as connection:
        connection.execute(_operator.update().where(_operator.c.number == LISA).values(pin_hash=somebodys))
    festival.database.close()
    done = restore(
        settings,
        kept.path,
        LISA,
        clock=festival.clock,
        proof=pin_seal(somebodys),
        although_wrong_before=True,
    )
    assert "opérateur n° 1" in done.fault_before
    assert told(festival) == {"pin_before": pin_seal(somebodys)}
    assert verdict(festival, settings).fault is None
