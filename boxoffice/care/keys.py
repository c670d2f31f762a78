"""The signing keys of this computer's tills: copied under a passphrase, put back, rotated, declared lost.

A key is a file that the database never holds. Its journal tells of the next one, signed by the one before.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from filelock import FileLock, Timeout
from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import SigningKey, Till
from boxoffice.private_file import write_privately
from boxoffice.sales.books.journal import append, describe_key, last_key_told
from boxoffice.sales.books.replaced_keys import kept_aside
from boxoffice.sales.books.signing import ANCHOR, Anchor, Signer, create_key, load_key, read_anchor
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember, proof_told
from boxoffice.sales.staff.permissions import require
from boxoffice.sales.staff.setup import open_post, read_key

from .keys_of_backups import keys_of_backup

SHORTEST_PASSPHRASE = 12


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that the database knows; `is_here` if this computer has its private half and signs with it."""

    till: int
    fingerprint: str
    created_at: datetime
    is_here: bool


@dataclass(frozen=True, slots=True)
class PutBack:
    """A key that was put back; `signs` unless another has replaced it since it was copied.

    `kept` is where the one is that was in its place.
    """

    fingerprint: str
    signs: bool
    kept: Path | None = None


class WouldSignNoMore(Refusal):
    """The key that signs would leave its place to one that does not: somebody must want that."""


def keys_here(settings: Settings) -> Mapping[int, Signer]:
    """The keys that this computer has and can read, by the numbers of their tills."""
    found = {}
    for path in settings.keys_folder.glob("till-*.pem"):
        number = path.stem.removeprefix("till-")
        if number.isascii() and number.isdecimal():
            with suppress(ValueError, OSError):
                found[int(number)] = load_key(path)
    return found


def anchors_here(folder: Path) -> dict[int, Anchor]:
    """What this computer knows of each till whose key it has. Raises Refusal for what it cannot read."""
    anchors = {}
    for key_path in sorted(folder.glob("till-*.pem")):
        number = key_path.stem.removeprefix("till-")
        if not (number.isascii() and number.isdecimal()):
            continue
        try:
            anchor = read_anchor(key_path)
        except ValueError as error:
            raise Refusal(
                _("L'ancre de la caisse {number} ne se lit pas, ou n'est pas signée par sa clé.").format(
                    number=number
                )
            ) from error
        if anchor is not None:
            anchors[int(number)] = anchor
    return anchors


def list_keys(session: Session, settings: Settings) -> tuple[KeyRow, ...]:
    """Every key that ever signed, by till, in the order in which they were made."""
    here = {signer.fingerprint for signer in keys_here(settings).values()}
    rows = session.exec(
        select(Till.number, SigningKey)
        .join(SigningKey, col(SigningKey.till_id) == Till.id)
        .order_by(col(Till.number), col(SigningKey.created_at))
    )
    return tuple(
        KeyRow(number, key.fingerprint, key.created_at, key.fingerprint in here) for number, key in rows
    )


