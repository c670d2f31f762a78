"""Importing a programme: merged as a whole, repeated without harm, refused with every fault named."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from boxoffice.clock import in_paris, paris
from boxoffice.models import (
    Event,
    Hall,
    JournalEntry,
    PriceList,
    Product,
    Quota,
    Requirement,
    Screening,
    ScreeningState,
    Tariff,
    Venue,
)
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import checkout
from boxoffice.sales.importing import (
    ImportedProgramme,
    ImportProgramme,
    ProgrammeRefused,
    Source,
    import_programme,
)
from boxoffice.sales.importing.cells import read_time, time_words
from boxoffice.sales.importing.layouts import Kind
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.test_screening_changes import call_off

HALLS = "salle;lieu;nom;places\nAUD;CC;Auditorium;{places}\n"
SCREENINGS = "séance;manifestation;salle;grille;date;heure\n"
KNEECAP = "KNEECAP;KNEECAP;AUD;FILMS;21/01/2026;20:00"
PROGRAMME = {
    "lieux.csv": "lieu;nom;ville;régime\nCOUPS;Les 400 Coups;Angers;CNC_EXHIBITOR\n",
    "salles.csv": "salle;lieu;nom;nom court;places\nQC5;COUPS;Salle 5;400 Coups 5;98\n",
    "manifestations.csv": (
        "manifestation;titre;réalisation;pays;année;durée;section;version;âge minimum;nominative\n"
        "PERDRIX;Perdrix;Erwan Le Duc;France;2019;99;Séances spéciales;VF;12;oui\n"
    ),
    "grilles.csv": "grille;nom\nCHENAPLANS;Chenaplans – tarif unique\n",
    "tarifs.csv": (
        "grille;tarif;touche;libellé;prix;TVA;justificatif;groupe minimum;condition;contingent\n"
        "CHENAPLANS;UNIQUE;1;Tarif unique;6,00;5,5 %;;;;\n"
        "CHENAPLANS;GROUPE;2;Groupe;4,50 €;5.5;Liste;10;pass;Pass\n"
    ),
    "produits.csv": "produit;touche;libellé;prix;TVA\nAFFICHE;2;Affiche;10;20 %\n",
    "séances.csv": (
        "séance;manifestation;salle;grille;date;heure;jauge;contingents;fin de vente\n"
        "QC5-01;PERDRIX;QC5;CHENAPLANS;22/01/2026;10:15;;UFR=2 Pass=10;\n"
        "QC5-02;PERDRIX;QC5;CHENAPLANS;2026-01-22;14h;90;;0\n"
    ),
}


def bring_in(
    festival: Festival, files: dict[str, str | bytes] | dict[str, str], *, complete: bool = False
) -> ImportedProgramme:
    """Import these files and commit."""
    sources = tuple(
        Source(name, content if isinstance(content, bytes) else content.encode())
        for name, content in files.items()
    )
    command = ImportProgramme(sources, complete)
    return festival.write(
        lambda session: import_programme(
            session, command, festival.desk.post, clock=festival.clock, manager=festival.manager
        )
    )


def refused(festival: Festival, files: dict[str, str], *, complete: bool = False) -> list[str]:
    """The faults for which these files are refused."""
    with pytest.raises(ProgrammeRefused) as refusal:
        bring_in(festival, files, complete=complete)
    return [str(fault) for fault in refusal.value.faults]


def screening(session: Session, code: str) -> Screening:
    return session.exec(select(Screening).where(Screening.code == code)).one()


def test_a_programme_is_imported_as_its_files_say(festival: Festival) -> None:
    bring_in(festival, PROGRAMME)
    with festival.database.read() as session:
        venue = session.exec(select(Venue).where(Venue.code == "COUPS")).one()
        hall = session.exec(select(Hall).where(Hall.code == "QC5")).one()
        event = session.exec(select(Event).where(Event.code == "PERDRIX")).one()
        grid = session.exec(select(PriceList).where(PriceList.code == "CHENAPLANS")).one()
        group = session.exec(
            select(Tariff).where(Tariff.price_list_id == grid.id, Tariff.code == "GROUPE")
        ).one()
        poster = session.exec(select(Product).where(Product.code == "AFFICHE")).one()
        first, second = screening(session, "QC5-01"), screening(session, "QC5-02")
        quotas = session.exec(select(Quota).where(Quota.screening_id == first.id)).all()
    assert (venue.name, venue.regime) == ("Les 400 Coups", "CNC_EXHIBITOR")
    assert (hall.venue_id, hall.short_name, hall.capacity) == (venue.id, "400 Coups 5", 98)
    assert (event.title, event.year, event.minimum_age, event.nominative) == ("Perdrix", 2019, 12, True)
    assert (group.price_cents, group.vat_rate, group.minimum_group) == (450, 550, 10)
    assert (group.requirement, group.quota, group.proof) == (Requirement.PASS, "Pass", "Liste")
    assert (poster.price_cents, poster.vat_rate) == (1000, 2000)
    assert first.starts_at == datetime(2026, 1, 22, 9, 15, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(minutes=99)
    assert (first.capacity, first.held, first.price_list_id) == (98, 12, grid.id)
    assert {quota.name: quota.seats for quota in quotas} == {"UFR": 2, "Pass": 10}
    assert (second.capacity, second.held, second.sale_ends_minutes) == (90, 0, 0)


def test_importing_the_same_files_again_changes_nothing(festival: Festival) -> None:
    bring_in(festival, PROGRAMME)
    again = bring_in(festival, PROGRAMME)
    assert {kind: (tally.added, tally.changed) for kind, tally in again.tallies.items()} == dict.fromkeys(
        again.tallies, (0, 0)
    )
    assert sum(tally.unchanged for tally in again.tallies.values()) == 9


def test_what_changed_is_updated_in_place(festival: Festival) -> None:
    bring_in(festival, PROGRAMME)
    changed = {
        name: text.replace("6,00", "6,50").replace("UFR=2 Pass=10", "UFR=4")
        for name, text in PROGRAMME.items()
    }
    done = bring_in(festival, changed)
    assert {kind.value for kind, tally in done.tallies.items() if tally.changed} == {"tariff", "screening"}
    with festival.database.read() as session:
        first = screening(session, "QC5-01")
        quotas = session.exec(select(Quota).where(Quota.screening_id == first.id)).all()
        tariff = session.exec(select(Tariff).where(Tariff.code == "UNIQUE")).one()
    assert (first.held, [(quota.name, quota.seats) for quota in quotas]) == (4, [("UFR", 4)])
    assert tariff.price_cents == 650


def test_a_column_that_is_left_out_leaves_what_is_there(festival: Festival) -> None:
    bring_in(festival, PROGRAMME)
    bring_in(festival, {"films.csv": "manifestation;titre;durée\nPERDRIX;Perdrix !;99\n"})
    with festival.database.read() as session:
        event = session.exec(select(Event).where(Event.code == "PERDRIX")).one()
    assert (event.title, event.director, event.nominative) == ("Perdrix !", "Erwan Le Duc", True)


def test_every_fault_is_named_by_file_line_and_column_and_nothing_is_kept(festival: Festival) -> None:
    faults = refused(
        festival,
        {
            "salles.csv": "salle;lieu;nom;places\nQC1;COUPS;Salle 1;beaucoup\nQC2;CC;Salle 2;190\n",
            "séances.csv": SCREENINGS
            + "A;KNEECAP;QC9;FILMS;21/01/2026;10:00\nB;KNEECAP;QC1;FILMS;31/02/2026;25:00\n",
        },
    )
    assert faults == [
        "salles.csv, ligne 2, colonne « places » : « beaucoup » n'est pas un nombre entier de 1 à 99999.",
        "séances.csv, ligne 2, colonne « salle » : « QC9 » n'existe pas.",
        "séances.csv, ligne 3, colonne « date » : « 31/02/2026 » n'est pas une date, comme 21/01/2026.",
        "séances.csv, ligne 3, colonne « heure » : « 25:00 » n'est pas une heure, comme 19:30.",
    ]
    with festival.database.read() as session:
        assert session.exec(select(Hall).where(Hall.code == "QC2")).first() is None


def test_two_tariffs_do_not_share_a_key(festival: Festival) -> None:
    text = "grille;tarif;touche;libellé;prix;TVA\nFILMS;X;1;X;1;5,5\n"
    assert refused(festival, {"t.csv": text}) == [
        "t.csv, ligne 2, colonne « touche » : la touche 1 est déjà celle du tarif « PLEIN »."
    ]


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("jauge", "11", "colonne « jauge » : 11 places, alors que la salle en a 10."),
        (
            "contingents",
            "UFR=4 Pass=7",
            "colonne « contingents » : les contingents gardent 11 places sur 10.",
        ),
        ("contingents", "UFR:4", "n'est pas une suite de contingents, comme UFR=4 Pass=30."),
        (
            "contingents",
            "UFR=1 UFR=2",
            "colonne « contingents » : le contingent « UFR » est donné deux fois.",
        ),
        ("état", "reportée", "« reportée » n'est pas possible ; valeurs admises : prévue, annulée."),
    ],
)
def test_a_screening_that_cannot_be_is_refused(
    festival: Festival, column: str, cell: str, fault: str
) -> None:
    text = f"{SCREENINGS.strip()};{column}\nNEUVE;KNEECAP;AUD;FILMS;23/01/2026;20:00;{cell}\n"
    assert refused(festival, {"s.csv": text})[0].endswith(fault)


def test_an_hour_that_the_clock_jumps_over_is_refused(festival: Festival) -> None:
    (fault,) = refused(festival, {"s.csv": SCREENINGS + "NUIT;KNEECAP;AUD;FILMS;29/03/2026;02:30\n"})
    assert fault.endswith("« heure » : cette heure n'existe pas : on passe à l'heure d'été cette nuit-là.")


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("02:30 hiver", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2h30 Hiver", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("0230 hiver", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        *(
            (typed, datetime(2026, 10, 25, 19, 0, tzinfo=UTC))
            for typed in ("20:00", "20h", "2000", "20 h 00")
        ),
    ],
)
def test_the_hour_that_comes_twice_is_the_first_or_the_second_as_is_said(
    typed: str, moment: datetime
) -> None:
    hour = read_time(typed)
    assert paris(date(2026, 10, 25), hour) == moment
    assert read_time(time_words(in_paris(moment).timetz())) == hour
    assert in_paris(moment).fold == hour.fold


@pytest.mark.parametrize(("typed", "hour"), [("02:30", 0), ("02:30 hiver", 1)])
def test_an_hour_that_comes_twice_means_the_first_unless_the_second_is_asked_for(
    festival: Festival, typed: str, hour: int
) -> None:
    bring_in(festival, {"s.csv": SCREENINGS + f"NUIT;KNEECAP;AUD;FILMS;25/10/2026;{typed}\n"})
    with festival.database.read() as session:
        assert screening(session, "NUIT").starts_at == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_two_screenings_do_not_share_a_hall(festival: Festival) -> None:
    text = SCREENINGS + "TARD;KNEECAP;AUD;FILMS;21/01/2026;21:44\nAPRES;KNEECAP;AUD;FILMS;21/01/2026;23:30\n"
    assert refused(festival, {"s.csv": text}) == [
        "s.csv, ligne 2, colonne « heure » : la salle est déjà prise par la séance KNEECAP, de 20 h 00"
        " à 21 h 45."
    ]
    bring_in(festival, {"s.csv": text.replace("21:44", "21:45")})


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            "KNEECAP;AUTRE;AUD;FILMS;21/01/2026;20:00;;ufr=2;",
            "colonne « manifestation » : 3 places sont prises : elle ne change pas de manifestation.",
        ),
        (
            "KNEECAP;KNEECAP;AUD;FILMS;22/01/2026;20:00;;ufr=2;",
            "colonne « date » : 3 places sont prises : un responsable la déplace au guichet (F10).",
        ),
        (
            "KNEECAP;KNEECAP;AUD;FILMS;21/01/2026;20:05;;ufr=2;",
            "colonne « heure » : 3 places sont prises : un responsable la déplace au guichet (F10).",
        ),
        (
            "KNEECAP;KNEECAP;JAR;FILMS;21/01/2026;20:00;;ufr=2;",
            "colonne « salle » : 3 places sont prises : un responsable la déplace au guichet (F10).",
        ),
        (
            "KNEECAP;KNEECAP;AUD;FILMS;21/01/2026;20:00;;ufr=2;annulée",
            "colonne « état » : 3 places sont prises : un responsable l'annule au guichet (F10).",
        ),
        (
            "KNEECAP;KNEECAP;AUD;FILMS;21/01/2026;20:00;;ufr=0;",
            "colonne « contingents » : le contingent « ufr » a déjà vendu 1 de ses places.",
        ),
        (
            "KNEECAP;KNEECAP;AUD;FILMS;21/01/2026;20:00;3;ufr=2;",
            "colonne « jauge » : 3 places ne suffisent pas : 2 vendues, 2 gardées.",
        ),
    ],
)
def test_a_change_that_would_hurt_sold_tickets_is_refused(festival: Festival, row: str, fault: str) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.seat_line(tariff="UFR"))
    bring_in(festival, {"e.csv": "manifestation;titre;durée\nAUTRE;Autre;90\n"})
    text = f"{SCREENINGS.strip()};jauge;contingents;état\n{row}\n"
    assert [line.split(", ", 2)[2] for line in refused(festival, {"s.csv": text})] == [fault]
    assert festival.allocated() == 2


def test_a_screening_that_nobody_has_a_seat_of_may_start_later_and_move_to_another_hall(
    festival: Festival,
) -> None:
    bring_in(
        festival,
        {"s.csv": f"{SCREENINGS.strip()};contingents\nKNEECAP;KNEECAP;JAR;FILMS;21/01/2026;20:15;\n"},
    )
    with festival.database.read() as session:
        moved = screening(session, "KNEECAP")
    assert (moved.capacity, moved.held) == (5, 0)
    assert moved.starts_at == datetime(2026, 1, 21, 19, 15, tzinfo=UTC)


def test_what_a_manager_cancelled_does_not_come_back_by_an_import(festival: Festival) -> None:
    festival.sell(festival.seat_line(tariff="UFR"))
    call_off(festival)
    assert refused(festival, {"s.csv": f"{SCREENINGS}{KNEECAP}\n"}) == [
        "s.csv, ligne 2, colonne « état » : un responsable l'a annulée : donnez un autre code à la nouvelle."
    ]
    bring_in(festival, {"s.csv": f"{SCREENINGS.strip()};contingents;état\n{KNEECAP};ufr=2;annulée\n"})
    festival.read(check_the_house)


def test_a_hall_smaller_than_what_is_sold_is_refused(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=4))
    assert refused(festival, {"salles.csv": HALLS.format(places=5)}) == [
        "salles.csv, ligne 2, colonne « places » : il en faut au moins 6, à cause de la séance KNEECAP."
    ]


def test_the_screenings_of_a_hall_follow_its_new_number_of_seats(festival: Festival) -> None:
    bring_in(festival, {"salles.csv": HALLS.format(places=12)})
    with festival.database.read() as session:
        assert screening(session, "KNEECAP").capacity == 12


def test_the_screenings_of_an_event_follow_its_new_duration(festival: Festival) -> None:
    bring_in(festival, {"e.csv": "manifestation;titre;durée\nKNEECAP;Kneecap;120\n"})
    with festival.database.read() as session:
        row = screening(session, "KNEECAP")
    assert row.ends_at - row.starts_at == timedelta(minutes=120)


def test_a_complete_programme_cancels_the_screenings_that_it_no_longer_has(festival: Festival) -> None:
    bring_in(festival, {"s.csv": f"{SCREENINGS}{KNEECAP}\n"}, complete=True)
    with festival.database.read() as session:
        states = {row.code: row.state for row in session.exec(select(Screening))}
    assert states.pop("KNEECAP") is ScreeningState.SCHEDULED
    assert set(states.values()) == {ScreeningState.CANCELLED}

    bring_in(festival, {"s.csv": f"{SCREENINGS}KNEECAP2;KNEECAP;JAR;FILMS;22/01/2026;14:00\n"})
    with festival.database.read() as session:
        assert screening(session, "KNEECAP2").state is ScreeningState.SCHEDULED


def test_a_cancelled_screening_keeps_no_seat_for_anybody(festival: Festival) -> None:
    text = f"{SCREENINGS.strip()};contingents;état\n{KNEECAP};ufr=2;annulée\n"
    bring_in(festival, {"s.csv": text})
    with festival.database.read() as session:
        row = screening(session, "KNEECAP")
        assert (row.state, row.held) == (ScreeningState.CANCELLED, 0)
        assert session.exec(select(Quota).where(Quota.screening_id == row.id)).all() == []
    bring_in(festival, {"s.csv": text.replace("annulée", "prévue")})
    with festival.database.read() as session:
        assert screening(session, "KNEECAP").held == 2


def test_a_complete_programme_without_a_sold_screening_is_refused(festival: Festival) -> None:
    festival.sell(festival.seat_line("ETERNAL"))
    assert refused(festival, {"s.csv": f"{SCREENINGS}{KNEECAP}\n"}, complete=True) == [
        "s.csv : la séance ETERNAL n'y est plus, alors que des places sont prises (1)."
    ]


def test_a_complete_programme_leaves_the_past_alone(festival: Festival) -> None:
    festival.sell(festival.seat_line("ETERNAL"))
    festival.clock.advance(timedelta(days=30))
    bring_in(festival, {"s.csv": f"{SCREENINGS}{KNEECAP}\n"}, complete=True)
    with festival.database.read() as session:
        assert screening(session, "ETERNAL").state is ScreeningState.SCHEDULED


def test_a_complete_programme_takes_tariffs_and_products_off_sale(festival: Festival) -> None:
    done = bring_in(
        festival,
        {
            "t.csv": "grille;tarif;touche;libellé;prix;TVA\nFILMS;PLEIN;1;Plein;8,50;5,5\n",
            "p.csv": "produit;touche;libellé;prix;TVA\nAFFICHE;1;Affiche;10;20\n",
        },
        complete=True,
    )
    assert {kind.value: tally.withdrawn for kind, tally in done.tallies.items()} == {
        "tariff": 6,
        "product": 1,
    }
    with festival.database.read() as session:
        on_sale = session.exec(select(Tariff.code).where(Tariff.active)).all()
    assert on_sale == ["PLEIN"]


def test_an_import_is_told_to_the_journal(festival: Festival) -> None:
    bring_in(festival, PROGRAMME)
    with festival.database.read() as session:
        entry = session.exec(select(JournalEntry).where(JournalEntry.kind == "programme.imported")).one()
        assert verify(session).fault is None
    assert '"screening":{"added":2,"changed":0,"withdrawn":0}' in entry.content


def test_progress_is_told_row_by_row(festival: Festival) -> None:
    steps: list[tuple[int, int]] = []
    sources = tuple(Source(name, text.encode()) for name, text in PROGRAMME.items())
    festival.write(
        lambda session: import_programme(
            session,
            ImportProgramme(sources),
            festival.desk.post,
            clock=festival.clock,
            manager=festival.manager,
            progress=lambda done, total: steps.append((done, total)),
        )
    )
    assert steps == [(done, 9) for done in range(1, 10)]


def test_dates_are_days_in_angers(festival: Festival) -> None:
    bring_in(festival, {"s.csv": SCREENINGS + "MINUIT;KNEECAP;AUD;FILMS;22/01/2026;00:15\n"})
    with festival.database.read() as session:
        assert screening(session, "MINUIT").starts_at.date() == date(2026, 1, 21)


def test_a_till_sells_while_the_programme_is_imported_again_and_again(festival: Festival) -> None:
    def sell() -> None:
        for _sale in range(8):
            order = festival.order(festival.seat_line())
            festival.database.attempt(
                lambda session, order=order: checkout(session, order, festival.desks[1], clock=festival.clock)
            )

    def import_again(places: int) -> None:
        command = ImportProgramme((Source("salles.csv", HALLS.format(places=places).encode()),))
        festival.database.attempt(
            lambda session: import_programme(
                session, command, festival.desk.post, clock=festival.clock, manager=festival.manager
            )
        )

    with ThreadPoolExecutor() as pool:
        selling = pool.submit(sell)
        for places in (12, 11, 12, 11, 12, 11):
            import_again(places)
        selling.result()
    with festival.database.read() as session:
        row = screening(session, "KNEECAP")
        assert (row.capacity, row.allocated) == (11, 8)
        assert verify(session).fault is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_import_does_not_wait_for_a_sale_that_only_names_its_screening(festival: Festival) -> None:
    naming = select(Screening.id).with_for_update(read=True, key_share=True)
    with festival.database.write() as selling:
        selling.execute(naming).all()
        imported = bring_in(festival, {"s.csv": SCREENINGS + KNEECAP.replace("20:00", "20:05") + "\n"})
    assert imported.tallies[Kind.SCREENING].changed == 1
