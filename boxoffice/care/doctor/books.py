"""What the doctor asks of the database: whether it stands, is guarded, and closed and archived in time."""

from collections.abc import Iterator

from sqlalchemy import text

from boxoffice.clock import business_day
from boxoffice.database import HEAD
from boxoffice.language import _
from boxoffice.models import guards
from boxoffice.sales.archives.due import years_to_archive
from boxoffice.sales.closings.state import read_state
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.standing import day_words

from .findings import Finding, Health
from .patient import Patient


def integrity(patient: Patient) -> Iterator[Finding]:
    where = (
        _("un fichier de ce poste") if patient.database.is_sqlite else patient.database.engine.url.host or "?"
    )
    if patient.database.is_sqlite:
        found = patient.session.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            yield Finding(
                "database",
                Health.ILL,
                _("Le fichier de la base de données est abîmé."),
                _("Ne vendez plus. Remettez la dernière sauvegarde : « boxoffice restore »."),
            )
            return
    yield Finding(
        "database",
        Health.WELL,
        _("La base de données répond ({where}), version {version}.").format(where=where, version=HEAD),
    )


def guards_in_place(patient: Patient) -> Iterator[Finding]:
    missing = guards.missing(patient.session.connection())
    if missing:
        yield Finding(
            "guards",
            Health.ILL,
            _("Des gardes de la base manquent ou ont été changées : {names}.").format(
                names=", ".join(missing)
            ),
            _("Quelqu'un a ouvert la base. Vérifiez le journal : « boxoffice journal verify »."),
        )
    else:
        yield Finding("guards", Health.WELL, _("Les gardes de la base sont toutes en place."))


def closings(patient: Patient) -> Iterator[Finding]:
    """Whether a past day is still open at a till or for the box office, or a month or year is not closed."""
    state = read_state(patient.session, read_rules(patient.session), clock=patient.clock)
    late = [till for till in state.tills if till.is_late and till.days is not None]
    for till in late:
        assert till.days is not None
        yield Finding(
            "closings",
            Health.ILL if till.till == patient.settings.till else Health.WATCH,
            _("La journée du {day} n'est pas close à la caisse {till}.").format(
                day=day_words(till.days[0]), till=till.till
            ),
            _("Un responsable la clôture : F10 puis Z, ou « boxoffice close till »."),
        )
    is_late = state.day is not None and state.day < state.today
    if state.day is not None and is_late:
        yield Finding(
            "closings",
            Health.ILL,
            _("La journée du {day} n'est pas close pour toute la billetterie.").format(
                day=day_words(state.day)
            ),
            _("Un responsable la clôture : F10 puis Z, ou « boxoffice close day »."),
        )
    for period, last in ((_("Le mois"), state.month), (_("L'année"), state.year)):
        if last is not None:
            yield Finding(
                "closings",
                Health.WATCH,
                _("{period} qui finit le {day} attend sa clôture.").format(
                    period=period, day=f"{last:%d/%m/%Y}"
                ),
                _("Un responsable s'en charge : F10 puis Z."),
            )
    if not late and not is_late:
        yield Finding("closings", Health.WELL, _("Aucune journée passée n'attend sa clôture."))


def archives(patient: Patient) -> Iterator[Finding]:
    """Whether each year that is over is in an archive, as the law wants it."""
    today = business_day(patient.clock.now(), read_rules(patient.session).business_day_starts)
    for year in years_to_archive(patient.session, today):
        yield Finding(
            "archives",
            Health.WATCH,
            _("L'année {year} n'est pas archivée, ou pas en entier.").format(year=year),
            _("Un responsable l'archive : F10 puis D, A, ou « boxoffice archive create »."),
        )
