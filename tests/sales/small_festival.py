"""The small festival of the tests, built once on each engine and copied for each test."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from boxoffice.clock import SettableClock
from boxoffice.database import Database
from boxoffice.models import (
    Event,
    GiftProduct,
    Hall,
    PassKind,
    PassProduct,
    PriceList,
    Product,
    Quota,
    Requirement,
    Role,
    Screening,
    Tariff,
    VatStatus,
    Venue,
    VoucherPurpose,
)
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.setup import AddTill, FoundFestival, add_till, found_festival
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator

NOON = datetime(2026, 1, 21, 11, 0, tzinfo=UTC)
"""Noon in Angers, on the Wednesday of the sample edition."""


def build_festival(database: Database, keys: Path) -> None:
    """Two tills with a shift open, four operators, a programme."""
    for anchor in keys.glob("*.anchor"):
        anchor.unlink()
    clock = SettableClock(NOON)
    with database.write() as session:
        post = found_festival(
            session,
            FoundFestival(
                festival="Festival Premiers Plans",
                operator_name="Association Premiers Plans",
                address="9 rue Claveau",
                postcode="49100",
                town="Angers",
                siret="73282932000074",
                vat_status=VatStatus.LIABLE,
                manager_name="Lisa B.",
                manager_pin="1234",
            ),
            key_path=keys / "till-1.pem",
            clock=clock,
        )
        second = add_till(session, AddTill(2), key_path=keys / "till-2.pem", clock=clock)
        for name, role in (("Karim D.", Role.CASHIER), ("Chloé M.", Role.CASHIER), ("Jules R.", Role.BADGES)):
            add_operator(session, post, AddOperator(name, role, "2345"), clock=clock)
        _programme(session)
        _lisa, karim, chloe, _jules = staff(session)
        open_shift(session, post, karim, OpenShift(10_000), clock=clock)
        open_shift(session, second, chloe, OpenShift(5_000), clock=clock)


def _programme(session: Session) -> None:
    venue = Venue(code="CC", name="Centre de Congrès", town="Angers")
    session.add(venue)
    session.flush()
    hall = Hall(code="AUD", venue_id=venue.id, name="Auditorium", short_name="Auditorium", capacity=10)
    small = Hall(code="JAR", venue_id=venue.id, name="Amphi Jardin", short_name="Amphi Jardin", capacity=5)
    films = PriceList(code="FILMS", name="Films")
    session.add_all([hall, small, films])
    session.flush()
    offers = (
        ("PLEIN", "Plein", 850, 1, Requirement.NOTHING, None),
        ("REDUIT", "Réduit jeune", 600, 1, Requirement.NOTHING, None),
        ("GROUPE", "Groupe", 600, 4, Requirement.NOTHING, None),
        ("UFR", "Fauteuil (UFR)", 600, 1, Requirement.NOTHING, "ufr"),
        ("INVIT", "Invitation", 0, 1, Requirement.NOTHING, None),
        ("PASS", "Détenteur pass", 0, 1, Requirement.PASS, "pass"),
        ("SUPPL", "Suppl. pass", 450, 1, Requirement.PASS, None),
    )
    for position, (code, label, price, group, requirement, quota) in enumerate(offers, start=1):
        session.add(
            Tariff(
                price_list_id=films.id,
                code=code,
                position=position,
                label=label,
                price_cents=price,
                vat_rate=550,
                minimum_group=group,
                requirement=requirement,
                quota=quota,
            )
        )
    shown = (
        ("KNEECAP", "Kneecap", hall, 8, 105, False),
        ("ETERNAL", "The Eternal Daughter", small, 3, 96, False),
        ("KNEECAP2", "Kneecap", small, 26, 105, False),
        ("RENCONTRE", "Rencontre nominative", small, 10, 60, True),
    )
    events: dict[str, Event] = {}
    for code, title, room, hours, minutes, nominative in shown:
        if title not in events:
            events[title] = Event(
                code=title.upper(),
                title=title,
                section="Compétition" if title == "Kneecap" else "",
                duration_minutes=minutes,
                version="VOSTFR",
                nominative=nominative,
            )
            session.add(events[title])
            session.flush()
        starts_at = NOON + timedelta(hours=hours)
        session.add(
            Screening(
                code=code,
                event_id=events[title].id,
                hall_id=room.id,
                price_list_id=films.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                capacity=room.capacity,
                held=2 if code == "KNEECAP" else 0,
            )
        )
    session.flush()
    kneecap = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
    session.add(Quota(screening_id=kneecap.id, name="ufr", seats=2))
    session.add(Product(code="TOUR", position=1, label="Tour de cou", price_cents=300, vat_rate=2000))
    for code, label, price_cents, terms in (
        ("PASS20", "Pass individuel 20 places", 9000, {"places": 20, "places_per_screening": 1}),
        ("PASS6", "Pass partageable 6 places", 3600, {"places": 6}),
        ("ACCRED", "Accrédité presse", 0, {"places_per_screening": 1, "places_per_day": 3}),
    ):
        product = Product(code=code, position=10, label=label, price_cents=price_cents, vat_rate=550)
        session.add(product)
        session.flush()
        session.add(
            PassProduct(
                product_id=product.id,
                kind=PassKind.ACCREDITATION if code == "ACCRED" else PassKind.PASS,
                place_tariff="PASS",
                companion_tariff="SUPPL",
                companions=1,
                **terms,
            )
        )
    for code, label, least, most, purpose in (
        ("BON850", "Bon pour 1 place", 850, 850, VoucherPurpose.SINGLE),
        ("BON600", "Bon pour 1 place, tarif réduit", 600, 600, VoucherPurpose.SINGLE),
        ("CADEAU", "Carte cadeau", 1_000, 20_000, VoucherPurpose.MULTI),
    ):
        rate = 550 if purpose is VoucherPurpose.SINGLE else 0
        product = Product(code=code, position=20, label=label, price_cents=least, vat_rate=rate)
        session.add(product)
        session.flush()
        session.add(
            GiftProduct(
                product_id=product.id, purpose=purpose, least_cents=least, most_cents=most, valid_days=365
            )
        )
