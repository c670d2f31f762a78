"""Who sells: the establishment as papers print it and entries sign it, and how a manager changes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later
from boxoffice.models import Establishment, VatStatus, table

from ..books.bookkeeping import describe_establishment
from ..books.journal import append
from ..wording import one_line, yes_or_no
from .desk import Post
from .meanwhile import change_alone, what_changes
from .operators import StaffMember, answering

_establishment = table(Establishment)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sells. An empty VAT number is worked out from the SIRET where VAT is charged."""

    festival: str
    operator_name: str
    address: str
    postcode: str
    town: str
    siret: str
    vat_status: VatStatus
    vat_number: str = ""


LABELS: Mapping[str, str] = {
    "festival": later("Festival"),
    "operator_name": later("Exploitant"),
    "address": later("Adresse"),
    "postcode": later("Code postal"),
    "town": later("Ville"),
    "siret": later("SIRET"),
    "vat_status": later("Facture la TVA"),
    "vat_number": later("N° de TVA"),
}
"""What is asked of who sells."""


def read_identity(session: Session) -> Identity:
    """Who sells today."""
    row = session.execute(sa.select(_establishment)).one()
    return Identity(
        row.festival,
        row.operator_name,
        row.address,
        row.postcode,
        row.town,
        row.siret,
        row.vat_status,
        row.vat_number,
    )


def written(identity: Identity) -> dict[str, str]:
    """Who sells, as it is typed: by what is asked."""
    texts = {name: str(getattr(identity, name)) for name in LABELS}
    return {**texts, "vat_status": yes_or_no(identity.vat_status is VatStatus.LIABLE)}


def checked(identity: Identity) -> Identity:
    """The same as it is kept. Raises Refusal for what is missing, and for a number that makes no sense."""
    siret = read_siret(identity.siret)
    return Identity(
        festival=_stated(identity.festival, _("le nom du festival")),
        operator_name=_stated(identity.operator_name, _("le nom de l'exploitant")),
        address=_stated(identity.address, _("l'adresse")),
        postcode=read_postcode(identity.postcode),
        town=_stated(identity.town, _("la ville")),
        siret=siret,
        vat_status=identity.vat_status,
        vat_number=_vat_number(identity, siret),
    )


def change_identity(
    session: Session,
    post: Post,
    wanted: Identity,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: Identity | None = None,
) -> Identity:
    """Put another identity on all papers from now on; each till signs under it once it is opened again.

    Of one that was `seen`, only what is wanted otherwise is changed. A `manager` answers for it, once the
    first shift was opened. Raises Refusal as `checked` does, and ChangedMeanwhile for what somebody else has
    changed since it was seen.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    before = session.execute(sa.select(_establishment).with_for_update()).mappings().one()
    if seen is not None:
        stands = read_identity(session)
        labels = {name: _(label) for name, label in LABELS.items()}
        changes = what_changes(written(seen), written(wanted), written(stands), labels)
        wanted = replace(stands, **{name: getattr(wanted, name) for name in changes})
    identity = checked(wanted)
    values = {name: getattr(identity, name) for name in Identity.__slots__}
    if all(before[name] == value for name, value in values.items()):
        return identity
    session.execute(sa.update(_establishment).values(values))
    after = session.execute(sa.select(_establishment)).mappings().one()
    append(
        session,
        post,
        JournalKind.ESTABLISHMENT_TOLD,
        {"before": describe_establishment(before), "told": describe_establishment(after)},
        at=clock.now(),
        operator_number=answered_by,
    )
    return identity


def read_siret(text: str) -> str:
    """The fourteen digits of a SIRET, checked by its Luhn sum (that of La Poste is five's multiple)."""
    siret = re.sub(r"\s", "", text)
    if not re.fullmatch(r"\d{14}", siret, re.ASCII):
        raise Refusal(_("Le SIRET compte quatorze chiffres : « {text} » n'en est pas un.").format(text=text))
    digits = [int(digit) for digit in siret]
    luhn = sum(sum(divmod(2 * digit, 10)) for digit in digits[::2]) + sum(digits[1::2])
    la_poste = siret.startswith("356000000") and sum(digits) % 5 == 0
    if luhn % 10 and not la_poste:
        raise Refusal(
            _("Le SIRET {siret} contient une erreur : sa clé de contrôle est fausse.").format(siret=siret),
            _("Recopiez-le depuis l'avis de situation de l'INSEE."),
        )
    return siret


def read_postcode(text: str) -> str:
    """A French postcode: five digits."""
    postcode = text.replace(" ", "")
    if not re.fullmatch(r"\d{5}", postcode, re.ASCII):
        raise Refusal(
            _("Le code postal compte cinq chiffres : « {text} » n'en est pas un.").format(text=text)
        )
    return postcode


def _vat_number(identity: Identity, siret: str) -> str:
    if identity.vat_status is VatStatus.EXEMPT:
        return ""
    siren = siret[:9]
    given = re.sub(r"\s", "", identity.vat_number).upper()
    if not given:
        return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
    if not re.fullmatch(rf"FR[0-9A-Z]{{2}}{siren}", given, re.ASCII):
        raise Refusal(
            _("Le numéro de TVA {number} ne va pas avec le SIREN {siren}.").format(number=given, siren=siren)
        )
    return given


def _stated(text: str, what: str) -> str:
    stated = one_line(text)
    if not stated:
        raise Refusal(_("Il manque {what}.").format(what=what))
    return stated
