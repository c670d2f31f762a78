"""What is done about the health of a till: backups, archives, the journal read again, keys, training."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from boxoffice.care.archiving import archive_period
from boxoffice.care.backups import (
    BackupReason,
    KeptBackup,
    back_up_asked,
    check_alone,
    last_backup_at,
    list_backups,
)
from boxoffice.care.keys import KeyRow, list_keys
from boxoffice.care.verifying import Verified, verify_database
from boxoffice.clock import business_day, say
from boxoffice.errors import Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, later, plural, spoken
from boxoffice.sales.archives.making import Archive, CreateArchive, archive_name
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember

from . import errands
from .choosing import Choose, Thing
from .dialogs import Dialog, RefusalDialog, keys_line
from .exports import ReadForm, days_lines, days_typed
from .filed_paper import told_files
from .long_work import LongWork, Show
from .permitting import once_allowed
from .short_form import Filled

if TYPE_CHECKING:
    from boxoffice.house import House

REASONS: Mapping[str, str] = {
    BackupReason.SCHEDULE: later("régulière"),
    BackupReason.MIGRATION: later("avant une mise à jour"),
    BackupReason.CLOSING: later("après une clôture"),
    BackupReason.ASKED: later("demandée"),
    BackupReason.RESTORE: later("avant une remise"),
}
FINGERPRINT = 16


class Consultation(Dialog[None]):
    """The dialog that is asked what to do about the health of a till, and over which it is done."""

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__()
        self.house, self.desk = house, desk

    def action_look(self) -> None:
        """Examine the till again, once something was done about it."""
        raise NotImplementedError


class Reading(Dialog[None]):
    """Words to read, closed by Enter or Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", later("Fermer"), id="reading.leave", tooltip=later("Ferme ce qui est lu")),
    ]

    DEFAULT_CSS = """
    Reading .dialog { width: 84; }
    """

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        self.title_text, self._words = title, words

    def compose_question(self) -> ComposeResult:
        yield Static(self._words, id="reading", markup=False)
        yield keys_line(("enter", _("Entrée compris")), ("escape", _("Échap fermer")))

    def nothing(self) -> None:
        return None


def back_up_now(dialog: Consultation) -> None:
    """Ask who answers for a backup, for it holds all that the database does; then make it."""
    once_allowed(
        dialog,
        dialog.house,
        dialog.desk,
        Action.MAKE_ARCHIVE,
        lambda answering: write_backup(dialog, answering),
    )


def write_backup(dialog: Consultation, answering: StaffMember) -> None:
    """Make a backup, and tell where it is."""
    house = dialog.house

    def work(show: Show) -> KeptBackup:
        return back_up_asked(
            house.database,
            house.settings.backups_folder,
            house.post,
            answering.number,
            clock=house.clock,
            progress=show,
        )

    def done(kept: KeptBackup | None) -> None:
        if kept is not None:
            dialog.app.push_screen(
                told_files((kept.path,), _("Elle est relue et juste. Copiez-la aussi hors de ce poste."))
            )
            dialog.action_look()

    dialog.app.push_screen(LongWork(_("Sauvegarde"), work), done)


