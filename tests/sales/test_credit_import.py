"""Requests made online, the messages that answer them, and the file of all requests."""

from datetime import timedelta

import pytest

from boxoffice.errors import ManagerNeeded
from boxoffice.kinds import CreditRequestSource, JournalKind
from boxoffice.models import CreditRequest, JournalEntry
from boxoffice.sales.credits.export import export_credits
from boxoffice.sales.credits.listing import pending_credits
from boxoffice.sales.credits.messages import CustomerMessage, message_about
from boxoffice.sales.importing import (
    ImportCreditRequests,
    ImportedCreditRequests,
    ImportRefused,
    Source,
    import_credit_requests,
)
from tests.sales.conftest import Festival
from tests.sales.credit_life import PAUL, accepted, asked, customer, refused, sell_to
from tests.sales.invariants import check_the_house
from tests.sales.test_credit_requests import desk_with

HEADER = "demande;billet;demandée le;à;courriel\n"


def imported(festival: Festival, rows: str, **rules: object) -> ImportedCreditRequests:
    command = ImportCreditRequests((Source("demandes.csv", (HEADER + rows).encode()),))
    post = desk_with(festival, **rules).post
    return festival.write(
        lambda session: import_credit_requests(
            session, command, post, clock=festival.clock, manager=festival.manager
        )
    )


def faults(festival: Festival, rows: str) -> list[str]:
    before = festival.everything()
    with pytest.raises(ImportRefused) as refusal:
        imported(festival, rows)
    assert festival.everything() == before
    return [str(fault) for fault in refusal.value.faults]


def test_a_request_made_online_waits_in_the_inbox_for_what_it_was_worth_then(festival: Festival) -> None:
    lea = customer(festival)
    sell_to(festival, lea, festival.seat_line(quantity=2))
    festival.clock.advance(timedelta(hours=7, minutes=30))
    # Asked at 12:30, seven hours and a half before; imported past the deadline, at 19:30.
    done = imported(festival, "W-1;1-000002;21/01/2026;12:30;\n", credit_value="7 h : 50 %")
    assert done == ImportedCreditRequests(added=1, known=0)
    (row,) = festival.read(pending_credits)
    assert (row.source, row.ticket_number) == (CreditRequestSource.ONLINE, "1-000002")
    assert (row.paid_cents, row.credited_cents, row.customer_name) == (850, 425, "Léa Dupont")
    festival.read(check_the_house)


def test_the_same_file_again_changes_nothing(festival: Festival) -> None:
    sell_to(festival, customer(festival), festival.seat_line(quantity=2))
    festival.clock.advance(timedelta(hours=1))
    rows = "W-1;1-000001;21/01/2026;12:30;\n"
    imported(festival, rows)
    more = rows + "W-2;1-000002;21/01/2026;12:45;\n"
    assert imported(festival, more) == ImportedCreditRequests(added=1, known=1)
    assert festival.count(CreditRequest) == 2


def test_an_anonymous_sale_is_credited_to_who_has_that_e_mail(festival: Festival) -> None:
    paul = customer(festival, PAUL)
    sell_to(festival, None)
    festival.clock.advance(timedelta(hours=1))
    imported(festival, "W-1;1-000001;21/01/2026;12:30;PAUL@example.fr\n")
    assert festival.rows(CreditRequest)[0].customer_id == paul


def test_every_fault_of_a_file_is_told_and_nothing_is_kept(festival: Festival) -> None:
    lea = customer(festival)
    sell_to(festival, lea, festival.seat_line(quantity=2))
    sell_to(festival, None)
    festival.clock.advance(timedelta(hours=7, minutes=30))
    told = faults(
        festival,
        "W-1;1-000099;21/01/2026;12:30;\n"
        "W-2;1-1x;21/01/2026;12:30;\n"
        "W-3;1-000001;21/01/2026;11:59;\n"
        "W-4;1-000001;21/01/2026;19:15;\n"
        "W-5;1-000003;21/01/2026;12:30;nobody@example.fr\n"
        "W-6;1-000002;21/01/2026;12:30;\n"
        "W-7;1-000002;21/01/2026;12:31;\n",
    )
    assert told == [
        "demandes.csv, ligne 2, colonne « billet » : le billet 1-000099 n'existe pas.",
        "demandes.csv, ligne 3, colonne « billet » : « 1-1x » n'est pas un numéro de billet, comme 2-000123.",
        "demandes.csv, ligne 4, colonne « demandée le » : la demande ne peut être faite ni avant la vente,"
        " ni après maintenant.",
        "demandes.csv, ligne 5, colonne « billet » : Kneecap : les places n'étaient reprises que jusqu'au"
        " mer. 21 janv. à 19 h 00.",
        "demandes.csv, ligne 6, colonne « billet » : Un avoir va sur le solde d'un client.",
        "demandes.csv, ligne 8, colonne « billet » : « 1-000002 » est déjà demandé ligne 7.",
    ]


def test_a_manager_answers_for_an_import(festival: Festival) -> None:
    sell_to(festival, customer(festival))
    command = ImportCreditRequests((Source("demandes.csv", HEADER.encode()),))
    for manager in (None, festival.cashier):
        with pytest.raises(ManagerNeeded), festival.database.write() as session:
            import_credit_requests(session, command, festival.posts[0], clock=festival.clock, manager=manager)


def test_the_message_to_the_customer_follows_the_request(festival: Festival) -> None:
    lea = customer(festival)
    requests = asked(festival, sell_to(festival, lea, festival.seat_line(quantity=2)), [1, 2])

    def message(place: int) -> CustomerMessage:
        return festival.read(lambda session: message_about(session, requests[place].request_id))

    waiting = message(0)
    assert (waiting.to, waiting.subject) == ("lea@example.fr", "Demande de reprise de place – Kneecap")
    assert "Montant payé : 8,50\u00a0€. Montant de la reprise : 8,50\u00a0€." in waiting.body
    accepted(festival, requests[:1])
    refused(festival, requests[1:], "Séance presque complète")
    done = message(0)
    assert done.subject == "Votre place est reprise – Kneecap"
    assert done.text.startswith(
        "À : lea@example.fr\nObjet : Votre place est reprise – Kneecap\n\nBonjour Léa"
    )
    assert (
        "Avoir n° 1-000001 : 8,50\u00a0€. Votre solde est de 8,50\u00a0€, à dépenser au guichet." in done.body
    )
    assert "mercredi 21 janvier à 20 h 00, Plein, billet n° 1-000001, commande n° 1-000001" in done.body
    assert "Motif : Séance presque complète.\n\nVotre billet reste valable." in message(1).body


def test_all_requests_are_written_for_a_spreadsheet_and_the_journal_tells_it(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival), festival.seat_line(quantity=2)), [1, 2])
    accepted(festival, requests[:1])
    refused(festival, requests[1:])
    text = festival.write(
        lambda session: export_credits(session, festival.posts[0], operator_number=1, clock=festival.clock)
    )
    header, *rows = sorted(text.splitlines(), reverse=True, key=lambda line: line.startswith("demandée"))
    assert header.startswith("demandée le;à;origine;état;commande;billet")
    assert sorted(row.split(";")[3] for row in rows) == ["place reprise", "refusée"]
    assert any(";1-000001;" in row and "Léa Dupont;lea@example.fr" in row for row in rows)
    assert [row.kind for row in festival.rows(JournalEntry)].count(JournalKind.CREDITS_EXPORTED) == 1
