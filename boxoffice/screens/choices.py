"""The tariffs of a screening as the cashier may choose them: dimmed with a reason, or ready to be sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from boxoffice.kinds import Requirement
from boxoffice.language import _, plural
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.conditions import group_obstacle, requirement_obstacle, seats_obstacle
from boxoffice.sales.screenings.programme import Offer, Programme, Seats
from boxoffice.sales.vouchers.promo_basket import PromoOffer, seats_with

_SHORT = {
    Requirement.PASS: lambda: _("pass"),
    Requirement.ACCREDITATION: lambda: _("accréd."),
    Requirement.PROMO_CODE: lambda: _("code"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A tariff, why it cannot be chosen if it cannot, and that reason in a word for its tile.

    `opened_by` is the promo code that opens it.
    """

    offer: Offer
    obstacle: str = ""
    word: str = ""
    opened_by: UUID | None = None

    @property
    def digit(self) -> str:
        """The key that sells it, if it has one."""
        return str(self.offer.position % 10) if 0 < self.offer.position <= 10 else ""


def choices(
    offers: tuple[Offer, ...],
    seats: Seats,
    basket: Basket,
    screening_id: int,
    *,
    on_sale: bool,
    codes: Sequence[PromoOffer] = (),
) -> tuple[Choice, ...]:
    """Each tariff of a screening, given its seats left and what of them the basket wants already.

    `codes` are the promo codes of this customer, which open some.
    """
    return tuple(
        _choice(offer, offers, seats, basket, screening_id, on_sale, _opening(offer, screening_id, codes))
        for offer in offers
    )


def seats_left_for(
    offer: Offer, offers: tuple[Offer, ...], seats: Seats, basket: Basket, screening_id: int
) -> int:
    """Seats that a tariff can still have, those in the basket being taken for gone: a reservation's are."""
    pool = offer.quota if offer.quota in seats.quotas else None
    of_pool = {other.id for other in offers if (other.quota if other.quota in seats.quotas else None) == pool}
    wanted = sum(
        line.quantity
        for line in basket
        if isinstance(line, SeatLine)
        and line.reservation_id is None
        and line.screening_id == screening_id
        and line.tariff_id in of_pool
    )
    return seats.left_for(offer.quota) - wanted


def growth_obstacle(line: SeatLine, quantity: int, programme: Programme, seats: Seats, basket: Basket) -> str:
    """Why a line of the basket cannot have `quantity` seats, or nothing."""
    if quantity <= line.quantity:
        return ""
    if line.reservation_id is not None:
        return _("La réservation n'en retient pas plus : ajoutez la place par son tarif.")
    offers, offer = _offer_of(line, programme)
    if offer is None:
        return ""
    left = seats_left_for(offer, offers, seats, basket, line.screening_id) + line.quantity
    if quantity <= left:
        return ""
    return plural(
        "{title} : il reste {left} place, vous en demandez {wanted}.",
        "{title} : il reste {left} places, vous en demandez {wanted}.",
        left,
    ).format(title=line.event_title, left=left, wanted=quantity)


def _offer_of(line: SeatLine, programme: Programme) -> tuple[tuple[Offer, ...], Offer | None]:
    """The price list that a line comes from, and its tariff there."""
    for offers in programme.offers.values():
        for offer in offers:
            if offer.id == line.tariff_id:
                return offers, offer
    return (), None


def line_obstacle(line: SeatLine) -> str:
    """Why a line of the basket cannot be paid as it stands, or nothing."""
    if reason := group_obstacle(line.minimum_group, line.quantity):
        return reason
    missing = line.quantity - len([name for name in line.holders if name.strip()])
    if line.nominative and missing > 0:
        return plural("{missing} nom à saisir", "{missing} noms à saisir", missing).format(missing=missing)
    return ""


def line_note(line: SeatLine) -> str:
    """The obstacle of a line in the few words that the basket has room for, or nothing."""
    if group_obstacle(line.minimum_group, line.quantity):
        return _("il en faut {minimum}").format(minimum=line.minimum_group)
    return line_obstacle(line)


def _seats_obstacle(seats_left: int, wanted_already: int) -> str:
    """Why no seat more can be sold under a tariff: there is none, or the basket has the last ones."""
    if seats_left > 0 or wanted_already <= 0:
        return seats_obstacle(seats_left)
    return plural(
        "il restait {wanted} place, elle est dans le panier",
        "il restait {wanted} places, elles sont dans le panier",
        wanted_already,
    ).format(wanted=wanted_already)


def code_is_for(seats: int) -> str:
    """How many seats a code is for, once a basket has them."""
    return plural(
        "Ce code ne vaut que pour {count} place.", "Ce code ne vaut que pour {count} places.", seats
    ).format(count=seats)


def _opening(offer: Offer, screening_id: int, codes: Sequence[PromoOffer]) -> tuple[PromoOffer, ...]:
    """The codes that open a tariff."""
    return tuple(code for code in codes if code.opens(screening_id, offer.id))


def _room(code: PromoOffer, basket: Basket) -> bool:
    """Whether a code is good for one seat more."""
    return code.most_seats is None or seats_with(basket, code.value_id) < code.most_seats


def _choice(
    offer: Offer,
    offers: tuple[Offer, ...],
    seats: Seats,
    basket: Basket,
    screening_id: int,
    on_sale: bool,
    codes: Sequence[PromoOffer],
) -> Choice:
    if seats.cancelled:
        return Choice(offer, _("la séance est annulée"), _("annulée"))
    if not on_sale:
        return Choice(offer, _("la vente de cette séance est terminée"), _("terminée"))
    left = seats_left_for(offer, offers, seats, basket, screening_id)
    wanted_already = seats.left_for(offer.quota) - left if left == 0 else 0
    code = next((each for each in codes if _room(each, basket)), None)
    opened_by = code.value_id if code else None
    if codes and code is None and offer.requirement is Requirement.PROMO_CODE:
        used = _("le code promo est déjà dans le panier")
        return Choice(offer, used, _("au panier"))
    required = "" if code else requirement_obstacle(offer.requirement)
    if reason := required or _seats_obstacle(left, wanted_already):
        short = _SHORT.get(offer.requirement)
        return Choice(offer, reason, short() if short and required else _("complet"))
    already = basket.find_seats(screening_id, offer.id, opened_by)
    if already is None and left < offer.minimum_group:
        reason = plural(
            "il reste {left} place, il en faut {minimum}",
            "il reste {left} places, il en faut {minimum}",
            left,
        ).format(left=left, minimum=offer.minimum_group)
        return Choice(offer, reason, _("dès {minimum}").format(minimum=offer.minimum_group))
    return Choice(offer, opened_by=opened_by)