def show_backups(dialog: Consultation) -> None:
    """The backups kept here, the newest first; the one that is chosen is read again."""
    house = dialog.house

    def read() -> tuple[tuple[KeptBackup, ...], str]:
        with house.database.read() as session:
            last = last_backup_at(session, clock=house.clock)
        told = say(last, "EEE d MMM HH:mm", spoken()) if last else _("aucune")
        return list_backups(house.settings.backups_folder), told

    def ask(found: tuple[tuple[KeptBackup, ...], str]) -> None:
        kept, last = found
        if not kept:
            dialog.say_wrong(_("Aucune sauvegarde n'est gardée ici. S en fait une maintenant."))
            return
        things = [
            Thing(
                say(each.about.at, "EEE d MMM y HH:mm", spoken()),
                _(REASONS.get(each.about.reason, each.about.reason)) if each.checked else _("douteuse"),
                _("{size} Ko").format(size=-(-each.size // 1000)),
            )
            for each in kept
        ]
        title = _("Sauvegardes ; la dernière : {moment}. Entrée en relit une").format(moment=last)
        dialog.app.push_screen(Choose(title, things), lambda place: chosen(kept, place))

    def chosen(kept: tuple[KeptBackup, ...], place: int | None) -> None:
        if place is not None:
            check_kept(dialog, kept[place])

    errands.send(dialog, read, ask, dialog.say_wrong)


def check_kept(dialog: Consultation, kept: KeptBackup) -> None:
    """Read a backup again, in a database beside."""

    def work(show: Show) -> int:
        return sum(check_alone(kept.path, kept.path.parent, progress=show).rows.values())

    def done(count: int | None) -> None:
        if count is not None:
            rows = plural("{count} ligne", "{count} lignes", count).format(count=count)
            said = _("La sauvegarde est entière et juste : {rows}.").format(rows=rows)
            put_back = _("Pour la remettre, guichet fermé : « boxoffice restore {file} ».")
            dialog.app.push_screen(
                RefusalDialog(Refusal(said, put_back.format(file=kept.path.name))),
            )

    dialog.app.push_screen(LongWork(_("On relit {file}").format(file=kept.path.name), work), done)


def verify_journal(dialog: Consultation) -> None:
    """Read the journal of every till again, and all that it describes."""
    house = dialog.house

    def work(show: Show) -> Verified:
        return verify_database(house.settings, progress=show)

    def done(found: Verified | None) -> None:
        if found is not None:
            dialog.app.push_screen(Reading(_("Journal"), verdict_words(found)))

    dialog.app.push_screen(LongWork(_("On relit le journal"), work), done)


def verdict_words(found: Verified) -> str:
    """What was found, and what is to be known of it."""
    verdict = found.verdict
    if verdict.fault is None:
        entries = plural("{count} entrée", "{count} entrées", verdict.entries).format(count=verdict.entries)
        sales = plural("{count} vente", "{count} ventes", verdict.sales).format(count=verdict.sales)
        said = _("Le journal est intact : {entries}, {sales}.").format(entries=entries, sales=sales)
    else:
        remedy = _("Ne touchez à rien, faites une sauvegarde, et appelez qui s'occupe du programme.")
        said = f"✗ {verdict.fault}\n→ {remedy}"
    notices = (_("À savoir : {notice}").format(notice=notice) for notice in verdict.notices)
    guards = _("Des gardes de la base manquent ou ont été changées : {names}.")
    missing = (guards.format(names=", ".join(found.missing_guards)),) if found.missing_guards else ()
    wrong = (f"✗ {each}" for each in (*missing, *found.changed_backups))
    return "\n".join((said, *wrong, *notices))


def make_archive(dialog: Consultation) -> None:
    """Ask which days, and who answers for it, then write the archive."""
    house = dialog.house
    yesterday = business_day(house.clock.now(), house.post.rules.business_day_starts) - timedelta(days=1)
    first = yesterday.replace(day=1)

    def answered(command: CreateArchive | None) -> None:
        if command is None:
            return
        once_allowed(
            dialog,
            house,
            dialog.desk,
            Action.MAKE_ARCHIVE,
            lambda answering: write_archive(dialog, command, answering),
        )

    def read(filled: Filled) -> CreateArchive:
        days = days_typed(filled, first, yesterday)
        folder = house.settings.data_folder / "archives"
        return CreateArchive(*days, folder / archive_name(house.post, *days))

    dialog.app.push_screen(ReadForm(_("Archive d'une période"), days_lines(first, yesterday), read), answered)


def write_archive(dialog: Consultation, command: CreateArchive, manager: StaffMember) -> None:
    """Write the archive of a period, and have the journal tell of it."""
    house = dialog.house

    def work(show: Show) -> Archive:
        return archive_period(
            house.database,
            command,
            house.post,
            clock=house.clock,
            manager=manager,
            progress=lambda done, of: show(done, 2 * of),
            verifying=lambda done, of: show(of + done, 2 * of),
        )

    def done(made: Archive | None) -> None:
        if made is not None:
            sales = plural("{count} vente", "{count} ventes", made.sales).format(count=made.sales)
            more = _("{sales}, signée. Copiez-la hors de ce poste, et gardez-la six ans.").format(sales=sales)
            dialog.app.push_screen(told_files((made.path,), more))

    dialog.app.push_screen(LongWork(_("Archive"), work), done)


def show_keys(dialog: Consultation) -> None:
    """The keys that sign, by till, and whether this computer has them."""
    house = dialog.house

    def read() -> tuple[KeyRow, ...]:
        with house.database.read() as session:
            return list_keys(session, house.settings)

    def tell(rows: tuple[KeyRow, ...]) -> None:
        lines = [
            _("Caisse {till}  {fingerprint}…  du {day}  {here}").format(
                till=row.till,
                fingerprint=row.fingerprint[:FINGERPRINT],
                day=say(row.created_at, "dd/MM/y", spoken()),
                here=_("✓ sur ce poste") if row.is_here else "",
            )
            for row in rows
        ]
        remedy = _("Copiez celle de ce poste, sous une phrase secrète : « boxoffice key backup FICHIER ».")
        dialog.app.push_screen(Reading(_("Clés de signature"), "\n".join((*lines, "", remedy))))

    errands.send(dialog, read, tell, dialog.say_wrong)


def tell_training(dialog: Consultation) -> None:
    """How to train, where nothing is real; or that this is such a place."""
    if dialog.house.settings.training:
        title = _("Ceci est un guichet de formation")
        words = _(
            "Rien n'est vrai, ni vente, ni billet, ni argent : ce qui s'imprime porte SPÉCIMEN. "
            "Quittez le guichet pour revenir au vrai."
        )
    else:
        title = _("S'exercer")
        words = _(
            "Fermez le guichet, puis lancez « boxoffice training » : un guichet de formation s'ouvre, avec "
            "le programme du jour, ses propres ventes et son propre journal. Code du formateur : 1234 ; "
            "élèves : 1111, 2222, 3333. Rien n'y est vrai."
        )
    dialog.app.push_screen(Reading(title, words))
