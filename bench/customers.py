"""Looking for a customer as one types, among as many as a festival knows."""

import random
import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert

from boxoffice.models import Customer, table
from boxoffice.sales.people.customer_details import CustomerDetails, search_words
from boxoffice.sales.people.customer_index import read_index
from boxoffice.sales.people.customers import find_customers

from .measuring import Figure, Progress, median_ms, percentile_ms
from .stage import Stage

CUSTOMERS = 20_000
AIM_MS = 50.0
_SYLLABLES = re.findall(
    r"\w+",
    "ba be bi bo du ma mo ri ro ra la le ti tou ver nier mar tin dou cet ber nard ron fer rand gue rin pel "
    "vin cent hel lo ique sson eau ard ault gui llou lem aitre",
)
_SEED = 1988


def measure(stage: Stage, engine: str, *, searches: int, progress: Progress) -> list[Figure]:
    """The time from a letter typed to the customers that it leaves: names in full, misspelt, and phones."""
    chance = random.Random(_SEED)
    people = list(_people(chance))
    write_down(stage, people)
    times: list[float] = []
    with stage.database.read() as session:
        index = read_index(session)
        for text in _typed(chance, people, searches):
            started = time.perf_counter()
            find_customers(session, text, index=index)
            times.append(time.perf_counter() - started)
            progress(f"{engine}: looking for customers", len(times), searches)
    return [
        Figure(
            f"customer search as one types, {engine}",
            percentile_ms(times, 95),
            "ms",
            AIM_MS,
            note=f"95th percentile of {len(times)}, {CUSTOMERS} customers; median {median_ms(times):.1f} ms",
        )
    ]


def _people(chance: random.Random) -> Iterator[CustomerDetails]:
    """Surnames as varied as in a telephone book, a few hundred first names."""

    def word(most: int) -> str:
        return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, most))).capitalize()

    first_names = [word(3) for _ in range(400)]
    surnames = [word(4) for _ in range(9_000)]
    for number in range(CUSTOMERS):
        surname, first_name = chance.choice(surnames), chance.choice(first_names)
        phone = "06 " + " ".join(f"{chance.randrange(100):02d}" for _ in range(4))
        email = f"{first_name}.{surname}{number}@example.fr".lower()
        yield CustomerDetails(surname, first_name, phone=phone, email=email, postcode="49000", town="Angers")


def write_down(stage: Stage, people: list[CustomerDetails] | None = None) -> None:
    """Let a festival know so many customers, the ids of whom are their ranks; once, if asked twice."""
    people = list(_people(random.Random(_SEED))) if people is None else people
    at = stage.clock.now()
    rows = [
        {
            **asdict(details),
            "id": UUID(int=number + 1),
            "search": search_words(details),
            "created_at": at,
            "seen_at": at,
            "merged_into_id": None,
            "erased_at": None,
        }
        for number, details in enumerate(people)
    ]
    with stage.database.write() as session:
        if session.get(Customer, UUID(int=1)) is None:
            session.connection().execute(insert(table(Customer)), rows)


def _typed(chance: random.Random, people: list[CustomerDetails], searches: int) -> Iterator[str]:
    """What the field holds after each key: in turn a name, the same with a slip of the finger, a phone."""
    count = 0
    while True:
        details = chance.choice(people)
        name = f"{details.surname} {details.first_name}".lower()
        slip = chance.randrange(1, len(details.surname))
        for whole in (name, f"{name[:slip]}x{name[slip + 1 :]}", details.phone):
            for length in range(1, len(whole) + 1):
                yield whole[:length]
                count += 1
                if count == searches:
                    return
