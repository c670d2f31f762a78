"""Setting up: the establishment, its tills with their signing keys, its operators, a first printer."""

from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import (
    LARGEST_TILL_NUMBER,
    Establishment,
    Numbering,
    Printer,
    PrinterKind,
    PrinterRole,
    Role,
    SigningKey,
    Till,
    TillPrinter,
    VatStatus,
    table,
)

from ..books.bookkeeping import FOUNDED, describe_establishment
from ..books.journal import append, describe_key, last_key_told
from ..books.replaced_keys import replaced_key
from ..books.signing import Signer, create_key, load_key
from ..wording import one_line
from .desk import Post
from .establishment import Identity, checked
from .meanwhile import change_alone
from .operators import StaffMember, answering, proof_told
from .rules import read_rules
from .staff_changes import AddOperator, add_operator

VIRTUAL_PRINTER = "Imprimante virtuelle"


@dataclass(frozen=True, slots=True)
class FoundFestival:
    """Who sells, and the first manager and till. An empty VAT number is worked out from the SIRET."""

    festival: str
    operator_name: str
    address: str
    postcode: str
    town: str
    siret: str
    vat_status: VatStatus
    manager_name: str
    manager_pin: str
    vat_number: str = ""
    specimen: str = ""
    till_number: int = 1
    till_name: str = ""


@dataclass(frozen=True, slots=True)
class AddTill:
    """A counter to open, by its number on paper."""

    number: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class TillRow:
    """A till, as listed, with the fingerprints of its keys."""

    number: int
    name: str
    keys: tuple[str, ...]
    active: bool


def found_festival(session: Session, command: FoundFestival, *, key_path: Path, clock: Clock) -> Post:
    """Make the festival of an empty database: establishment, first till with its key, manager, printer."""
    if session.get(Establishment, 1) is not None:
        raise Refusal(
            _("Cette base de données contient déjà un festival."),
            _("Choisissez une autre base, ou ajoutez un poste avec « boxoffice tills add »."),
        )
    identity = checked(
        Identity(
            command.festival,
            command.operator_name,
            command.address,
            command.postcode,
            command.town,
            command.siret,
            command.vat_status,
            command.vat_number,
        )
    )
    session.add(Establishment(**asdict(identity), specimen=command.specimen, created_at=clock.now()))
    session.add(Printer(name=VIRTUAL_PRINTER, kind=PrinterKind.VIRTUAL))
    session.flush()
    post = add_till(session, AddTill(command.till_number, command.till_name), key_path=key_path, clock=clock)
    founded = session.execute(sa.select(table(Establishment))).mappings().one()
    append(
        session,
        post,
        JournalKind.ESTABLISHMENT_TOLD,
        {"told": describe_establishment(founded), FOUNDED: founded["created_at"].isoformat()},
        at=clock.now(),
    )
    add_operator(
        session,
        post,
        AddOperator(command.manager_name, Role.MANAGER, command.manager_pin, number=1),
        clock=clock,
    )
    return post


def add_till(
    session: Session, command: AddTill, *, key_path: Path, clock: Clock, manager: StaffMember | None = None
) -> Post:
    """Open a counter: its numbering, its signing key kept at `key_path`, the first entry of its chain.

    A key already at `key_path` is taken up: it was made by a try that did not end.
    A `manager` answers for it, once the first shift was opened.
    """
    if session.get(Establishment, 1) is None:
        raise Refusal(
            _("Il n'y a pas encore de festival dans cette base de données."),
            _("Créez-le avec « boxoffice init »."),
        )
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    if not 1 <= command.number <= LARGEST_TILL_NUMBER:
        raise Refusal(_("Le numéro d'une caisse va de 1 à {most}.").format(most=LARGEST_TILL_NUMBER))
    if session.exec(select(Till).where(Till.number == command.number)).first() is not None:
        raise Refusal(_("La caisse {number} existe déjà.").format(number=command.number))
    till = Till(number=command.number, name=one_line(command.name) or f"Caisse {command.number}")
    session.add(till)
    session.flush()
    assert till.id is not None
    signer = load_key(key_path) if key_path.exists() else create_key(key_path)
    at = clock.now()
    session.add(Numbering(till_id=till.id))
    session.add(
        SigningKey(
            fingerprint=signer.fingerprint,
            till_id=till.id,
            public_key=signer.public_pem,
            created_at=at,
        )
    )
    virtual = session.exec(select(Printer).where(Printer.name == VIRTUAL_PRINTER)).first()
    if virtual is not None and virtual.id is not None:
        for role in PrinterRole:
            session.add(TillPrinter(till_id=till.id, role=role, printer_id=virtual.id))
    session.flush()
    post = open_post(session, command.number, signer)
    append(
        session,
        post,
        JournalKind.KEY_CREATED,
        {**describe_key(signer, post.till_name), **(proof_told(manager) if manager else {})},
        at=at,
        operator_number=answered_by,
    )
    return post


def read_key(till_number: int, path: Path) -> Signer:
    """The key of a till of this computer. Raises Refusal if there is none, or none that can be read."""
    try:
        return load_key(path)
    except FileNotFoundError as error:
        raise Refusal(
            _("La clé de signature de la caisse {number} n'est pas sur ce poste ({path}).").format(
                number=till_number, path=path
            ),
            _(
                "Si cette caisse doit vendre ici, créez sa clé avec « boxoffice tills add {number} » ; "
                "sinon, vérifiez le numéro de caisse et le dossier des clés dans les réglages."
            ).format(number=till_number),
        ) from error
    except ValueError as error:
        raise Refusal(
            _("La clé de signature de la caisse {number} ne se lit pas ({path}).").format(
                number=till_number, path=path
            ),
            _("Vérifiez le numéro de caisse et le dossier des clés dans les réglages."),
        ) from error


def open_post(session: Session, till_number: int, signer: Signer) -> Post:
    """The till that this program is, once its key is known to be the till's own."""
    establishment = session.get(Establishment, 1)
    till = session.exec(select(Till).where(Till.number == till_number)).first()
    if establishment is None or till is None or till.id is None:
        raise Refusal(
            _("La caisse {number} n'existe pas dans cette base de données.").format(number=till_number),
            _("Créez le festival avec « boxoffice init », ou la caisse avec « boxoffice tills add »."),
        )
    key = session.get(SigningKey, signer.fingerprint)
    if key is None or key.till_id != till.id:
        raise Refusal(
            _("La clé de signature de ce poste n'est pas celle de la caisse {number}.").format(
                number=till_number
            ),
            _("Vérifiez le numéro de caisse et le dossier des clés dans les réglages."),
        )
    told = last_key_told(session, till.id).get("fingerprint", signer.fingerprint)
    if told != signer.fingerprint:
        raise replaced_key(till.number, signer, told)
    return Post(
        till_id=till.id,
        till_number=till.number,
        till_name=till.name,
        siret=establishment.siret,
        charges_vat=establishment.vat_status is VatStatus.LIABLE,
        signer=signer,
        rules=read_rules(session),
    )


def list_tills(session: Session) -> tuple[TillRow, ...]:
    """The tills, by number."""
    keys: dict[int, tuple[str, ...]] = {}
    for key in session.exec(select(SigningKey).order_by(col(SigningKey.created_at))):
        keys[key.till_id] = (*keys.get(key.till_id, ()), key.fingerprint)
    return tuple(
        TillRow(till.number, till.name, keys.get(till.id or 0, ()), till.active)
        for till in session.exec(select(Till).order_by(col(Till.number)))
    )
