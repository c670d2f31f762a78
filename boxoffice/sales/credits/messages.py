"""What a customer is told of their request, ready to be sent: French whatever the language of the screens."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import CreditState, StoredValueKind
from boxoffice.language import _
from boxoffice.models import Establishment, table
from boxoffice.money import format_euros

from ..vouchers import stored_values
from .listing import CreditRow, read_credit

_establishment = table(Establishment)

MESSAGES = "reprise-*.txt"
"""What files of messages are called; there are names in them."""

_SUBJECTS = {
    CreditState.PENDING: "Demande de reprise de place",
    CreditState.ACCEPTED: "Votre place est reprise",
    CreditState.REFUSED: "Votre demande de reprise est refusée",
}


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """A message to send or to hand over. `to` is an e-mail, empty where none is known."""

    to: str
    subject: str
    body: str

    @property
    def text(self) -> str:
        """The whole message, as a file or a clipboard holds it."""
        return f"À : {self.to}\nObjet : {self.subject}\n\n{self.body}"


def message_about(session: Session, request_id: UUID) -> CustomerMessage:
    """What to tell a customer of a request as it stands. Raises Refusal for one that is not there."""
    row = read_credit(session, request_id)
    if row is None:
        raise Refusal(_("Cette demande n'existe pas."), _("Relisez les demandes d'avoir."))
    festival: str = session.execute(select(_establishment.c.festival)).scalar_one()
    greeting = f"Bonjour {row.customer_name}," if row.customer_name else "Bonjour,"
    day, hour, minute = (say(row.starts_at, part, "fr") for part in ("EEEE d MMMM", "H", "mm"))
    when = f"{day} à {hour} h {minute}"
    seat = (
        f"{row.event_title}, {when}, {row.label}, billet n° {row.ticket_number}, commande n° {row.operation}"
    )
    body = "\n\n".join((greeting, *_said(session, row, seat), f"Cordialement,\nla billetterie, {festival}"))
    return CustomerMessage(row.customer_email, f"{_SUBJECTS[row.state]} – {row.event_title}", f"{body}\n")


def _said(session: Session, row: CreditRow, seat: str) -> tuple[str, ...]:
    credited = _given(row)
    match row.state:
        case CreditState.PENDING:
            return (
                f"Nous avons reçu votre demande de reprise pour :\n{seat}.",
                f"Montant payé : {format_euros(row.paid_cents)}. Montant de la reprise : {credited}.",
                "Votre billet ne donne plus accès à la salle tant que nous n'avons pas répondu.",
            )
        case CreditState.REFUSED:
            return (
                f"Nous ne pouvons pas reprendre votre place :\n{seat}.",
                f"Motif : {row.reason}.",
                "Votre billet reste valable.",
            )
        case CreditState.ACCEPTED:
            balance = _balance(session, row) if row.worth_cents else ""
            return (
                f"Votre place est reprise :\n{seat}.",
                f"Avoir n° {row.credit_note} : {credited}.{balance}",
                "Ce billet ne donne plus accès à la salle.",
            )


def _given(row: CreditRow) -> str:
    """What comes back: an amount, a place on the card that paid for the seat, or both."""
    amount = [format_euros(row.worth_cents)] if row.worth_cents or not row.place_comes_back else []
    return " et ".join([*amount, "place rendue sur votre carte"] if row.place_comes_back else amount)


def _balance(session: Session, row: CreditRow) -> str:
    """What the customer can spend now, where they have a balance."""
    if row.customer_id is None:
        return ""
    value_id = stored_values.account_id(row.customer_id, StoredValueKind.BALANCE)
    held = stored_values.read(session, value_id)
    if held is None:
        return ""
    return f" Votre solde est de {format_euros(held['amount'])}, à dépenser au guichet."
