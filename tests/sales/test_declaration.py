"""The presentation of the program: facts that are in force, on pages that anybody can open."""

import re

from boxoffice import __version__
from boxoffice.kinds import JournalKind, VatStatus
from boxoffice.models import Establishment, SaleLine, guards, table
from boxoffice.printing.declaration import declaration_pdf, declaration_text
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.verification import verify
from boxoffice.sales.declaration import Declaration, read_declaration
from boxoffice.sales.staff.rule_changes import change_rule
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards


def declared(festival: Festival) -> Declaration:
    return festival.read(lambda session: read_declaration(session, clock=festival.clock))


def test_it_names_the_version_the_keys_the_guarded_tables_and_the_rules_in_force(festival: Festival) -> None:
    festival.write(
        lambda session: change_rule(
            session, festival.posts[0], "backup-hours", "6", clock=festival.clock, manager=festival.manager
        )
    )
    text = declaration_text(declared(festival))
    for said in (
        f"Version {__version__}",
        "Association Premiers Plans",
        "ECDSA sur la courbe P-256",
        "toutes les 6 heures",
        "Caisse 2, du 21 janv. 2026",
        "Clôtures de journée aucune",
        "Archives faites aucune",
        "Clés copiées jamais",
        "Aucune la base n'a jamais été remise",
        *guards.INSERT_ONLY,
    ):
        assert said in words(declared(festival)), said
    for post in festival.posts:
        assert post.signer.fingerprint[:40] in text.replace("\n" + " " * 30, "")
    assert re.search(r"Sauvegardes +6 \(heures entre deux sauvegardes", text)
    assert re.search(r"Reçus +à la demande \(quand un reçu sort\)", text)
    assert max(map(len, text.splitlines())) <= 80


def test_it_is_a_pdf_as_well(festival: Festival) -> None:
    pdf = declaration_pdf(declared(festival))
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") >= 2


def words(declaration: Declaration) -> str:
    return " ".join(declaration_text(declaration).split()).replace("\u00a0", " ")


def test_it_says_what_a_verification_made_for_it_found(festival: Festival) -> None:
    festival.sell()
    assert "Vérification non faite pour ce document" in words(declared(festival))
    verdict = festival.read(verify)
    text = words(festival.read(lambda s: read_declaration(s, clock=festival.clock, verdict=verdict)))
    assert f"le journal est intact (entrées lues : {verdict.entries}, opérations : 1)" in text
    assert "Signalé : Caisse 1 : ce poste n'a pas l'ancre de son journal" in text
    with behind_the_guards(festival) as session:
        session.execute(table(SaleLine).update().values(vat_rate=0))
        text = words(read_declaration(session, clock=festival.clock, verdict=verify(session)))
        assert "un défaut est trouvé" in text
        assert "« vat_rate » n'est pas ce qui a été signé" in text
        assert "Gardes de la base manquent ou changées : " in text


def test_it_says_what_should_have_been_closed_and_archived(closed_books: Festival) -> None:
    festival = closed_books
    text = words(declared(festival))
    assert "Années à archiver 2026" in text
    assert "Journée à clore rien n'attend" in text
    period = {"entries": 1, "first": "2026-01-01", "last": "2026-12-31", "manifest": "", "sales": 1}
    festival.write(
        lambda session: append(
            session, festival.posts[0], JournalKind.ARCHIVE_MADE, period, at=festival.clock.now()
        )
    )
    assert "Années à archiver aucune" in words(declared(festival))


def test_who_charges_no_vat_says_by_which_article(festival: Festival) -> None:
    with behind_the_guards(festival) as session:
        session.execute(table(Establishment).update().values(vat_status=VatStatus.EXEMPT, vat_number=""))
        text = words(read_declaration(session, clock=festival.clock))
        assert "TVA non facturée : TVA non applicable, art. 293 B du CGI" in text
