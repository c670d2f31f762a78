"""Whether a tariff may be sold: the same answer dims a key at the counter and refuses a sale."""

from boxoffice.language import _, plural
from boxoffice.models import Requirement

_NEEDS = {
    Requirement.PASS: lambda: _("réservé aux détenteurs de pass : scannez le pass"),
    Requirement.ACCREDITATION: lambda: _("réservé aux accrédités : scannez l'accréditation"),
    Requirement.PROMO_CODE: lambda: _("ouvert par un code promo"),
}


def requirement_obstacle(requirement: Requirement) -> str:
    """What a tariff waits for before it can be chosen, or nothing."""
    needs = _NEEDS.get(requirement)
    return needs() if needs else ""


def seats_obstacle(seats_left: int) -> str:
    """Why no seat can be sold under a tariff, or nothing."""
    return "" if seats_left > 0 else _("complet")


def group_obstacle(minimum_group: int, quantity: int) -> str:
    """Why this quantity does not make a group, or nothing."""
    if quantity >= minimum_group:
        return ""
    return plural("à partir de {minimum} place", "à partir de {minimum} places", minimum_group).format(
        minimum=minimum_group
    )
