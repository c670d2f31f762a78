"""What cards have paid of a basket that is not sold, put into words."""

from typing import Any

from textual.app import App

from boxoffice.language import _
from boxoffice.money import format_euros
from boxoffice.sales.basket import Basket

from .unheard import TOLD_SECONDS


def charged_words(amount_cents: int) -> str:
    """What the card terminal has taken for a basket that is not sold."""
    return _("{amount} déjà débités par carte, sans vente.").format(amount=format_euros(amount_cents))


def paid_before(basket: Basket) -> str:
    """What cards have paid of a basket that is not sold, if they have."""
    return charged_words(basket.charged_cents) if basket.charges else ""


def tell_charged(app: App[Any], basket: Basket, remedy: str) -> None:
    """Say for long enough what cards have paid of a basket that is left, if they have, and what to do."""
    if basket.charges:
        app.notify(remedy, title=paid_before(basket), severity="warning", markup=False, timeout=TOLD_SECONDS)
