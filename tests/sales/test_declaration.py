"""The presentation of the program: facts that are in force, on pages that anybody can open."""

import re

from boxoffice import __version__
from boxoffice.models import guards
from boxoffice.printing.declaration import declaration_pdf, declaration_text
from boxoffice.sales.declaration import Declaration, read_declaration
from boxoffice.sales.staff.rule_changes import change_rule
from tests.sales.conftest import Festival


def declared(festival: Festival) -> Declaration:
    return festival.read(lambda session: read_declaration(session, clock=festival.clock))


def test_it_names_the_version_the_keys_the_guarded_tables_and_the_rules_in_force(festival: Festival) -> None:
    festival.write(
        lambda session: change_rule(
            session, festival.posts[0], "backup-hours", "6", clock=festival.clock, manager=festival.manager
        )
    )
    text = declaration_text(declared(festival))
    words = " ".join(text.split()).replace("\u00a0", " ")
    for said in (
        f"Version {__version__}",
        "Association Premiers Plans",
        "ECDSA sur la courbe P-256",
        "toutes les 6 heures",
        "Caisse 2, du 21 janv. 2026",
        "Clôtures de journée aucune",
        "Archives faites aucune",
        *guards.INSERT_ONLY,
    ):
        assert said in words, said
    for post in festival.posts:
        assert post.signer.fingerprint[:40] in text.replace("\n" + " " * 30, "")
    assert re.search(r"Sauvegardes +6 \(heures entre deux sauvegardes", text)
    assert re.search(r"Reçus +à la demande \(quand un reçu sort\)", text)
    assert max(map(len, text.splitlines())) <= 80


def test_it_is_a_pdf_as_well(festival: Festival) -> None:
    pdf = declaration_pdf(declared(festival))
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") >= 2
