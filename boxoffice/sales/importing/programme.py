"""Importing a programme as a whole: everything is merged and told to the journal, or every fault is named."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from boxoffice.clock import Clock
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, plural
from boxoffice.models import (
    Event,
    GiftProduct,
    Hall,
    Numbering,
    PassProduct,
    PlaceCardKind,
    PriceList,
    Product,
    Tariff,
    Venue,
)
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.meanwhile import change_alone
from boxoffice.sales.staff.operators import StaffMember, answering

from .gift_products import merge_gift_products
from .layouts import Key, Kind
from .merging import Merge, Tally
from .pass_products import merge_pass_products
from .place_card_kinds import merge_place_card_kinds
from .reading import Fault, Source, read_sheets
from .refusals import ImportRefused
from .screenings import Catalogue, merge_screenings
from .service import refuse_what_is_needed
from .telling import Answered, programme_standing, tell_programme


@dataclass(frozen=True, slots=True)
class ImportProgramme:
    """Files to import together; `complete` withdraws what they no longer mention."""

    sources: tuple[Source, ...]
    complete: bool = False


@dataclass(frozen=True, slots=True)
class ImportedProgramme:
    """What the import did, for each kind of row."""

    tallies: Mapping[Kind, Tally]


class ProgrammeRefused(ImportRefused):
    """A programme that was refused as a whole."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        faults = tuple(faults)
        super().__init__(
            faults,
            plural(
                "Le programme n'est pas importé : une erreur.",
                "Le programme n'est pas importé : {count} erreurs.",
                len(faults),
            ),
        )


