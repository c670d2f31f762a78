"""The demonstration: the sample festival in full swing, every sale of it made by the real services."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import insert, literal, select, update
from sqlmodel import Session

from .card_crowd import CardHolders
from .care.backups import BackupReason, back_up
from .clock import Clock, SettableClock, business_day, paris
from .closing_crowd import Managers
from .config import Settings
from .database import Database
from .errors import Refusal
from .festival_sample import FESTIVAL, TILLS, make_sample_festival
from .gift_crowd import GiftGivers
from .language import _
from .models import Establishment, JobState, PrintAttempt, Printer, PrintJob, Role, table
from .pass_crowd import PassHolders
from .sales import means
from .sales.basket import Basket
from .sales.checkout import Checkout, checkout
from .sales.conditions import requirement_obstacle
from .sales.screenings.programme import Offer, Programme, ScreeningRow, read_programme, seat_line
from .sales.settlement import Settlement, tender
from .sales.staff.desk import Desk, Post
from .sales.staff.establishment import read_siret
from .sales.staff.operators import staff
from .sales.staff.rules import Rules
from .sales.staff.setup import open_post, read_key
from .sales.staff.shifts import OpenShift, open_shift, resume_shift, till_retired
from .simulation import Plan, simulate

OPENED_BEFORE = timedelta(hours=4)
FLOAT_CENTS = 15_000
EVENING = timedelta(hours=6)
"""How long before a business day the sales of the one before are made."""
YESTERDAYS_SHARE = 4
"""The sales of today for each one of the day before."""
LARGEST_HALL = 200
NEXT_SCREENINGS = 28
MOST_SOLD = 70
LEFT_IN = {1: 3, 3: 0, 4: 9, 7: 2}
"""Seats left in some of the next screenings of small halls, by their rank among them."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """How much to sell beforehand, and the seed of the crowd."""

    sales: int = 150
    seed: int = 1


def prepare(
    database: Database, settings: Settings, plan: Demonstration, *, clock: Clock, progress: Progress
) -> None:
    """Fill an empty, migrated database: the festival, a crowd at the other tills, screenings almost full.

    The till of `settings` is left closed, with nothing to print: the visitor opens it. All is backed up, as
    it would be in a festival that began yesterday. `progress` is told what is being done, and how many of how
    many steps are.
    """
    now = clock.now()
    earlier = SettableClock(_evening_before(now))
    posts = make_sample_festival(
        database,
        settings,
        clock=earlier,
        around=now,
        progress=lambda done, total: progress("programme", done, total),
    )
    _sell_yesterday(database, settings, plan, posts, earlier)
    earlier.at = _opened_today(now, posts[0].rules.business_day_starts)
    desks = open_other_tills(database, settings, clock=earlier)
    holders = PassHolders(database, desks, random.Random(f"passes {plan.seed}"), earlier)
    holders.come()
    GiftGivers(database, desks, random.Random(f"gifts {plan.seed}"), earlier).come()
    CardHolders(database, desks, random.Random(f"cards {plan.seed}"), earlier).come()
    simulate(
        database,
        desks,
        Plan(plan.sales, seed=plan.seed, until=now),
        clock=earlier,
        progress=lambda tally: progress("sales", tally.sales + tally.refused, plan.sales),
    )
    earlier.at = now
    holders.change_their_minds()
    with database.write() as session:
        # Another crowd: the same seed would make the same sale numbers again, and so sell nothing.
        _fill_screenings(session, desks, random.Random(f"late {plan.seed}"), clock=earlier)
        _papers_are_out(session, now)
    back_up(database, settings.backups_folder, BackupReason.SCHEDULE, posts[0], clock=earlier)


def _sell_yesterday(
    database: Database, settings: Settings, plan: Demonstration, posts: Sequence[Post], clock: SettableClock
) -> None:
    """A few sales of the day before, with all that happens to cash, and their day closed by its managers."""
    desks = open_other_tills(database, settings, clock=clock)
    simulate(
        database,
        desks,
        Plan(plan.sales // YESTERDAYS_SHARE, seed=plan.seed + 1, until=clock.now() + timedelta(minutes=30)),
        clock=clock,
    )
    managers = Managers(database, posts[1:], random.Random(f"managers {plan.seed}"), clock)
    managers.carry_cash(desks)
    clock.advance(timedelta(minutes=5))
    managers.close_the_day()


def _evening_before(now: datetime) -> datetime:
    """When the sales of the business day before are made."""
    starts_at = Rules().business_day_starts
    return paris(business_day(now, starts_at), starts_at) - EVENING


def _opened_today(now: datetime, starts_at: time) -> datetime:
    """When the tills open: some hours ago, but not on the business day before."""
    opened = now - OPENED_BEFORE
    if business_day(opened, starts_at) == business_day(now, starts_at):
        return opened
    return paris(business_day(now, starts_at), starts_at)


def open_other_tills(database: Database, settings: Settings, *, clock: Clock) -> tuple[Desk, ...]:
    """The desks of the sample's other tills in service, opened if need be by its cashiers.

    Raises Refusal on any festival but the sample: what a crowd of the simulation buys is not for real books.
    """
    with database.write() as session:
        establishment = session.get(Establishment, 1)
        if establishment is None or establishment.siret != read_siret(FESTIVAL.siret):
            raise Refusal(
                _("Ce festival n'est pas celui d'exemple : on n'y vend pas au hasard."),
                _("Essayez avec « boxoffice demo »."),
            )
        others = [
            open_post(session, till.number, read_key(till.number, settings.key_path_of(till.number)))
            for till in TILLS[1:]
        ]
        posts = [post for post in others if till_retired(session, post) is None]
        if not posts:
            raise Refusal(
                _("Les autres caisses du festival d'exemple ne sont plus en service."),
                _("Remettez-en une en service : « boxoffice tills reactivate 2 »."),
            )
    Managers(database, posts, random.Random(), clock).close_what_is_over()
    with database.write() as session:
        cashiers = [member for member in staff(session) if member.role is Role.CASHIER]
        return tuple(
            resume_shift(session, post, cashier)
            or open_shift(session, post, cashier, OpenShift(FLOAT_CENTS), clock=clock)
            for post, cashier in zip(posts, cashiers, strict=False)
        )


def _fill_screenings(
    session: Session, desks: tuple[Desk, ...], chance: random.Random, *, clock: Clock
) -> None:
    """Sell a good part of the next screenings, and some small ones until few seats are left."""
    programme = read_programme(session, desks[0].post.rules)
    coming = [
        screening
        for screening in programme.screenings
        if screening.starts_at > clock.now() and not screening.nominative
    ]
    small = [
        screening
        for screening in coming
        if screening.seats.capacity <= LARGEST_HALL and _can_sell_out(screening, programme)
    ]
    left_in = {small[place].id: left for place, left in LEFT_IN.items()}
    for rank, screening in enumerate(coming):
        left = left_in.get(screening.id)
        if left is None and rank >= NEXT_SCREENINGS:
            continue
        offers = [
            offer
            for offer in programme.offers[screening.price_list_id]
            if not requirement_obstacle(offer.requirement) and offer.minimum_group == 1
        ]
        to_all = next(offer for offer in offers if offer.quota not in screening.seats.quotas)
        wanted = screening.seats.left - (left or 0)
        if left is None:
            wanted = min(round(wanted * chance.uniform(0.1, 0.8)), MOST_SOLD)
        _sell(session, desks, screening, to_all, wanted, chance, clock=clock)
        if left == 0:
            for offer in offers:
                if offer.quota in screening.seats.quotas:
                    kept = screening.seats.left_for(offer.quota)
                    _sell(session, desks, screening, offer, kept, chance, clock=clock)


def _can_sell_out(screening: ScreeningRow, programme: Programme) -> bool:
    """Whether the counter sells every seat of a screening: none is kept for the holders of a pass."""
    open_to_all = {
        offer.quota
        for offer in programme.offers[screening.price_list_id]
        if not requirement_obstacle(offer.requirement)
    }
    return set(screening.seats.quotas) <= open_to_all


def _sell(
    session: Session,
    desks: tuple[Desk, ...],
    screening: ScreeningRow,
    offer: Offer,
    seats: int,
    chance: random.Random,
    *,
    clock: Clock,
) -> None:
    """Sell so many seats of a screening, to customers who come by one to eight and pay by card."""
    while seats > 0:
        quantity = min(seats, chance.randint(1, 8))
        seats -= quantity
        desk = chance.choice(desks)
        basket = Basket((seat_line(screening, offer, quantity),))
        settlement = Settlement(basket.total_cents)
        if not settlement.is_complete:
            settlement = tender(settlement, means.CARD, cash_limit_cents=desk.post.rules.cash_limit_cents)
        sale_id = UUID(int=chance.getrandbits(128), version=4)
        checkout(session, Checkout(sale_id, basket, settlement.tenders), desk, clock=clock)


def _papers_are_out(session: Session, at: datetime) -> None:
    """Take the papers of the crowd as printed: nobody waits for them at the till about to open."""
    job, attempt, printer = table(PrintJob), table(PrintAttempt), table(Printer)
    waiting = job.c.state == JobState.QUEUED
    session.execute(
        insert(attempt).from_select(
            ["job_id", "at", "printer", "outcome", "detail"],
            select(
                job.c.id,
                literal(at, attempt.c.at.type),
                printer.c.name,
                literal(JobState.SENT.value),
                literal(""),
            )
            .join(printer, printer.c.id == job.c.printer_id)
            .where(waiting),
        )
    )
    session.execute(update(job).where(waiting).values(state=JobState.SENT, changed_at=at))
