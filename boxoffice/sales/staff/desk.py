"""Where a command comes from: the till, the shift and the operator, and the key that signs for them."""

from dataclasses import dataclass, field

from ..books.signing import Signer
from .patience import Patience
from .rules import Rules


@dataclass(frozen=True, slots=True)
class Post:
    """A till as its program knows it: enough to sign what happens there, before anybody has logged in."""

    till_id: int
    till_number: int
    till_name: str
    siret: str
    charges_vat: bool
    signer: Signer
    rules: Rules
    patience: Patience = field(default_factory=Patience, compare=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """A till with a shift open and an operator at it."""

    post: Post
    till_session_id: int
    operator_id: int
    operator_number: int
    operator_name: str
    is_manager: bool


@dataclass(frozen=True, slots=True)
class BadgeDesk:
    """A till at which somebody prints badges: no shift is open there, nothing can be sold from it."""

    post: Post
    operator_id: int
    operator_number: int
    operator_name: str


PrintingDesk = Desk | BadgeDesk
"""Where papers of a pass are ordered from."""
