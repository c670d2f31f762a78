"""Whether a tariff may be sold: the same answer dims a key at the counter and refuses a sale."""

from boxoffice.language import _, plural
from boxoffice.models import Requirement

_NEEDS = {
    Requirement.PASS: lambda: _("réservé aux détenteurs de pass : scannez le pass"),
    Requirement.ACCREDITATION: lambda: _("réservé aux accrédités : scannez l'accréditation"),
    Requirement.PROMO_CODE: lambda: _("ouvert par un code promo"),
}


def obstacle(requirement: Requirement, seats_left: int) -> str:
    """Why a tariff cannot be chosen now, or nothing."""
    if needs := _NEEDS.get(requirement):
        return needs()
    if seats_left <= 0:
        return _("complet")
    return ""


def group_obstacle(minimum_group: int, quantity: int) -> str:
    """Why this quantity does not make a group, or nothing."""
    if quantity >= minimum_group:
        return ""
    return plural("à partir de {minimum} place", "à partir de {minimum} places", minimum_group).format(
        minimum=minimum_group
    )