def back_up_key(
    database: Database,
    settings: Settings,
    post: Post,
    target: Path,
    passphrase: str,
    *,
    clock: Clock,
    manager: StaffMember,
) -> str:
    """Copy the key of this post's till to a file that only the passphrase opens; returns its fingerprint.

    The journal tells of it first. Raises Refusal for a short passphrase, and a file that is there already.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refusal(
            _("Cette phrase est trop courte : au moins {least} caractères.").format(
                least=SHORTEST_PASSPHRASE
            ),
            _("Prenez quatre ou cinq mots au hasard, et gardez-les ailleurs que la copie."),
        )
    if target.exists():
        raise Refusal(_("Le fichier {file} existe déjà.").format(file=target))
    signer = read_key(settings.till, settings.key_path)
    pem = signer.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    with database.write() as session:
        require(session, Action.CARE_FOR_KEYS, manager.id)
        told = {"fingerprint": signer.fingerprint, "file": target.name}
        append(session, post, JournalKind.KEY_BACKED_UP, told, at=clock.now(), operator_number=manager.number)
    write_privately(target, f"boxoffice-key till={settings.till}\n".encode() + pem)
    return signer.fingerprint


def restore_key(
    database: Database,
    settings: Settings,
    source: Path,
    passphrase: str,
    *,
    clock: Clock,
    manager: StaffMember,
    although_replaced: bool = False,
    backup: Path | None = None,
) -> PutBack:
    """Put a key back from its copy, or from a key file as it is, as that of this post's till.

    The database in place knows it, or the `backup` that is to be put back next does.

    The journal tells of it, signed by the key of the two that still signs. No anchor comes with a copy: it
    could only be older than the journal. A key that is in its place goes to the old ones.
    Raises Refusal for a wrong passphrase, and for a key that is not one of this till; and WouldSignNoMore for
    one that does not sign, where the one that does is in its place, unless `although_replaced`.
    """
    key = _read_copy(source, passphrase)
    to_come = keys_of_backup(backup, settings.till, clock) if backup else frozenset[str]()
    path = settings.key_path
    new = path.with_name(f"{path.stem}.restored{path.suffix}")
    write_privately(
        new,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    try:
        restored = replace(load_key(new), anchor_path=path.with_suffix(ANCHOR))
        with database.write() as session:
            _refuse_foreign(session, settings.till, restored, to_come)
            signs = _tell_restored(
                session, settings, restored, clock, manager, although_replaced=although_replaced
            )
        with suppress(ValueError, OSError):
            load_key(path).share_anchor(restored)
        kept = _set_old_aside(settings)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return PutBack(restored.fingerprint, signs, kept)


def is_under_passphrase(source: Path) -> bool:
    """Whether a passphrase opens this copy of a key; none is asked for those that were replaced here."""
    try:
        return b"ENCRYPTED" in source.read_bytes()
    except OSError:
        return False


def _read_copy(source: Path, passphrase: str) -> ec.EllipticCurvePrivateKey:
    secret = (passphrase.encode() or None) if is_under_passphrase(source) else None
    try:
        key = serialization.load_pem_private_key(source.read_bytes(), secret)
    except FileNotFoundError as error:
        raise Refusal(_("Il n'y a pas de fichier {file}.").format(file=source)) from error
    except (ValueError, TypeError) as error:
        raise Refusal(
            _("Cette copie de clé ne s'ouvre pas : la phrase est fausse, ou le fichier est abîmé.")
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refusal(_("Ce fichier n'est pas une clé de caisse."))
    return key


def _tell_restored(
    session: Session,
    settings: Settings,
    restored: Signer,
    clock: Clock,
    manager: StaffMember,
    *,
    although_replaced: bool,
) -> bool:
    """Have the journal tell of a key put back; returns whether it still signs, or was replaced since."""
    require(session, Action.CARE_FOR_KEYS, manager.id)
    till_id = session.exec(select(Till.id).where(Till.number == settings.till)).one()
    last = last_key_told(session, till_id or 0)["fingerprint"]
    signers = [restored]
    with suppress(ValueError, OSError):
        signers.append(load_key(settings.key_path))
    signer = next((signer for signer in signers if signer.fingerprint == last), None)
    if signer not in (None, restored) and not although_replaced:
        raise _would_sign_no_more(settings, last)
    if signer is not None:
        told = {"fingerprint": restored.fingerprint, "operator": manager.number, **proof_told(manager)}
        post = open_post(session, settings.till, signer)
        append(session, post, JournalKind.KEY_RESTORED, told, at=clock.now(), operator_number=manager.number)
    return bool(restored.fingerprint == last)


def _would_sign_no_more(settings: Settings, signing: str) -> WouldSignNoMore:
    return WouldSignNoMore(
        _(
            "La clé de cette copie ne signe pas dans la base en place : avec elle, la caisse {till} ne signe"
            " plus et le guichet ne s'ouvre pas. Elle ne sert qu'à remettre une sauvegarde où elle signe."
        ).format(till=settings.till),
        _(
            "Celle qui signe, en place, serait gardée dans {file} ; « boxoffice key restore » et ce fichier"
            " la remettent. Pour le faire, répondez « oui », ou ajoutez --yes."
        ).format(file=kept_aside(settings.key_path, signing)),
    )


def rotate_key(
    session: Session, settings: Settings, post: Post, *, clock: Clock, manager: StaffMember
) -> Signer:
    """Make the next key of a till: its journal tells of it, signed by the one in use.

    To be put in place by `take_up` once this is committed: the old one signs no more. A next key that nobody
    told is not trusted, for somebody may have put it there.
    """
    require(session, Action.CARE_FOR_KEYS, manager.id)
    path = _next_path(settings)
    path.unlink(missing_ok=True)
    signer = create_key(path)
    at = clock.now()
    session.add(
        SigningKey(
            fingerprint=signer.fingerprint, till_id=post.till_id, public_key=signer.public_pem, created_at=at
        )
    )
    session.flush()
    told = describe_key(signer, post.till_name, supersedes=post.signer.fingerprint)
    append(session, post, JournalKind.KEY_CREATED, told, at=at, operator_number=manager.number)
    return signer


def finish_rotation(database: Database, settings: Settings) -> None:
    """Put the next key in place where its journal has told it and the program stopped before it was.

    Nothing is done while a program has the till: it may be at it.
    """
    path = _next_path(settings)
    if not path.exists():
        return
    with suppress(Timeout, ValueError), _till_lock(settings).acquire(blocking=False):
        signer = load_key(path)
        with database.read() as session:
            known = session.get(SigningKey, signer.fingerprint)
            is_told = known is not None and (
                last_key_told(session, known.till_id).get("fingerprint") == signer.fingerprint
            )
        if is_told:
            take_up(settings, destroy=False)


def take_up(settings: Settings, *, destroy: bool) -> Path | None:
    """Sign with the next key from now on; returns where the old one is kept, if it is not to be destroyed."""
    old = settings.key_path
    with suppress(ValueError, OSError):
        load_key(old).share_anchor(load_key(_next_path(settings)))
    if destroy:
        _overwrite(old)
        kept = None
    else:
        kept = _set_old_aside(settings)
    os.replace(_next_path(settings), settings.key_path)
    return kept


def declare_lost(session: Session, post: Post, till: int, *, clock: Clock, manager: StaffMember) -> None:
    """Have the journal of this till tell that the key of another is lost, and where its journal then stood.

    Raises Refusal for a till that is not there, or is this one: nothing could be signed for it.
    """
    require(session, Action.CARE_FOR_KEYS, manager.id)
    if till == post.till_number:
        raise Refusal(
            _("La caisse {till} signe encore, avec cette clé.").format(till=till),
            _("Déclarez la perte depuis une autre caisse."),
        )
    if session.exec(select(Till).where(Till.number == till)).first() is None:
        raise Refusal(_("La caisse {till} n'existe pas.").format(till=till))
    append(
        session,
        post,
        JournalKind.KEY_LOST,
        {"lost_till": till},
        at=clock.now(),
        operator_number=manager.number,
    )


def _refuse_foreign(session: Session, till: int, signer: Signer, to_come: frozenset[str]) -> None:
    known = session.get(SigningKey, signer.fingerprint)
    owner = session.get(Till, known.till_id) if known is not None else None
    if owner is not None and owner.number == till:
        return
    if owner is None and signer.fingerprint in to_come:
        return
    raise Refusal(
        _("Cette clé n'est pas de celles de la caisse {till}.").format(till=till),
        _(
            "Vérifiez le numéro de caisse dans les réglages, et le fichier. Si elle va avec une sauvegarde à"
            " remettre, nommez-la : « boxoffice key restore FICHIER --for SAUVEGARDE »."
        ),
    )


def _till_lock(settings: Settings) -> FileLock:
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileLock(settings.data_folder / f"till-{settings.till}.lock", thread_local=False)


def _next_path(settings: Settings) -> Path:
    path = settings.key_path
    return path.with_name(f"{path.stem}.next{path.suffix}")


def _set_old_aside(settings: Settings) -> Path | None:
    """Move the key in place, if there is one, to the old ones."""
    path = settings.key_path
    if not path.exists():
        return None
    kept = kept_aside(path, _name_of(path))
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    os.replace(path, kept)
    return kept


def _name_of(path: Path) -> str:
    """How a key that goes aside is called: by its fingerprint, if it still has one."""
    try:
        return load_key(path).fingerprint
    except ValueError:
        return "abimee"


def _overwrite(path: Path) -> None:
    """Leave nothing of a key to read in its file, as far as the disk lets us."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(os.urandom(size))
        file.flush()
        os.fsync(file.fileno())