def import_programme(
    session: Session,
    command: ImportProgramme,
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportedProgramme:
    """Merge the files into the programme. Raises ProgrammeRefused; the caller then keeps nothing.

    A `manager` answers for it, once the first shift was opened: prices and rates of VAT are in it.
    `progress` is told how many rows of how many are done.
    """
    change_alone(session)
    answered = Answered(post, answering(session, manager, Action.IMPORT_FILES), clock.now())
    before = programme_standing(session)
    merge = merge_programme(session, command, post, clock=clock, progress=progress)
    about = {
        "complete": command.complete,
        "files": {source.name: hashlib.sha256(source.content).hexdigest() for source in command.sources},
        "rows": {
            kind.value: {"added": tally.added, "changed": tally.changed, "withdrawn": tally.withdrawn}
            for kind, tally in merge.tallies.items()
        },
    }
    tell_programme(session, JournalKind.PROGRAMME_IMPORTED, about, before, answered)
    return ImportedProgramme(dict(merge.tallies))


def merge_programme(
    session: Session,
    command: ImportProgramme,
    post: Post,
    *,
    clock: Clock,
    progress: Callable[[int, int], None] | None = None,
) -> Merge:
    """Bring the programme to what the files say, untold. Raises ProgrammeRefused."""
    # Sales lock their numbering before their seats: so does an import, or the two could wait for each other.
    session.exec(select(Numbering).where(Numbering.till_id == post.till_id).with_for_update()).one()
    sheets = read_sheets(command.sources)
    total = sum(len(rows) for rows in sheets.rows.values())
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    merge = Merge(session, sheets, clock.now(), command.complete, step)
    catalogue = _merge_catalogue(merge)
    _merge_tariffs(merge, catalogue.price_lists)
    _merge_products(merge)
    merge_pass_products(merge)
    merge_gift_products(merge)
    merge_screenings(merge, catalogue)
    merge_place_card_kinds(merge)
    refuse_what_is_needed(merge, catalogue.lasting)
    if sheets.faults:
        raise ProgrammeRefused(sheets.faults)
    return merge


def _merge_catalogue(merge: Merge) -> Catalogue:
    """Venues, halls, events and price lists: what screenings and tariffs refer to."""
    session = merge.session
    venues: dict[Key, Venue] = {(venue.code,): venue for venue in session.exec(select(Venue))}
    for row in merge.sheets.of(Kind.VENUE):
        venues[row.key] = merge.put(Kind.VENUE, venues.get(row.key), Venue, row.values)
        merge.step()
    session.flush()

    halls: dict[Key, Hall] = {(hall.code,): hall for hall in session.exec(select(Hall))}
    capacities = {hall.id: hall.capacity for hall in halls.values() if hall.id is not None}
    for row in merge.sheets.of(Kind.HALL):
        merge.step()
        venue = merge.refer(row, "venue", venues, Kind.VENUE)
        if venue is None:
            merge.sheets.misread.setdefault(Kind.HALL, set()).add(row.key)
            continue
        values = {name: value for name, value in row.values.items() if name != "venue"}
        values["venue_id"] = venue.id
        values["short_name"] = values.get("short_name") or values["name"]
        halls[row.key] = merge.put(Kind.HALL, halls.get(row.key), Hall, values)

    events: dict[Key, Event] = {(event.code,): event for event in session.exec(select(Event))}
    durations = {event.id: event.duration_minutes for event in events.values() if event.id is not None}
    for row in merge.sheets.of(Kind.EVENT):
        events[row.key] = merge.put(Kind.EVENT, events.get(row.key), Event, row.values)
        merge.step()

    price_lists: dict[Key, PriceList] = {
        (price_list.code,): price_list for price_list in session.exec(select(PriceList))
    }
    for row in merge.sheets.of(Kind.PRICE_LIST):
        price_lists[row.key] = merge.put(Kind.PRICE_LIST, price_lists.get(row.key), PriceList, row.values)
        merge.step()
    session.flush()
    return Catalogue(venues, halls, events, price_lists, capacities, durations)


def _merge_tariffs(merge: Merge, price_lists: Mapping[Key, PriceList]) -> None:
    codes = {price_list.id: price_list.code for price_list in price_lists.values()}
    tariffs: dict[Key, Tariff] = {
        (codes[tariff.price_list_id], tariff.code): tariff for tariff in merge.session.exec(select(Tariff))
    }
    rows = merge.sheets.of(Kind.TARIFF)
    merge.withdraw(Kind.TARIFF, tariffs)
    for row in rows:
        merge.step()
        price_list = merge.refer(row, "price_list", price_lists, Kind.PRICE_LIST)
        if price_list is not None:
            values = {**row.values, "price_list_id": price_list.id}
            del values["price_list"]
            tariffs[row.key] = merge.put(Kind.TARIFF, tariffs.get(row.key), Tariff, values)
    on_key: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (price_list_code, code), tariff in tariffs.items():
        if tariff.active:
            on_key[price_list_code, tariff.position].append(code)
    to_come = {row.key for row in rows}
    for row in rows:
        to_come.discard(row.key)
        price_list_code, code = row.key
        there = on_key[price_list_code, row.values["position"]]
        others = [each for each in there if each != code and (price_list_code, each) not in to_come]
        if code in there and others:
            message = _("la touche {position} est déjà celle du tarif « {code} »").format(
                position=row.values["position"], code=others[0]
            )
            merge.fault(row.fault("position", message))


def _merge_products(merge: Merge) -> None:
    session = merge.session
    passes = set(session.exec(select(PassProduct.product_id)))
    cards = {*session.exec(select(GiftProduct.product_id)), *session.exec(select(PlaceCardKind.product_id))}
    everything = list(session.exec(select(Product)))
    products: dict[Key, Product] = {
        (product.code,): product for product in everything if product.id not in passes | cards
    }
    codes_of_passes = {(product.code,) for product in everything if product.id in passes}
    codes_of_cards = {(product.code,) for product in everything if product.id in cards}
    merge.withdraw(Kind.PRODUCT, products)
    for row in merge.sheets.of(Kind.PRODUCT):
        merge.step()
        if row.key in codes_of_passes:
            merge.fault(row.fault("code", _("« {code} » est un pass").format(code=row.values["code"])))
        elif row.key in codes_of_cards:
            merge.fault(row.fault("code", _("« {code} » est une carte").format(code=row.values["code"])))
        else:
            merge.put(Kind.PRODUCT, products.get(row.key), Product, row.values)
