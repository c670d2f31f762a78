"""The settings, opened by F10 and R: what is typed is checked, written down and told, or said to be wrong."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from boxoffice.kinds import Action, JournalKind, Requirement, Role
from boxoffice.models import BookingEnd, Hall, JournalEntry, Operator, Printer, Tariff, Venue, table
from boxoffice.sales.importing.editing import list_rows, write_row
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.staff import permissions
from boxoffice.sales.staff.establishment import read_identity
from boxoffice.sales.staff.permission_changes import change_permission
from boxoffice.sales.staff.rules import ReceiptPolicy, read_rules
from boxoffice.screens.choosing import Choose
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.manager_pin import AskReason, ManagerPin
from boxoffice.screens.reading import ReadingDialog
from boxoffice.screens.rows import Choices
from boxoffice.screens.settings.editing import SectionDialog
from boxoffice.screens.settings.form import SettingForm
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter
from .stage import told
from .test_cockpit import booked_on, code_of, scan

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LISA = ("1", "2", "3", "4", "enter")
SECTIONS = (
    "festival",
    "rules",
    "permissions",
    "staff",
    "printers",
    "tills",
    "accounts",
    "venues",
    "halls",
    "events",
    "price lists",
    "tariffs",
    "products",
    "passes",
    "gift cards",
    "place cards",
    "screenings",
)


async def open_section(player: Player, section: str) -> None:
    """F10, R, the PIN of Lisa, then down to a section."""
    await player.press("f10", "r")
    if isinstance(player.pilot.app.screen, ManagerPin):
        await player.press(*LISA)
    await player.press(*["down"] * SECTIONS.index(section), "enter")


async def write(player: Player, field: str, text: str) -> None:
    player.pilot.app.screen.query_one(f"#field-{field}", Input).value = text


def rows(player: Player) -> str:
    return "\n".join(str(option.prompt) for option in player.pilot.app.screen.query_one(Choices).options)


def entries(festival: Festival, kind: JournalKind) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == kind]


async def test_a_cashier_has_a_manager_open_the_settings(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await player.press("f10", "r")
        assert "Il faut un responsable pour changer les réglages" in told(app.screen)
        await player.press(*LISA)
        assert isinstance(app.screen, Choose)
        await player.press("escape")
        assert app.screen is player.counter
    assert entries(festival, JournalKind.MANAGER_AUTHORIZED)[-1]["act"] == "change_settings"


async def test_who_was_left_the_settings_opens_them_alone(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.write(
        lambda session: change_permission(
            session,
            festival.desk.post,
            Action.CHANGE_SETTINGS,
            frozenset({Role.CASHIER}),
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await player.press("f10", "r")
        assert isinstance(app.screen, Choose)
        await player.press("down", "down", "down", "enter")
        assert isinstance(app.screen, ManagerPin), "whoever works here stays a manager's matter"
        assert "Réglages · Opérateurs" in told(app.screen)
        await player.press("escape")
        assert isinstance(app.screen, Choose)
        await player.press("enter", *LISA)
        assert isinstance(app.screen, SectionDialog)
        await player.type("karim")
        await player.press("enter", "2", "2")
        assert "C'est changé. Karim D. : caissier → responsable." in told(app.screen)
    (changed,) = entries(festival, JournalKind.OPERATOR_ROLE_CHANGED)
    assert changed["operator"] == festival.manager.number
    festival.stands()


async def test_a_rule_is_changed_and_what_it_cannot_be_is_said(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "rules")
        app = player.pilot.app
        await player.type("annule seul")
        assert "Par défaut : 10." in told(app.screen)
        await player.press("enter")
        await write(player, "value", "cent")
        await player.press("f9")
        assert "« cent » n'est pas un nombre de minutes de 0 à 120." in told(app.screen)
        assert app.screen.query_one("#field-value", Input).value == "cent"
        await write(player, "value", "15")
        await player.press("f9")
        assert "C'est changé. Annulation par le caissier : 10 → 15. Chaque caisse le suit" in told(app.screen)
        assert "15" in rows(player)
    assert festival.read(read_rules).grace_minutes == 15
    festival.stands()


async def test_a_rule_is_found_by_the_name_that_the_guide_gives_it(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "rules")
        await player.type("blind-count")
        assert rows(player).startswith("Comptage à l'aveugle")
        assert "Compter le tiroir sans voir ce qui y est attendu. Par défaut : non." in told(
            player.pilot.app.screen
        )


async def test_a_rule_of_a_few_values_is_chosen_among_words(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "rules")
        app = player.pilot.app
        await player.type("receipt")
        assert "à la demande" in rows(player)
        await player.press("enter")
        assert isinstance(app.screen, Choose)
        assert app.screen.query_one(Choices).highlighted == 0
        assert "toujours" in rows(player)
        await player.press("2")
        assert "Reçus : à la demande → toujours. Chaque caisse le suit" in told(app.screen)
        await player.press("enter")
        assert app.screen.query_one(Choices).highlighted == 1, "it stands on what is in force"
    assert festival.read(read_rules).receipt is ReceiptPolicy.ALWAYS
    festival.stands()


async def test_what_is_looked_for_by_name_comes_before_figures_that_happen_to_hold_it(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    with festival.database.write() as session:
        venue = session.execute(table(Venue).select()).first()
        for number, capacity in ((1, 268), (6, 40)):
            name = f"Salle {number}"
            session.add(
                Hall(code=f"S{number}", venue_id=venue.id, name=name, short_name=name, capacity=capacity)
            )
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "halls")
        await player.type("salle 6")
        assert rows(player).startswith("Centre de Congrès, Salle 6")
        assert "Salle 1" in rows(player), "its 268 places have a six"


async def test_what_was_changed_is_told_and_stays_chosen_whatever_was_looked_for(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    with festival.database.read() as session:
        tariff = next(row for row in list_rows(session, Kind.TARIFF) if "Plein" in row.about)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        await player.type("plein")
        app = player.pilot.app
        await player.press("enter")
        await write(player, "label", "Entier")
        await player.press("f9")
        assert f"C'est changé. {tariff.about} ({' '.join(tariff.key)}) : Libellé Plein → Entier." in told(
            app.screen
        )
        choices = app.screen.query_one(Choices)
        assert choices.highlighted is not None
        assert "Entier" in str(choices.get_option_at_index(choices.highlighted).prompt)
    festival.stands()


async def test_an_act_is_left_to_cashiers(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "permissions")
        await player.type("sortir des esp")
        await player.press("enter", "2")
        assert "Sortir des espèces du tiroir : responsables → caissiers aussi." in told(
            player.pilot.app.screen
        )
    assert festival.read(lambda session: permissions.may(session, Action.CASH_OUT, festival.desk.operator_id))
    festival.stands()


async def test_the_sections_are_left_where_they_were_entered(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "printers")
        await player.press("escape")
        sections = player.pilot.app.screen.query_one(Choices)
        assert sections.highlighted == SECTIONS.index("printers")


async def test_who_hands_out_badges_is_offered_no_act_that_takes_a_till(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await open_section(player, "permissions")
        await player.type("passé le délai, ou d'une autre")
        await player.press("enter")
        offered = [str(option.prompt) for option in app.screen.query_one(Choices).options]
        assert not [each for each in offered if "badges" in each]
        assert len(offered) == 2
        await player.press("escape", *["backspace"] * 30)
        await player.type("recettes")
        await player.press("enter")
        offered = [str(option.prompt) for option in app.screen.query_one(Choices).options]
        assert [each for each in offered if "badges, pas les caissiers" in each]


async def test_somebody_is_let_in_given_a_role_and_let_go(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "staff")
        app = player.pilot.app
        await player.press("insert", "1")
        await write(player, "name", "Zoé M.")
        await write(player, "pin", "4321")
        await write(player, "again", "4322")
        await player.press("f9")
        assert "Les deux codes ne sont pas les mêmes." in told(app.screen)
        assert app.screen.query_one("#field-pin", Input).password
        await write(player, "again", "4321")
        await player.press("f9")
        await player.type("zoe")
        await player.press("enter", "2", "2")
        assert "Zoé M. : caissier → responsable. Dès sa prochaine connexion." in told(app.screen)
        await player.press("enter", "3")
        assert "Rien de tel en service : F8 montre le reste." in told(app.screen)
        await player.press("f8")
        assert "hors service" in rows(player)
    zoe = next(row for row in festival.rows(Operator) if row.name == "Zoé M.")
    assert (zoe.role, zoe.active) == (Role.MANAGER, False)
    festival.stands()


async def test_the_last_manager_stays_one(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "staff")
        await player.type("lisa")
        await player.press("enter", "2", "1")
        assert "Lisa B. est le dernier responsable en service." in told(player.pilot.app.screen)
    festival.stands()


async def test_a_printer_is_added_and_its_test_page_comes_out(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "printers")
        app = player.pilot.app
        await player.press("insert", "6")
        await write(player, "name", "Rouleau")
        await write(player, "columns", "50")
        await player.press("f9")
        assert "Une imprimante a 32, 42 ou 48 colonnes" in told(app.screen)
        await write(player, "columns", "48")
        await write(player, "address", str(tmp_path / "rouleau.bin"))
        await player.press("f9")
        await player.type("rouleau")
        await player.press("enter", "2", "1", "2")
        await player.wait_until(lambda: "sort billets." in told(app.screen))
        await player.press("enter", "1")
        await player.wait_until(lambda: "page d'essai est" in told(app.screen))
    assert (tmp_path / "rouleau.bin").stat().st_size > 100
    assert next(row for row in festival.rows(Printer) if row.name == "Rouleau").columns == 48
    festival.stands()


async def test_a_printer_that_does_not_answer_is_said(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "printers")
        app = player.pilot.app
        await player.press("insert", "1")
        await write(player, "name", "Morte")
        await write(player, "address", "127.0.0.1:9")
        await player.press("f9")
        await player.type("morte")
        await player.press("enter", "1")
        await player.wait_until(lambda: "« Morte » ne peut pas l'imprimer" in told(app.screen))


async def test_a_till_is_called_by_another_name(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tills")
        await player.press("enter", "1")
        await write(player, "name", "Hall d'entrée")
        await player.press("f9")
        assert "Hall d'entrée" in rows(player)
    festival.stands()


async def test_the_festival_is_called_by_another_name_and_a_wrong_siret_is_kept_out(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    before = festival.read(read_identity)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "festival")
        app = player.pilot.app
        await write(player, "festival", "Premiers Plans 2027")
        await write(player, "siret", "123")
        await player.press("f9")
        assert isinstance(app.screen, SettingForm)
        assert "Le SIRET compte quatorze chiffres" in told(app.screen)
        await write(player, "siret", before.siret)
        await player.press("f9")
        assert isinstance(app.screen, Choose)
    assert festival.read(read_identity).festival == "Premiers Plans 2027"
    festival.stands()


async def test_a_price_is_changed_for_the_sales_to_come(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        app = player.pilot.app
        await player.type("plein")
        await player.press("enter")
        await write(player, "price_cents", "neuf")
        await player.press("f9")
        assert "Prix : « neuf » n'est pas un prix, comme 8,50. Rien n'a été changé." in told(app.screen)
        assert app.screen.query_one("#field-price_cents").has_focus
        await write(player, "price_cents", "9,00")
        await player.press("f9")
        assert isinstance(app.screen, SectionDialog)
        assert "9,00" in rows(player)
    assert next(row for row in festival.rows(Tariff) if row.code == "PLEIN").price_cents == 900
    festival.stands()


def set_price(festival: Festival, text: str, seen: str) -> None:
    """What another manager does meanwhile, from the second till."""
    rows = festival.read(lambda session: list_rows(session, Kind.TARIFF))
    row = next(row for row in rows if row.key == ("FILMS", "PLEIN"))
    stands = {cell.field: cell.text for cell in row.cells}
    assert stands["price_cents"] == seen
    festival.write(
        lambda session: write_row(
            session,
            Kind.TARIFF,
            {**stands, "price_cents": text},
            festival.posts[1],
            clock=festival.clock,
            manager=festival.manager,
            seen=stands,
        )
    )


async def test_a_venue_an_event_a_price_list_and_a_screening_are_changed_in_their_forms(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    changes: tuple[tuple[str, str, Kind, dict[str, str]], ...] = (
        ("venues", "centre", Kind.VENUE, {"name": "Centre Jean-Monnier", "town": "Trélazé"}),
        ("events", "kneecap", Kind.EVENT, {"title": "Kneecap, le film", "minimum_age": "12"}),
        ("price lists", "films", Kind.PRICE_LIST, {"name": "Films du soir", "supplement_cents": "1,00"}),
        ("screenings", "kneecap2", Kind.SCREENING, {"capacity": "4", "quotas": "ufr=1"}),
    )
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f10", "r", *LISA)
        app = player.pilot.app
        for section, looked_for, kind, texts in changes:
            app.screen.query_one(Choices).highlighted = SECTIONS.index(section)
            await player.press("enter")
            await player.type(looked_for)
            await player.press("enter")
            assert isinstance(app.screen, SettingForm)
            for field, text in texts.items():
                await write(player, field, text)
            await player.press("f9")
            assert isinstance(app.screen, SectionDialog)
            assert "C'est changé." in told(app.screen)
            standing = festival.read(partial(list_rows, kind=kind))
            now = next(row for row in standing if looked_for in f"{row.about} {row.key}".lower())
            assert {cell.field: cell.text for cell in now.cells if cell.field in texts} == texts
            await player.press("escape")
    told_by = entries(festival, JournalKind.PROGRAMME_CHANGED)[-len(changes) :]
    assert [entry["kind"] for entry in told_by] == [kind for _section, _text, kind, _texts in changes]
    assert {entry["operator"] for entry in told_by} == {festival.manager.number}
    festival.stands()


async def test_what_is_typed_takes_the_place_of_what_stood(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "accounts")
        await player.press("down", "enter")
        await player.type("7061")
        await player.press("f9", "enter", "end")
        await player.type("05")
        await player.press("f9")
        assert "706105" in rows(player)


async def test_two_managers_at_one_tariff_lose_neither_the_price_nor_the_label(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        app = player.pilot.app
        await player.type("plein")
        await player.press("enter")
        set_price(festival, "9,20", seen="8,50")
        await write(player, "label", "Plein tarif")
        await player.press("f9")
        assert isinstance(app.screen, SectionDialog)
        assert "Plein tarif · 9,20" in rows(player)
        await player.press("enter")
        set_price(festival, "9,40", seen="9,20")
        await write(player, "price_cents", "9,00")
        await write(player, "label", "Plein")
        await player.press("f9")
        assert isinstance(app.screen, SettingForm)
        assert "Entre-temps, quelqu'un d'autre a changé : Prix 9,40." in told(app.screen)
        assert app.screen.query_one("#field-price_cents", Input).value == "9,00", "what was typed is kept"
        assert "entre-temps : 9,40" in told(app.screen), "beside what the other wrote"
        assert "Plein tarif · 9,40" in told(app.screen), "its title too is what stands"
        assert app.screen.query_one("#field-price_cents").has_focus
        assert app.screen.query_one("#field-label", Input).value == "Plein"
        await player.press("f9")
        assert isinstance(app.screen, Confirm), "nobody writes over another by a key that bounces"
        assert "Prix : 9,40 → 9,00" in told(app.screen)
        await player.press("escape")
        await write(player, "price_cents", "9,40")
        await player.press("f9")
        assert "Plein · 9,40" in rows(player)
        assert "C'est changé. Plein tarif · 9,40\u00a0€ (FILMS PLEIN) : Libellé Plein tarif → Plein." in told(
            app.screen
        )
    row = next(row for row in festival.rows(Tariff) if row.code == "PLEIN")
    assert (row.label, row.price_cents) == ("Plein", 940)
    festival.stands()


async def test_what_somebody_else_has_changed_is_written_over_once_that_is_confirmed(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        app = player.pilot.app
        await player.type("plein")
        await player.press("enter")
        set_price(festival, "9,20", seen="8,50")
        await write(player, "price_cents", "9,00")
        await player.press("f9", "f9", "enter")
        assert "C'est changé. Plein · 9,20\u00a0€ (FILMS PLEIN) : Prix 9,20 → 9,00." in told(app.screen)
    assert next(row for row in festival.rows(Tariff) if row.code == "PLEIN").price_cents == 900
    festival.stands()


async def test_a_gift_card_is_changed_and_a_place_card_added_in_the_program(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "gift cards")
        await player.type("carte cadeau")
        await player.press("enter")
        await write(player, "most_cents", "5")
        await player.press("f9")
        assert "il faut un prix, ou un minimum et un maximum" in told(player.pilot.app.screen)
        await write(player, "most_cents", "150")
        await player.press("f9")
        assert "de 10,00\u00a0€ à 150,00\u00a0€" in rows(player)
        await player.press("escape", "home", *["down"] * SECTIONS.index("place cards"), "enter", "insert")
        for field, text in (("code", "CINE3"), ("label", "CinéCarte 3 places"), ("vat_rate", "5,5")):
            await write(player, field, text)
        await write(player, "places", "3")
        await player.press("f9")
        assert "CinéCarte 3 places · offerte" in rows(player)
    (told_first, told_last) = entries(festival, JournalKind.PROGRAMME_CHANGED)[-2:]
    assert [card["most_cents"] for card in told_first["gift_cards"] if card["code"] == "CADEAU"] == [15_000]
    assert (told_last["kind"], told_last["codes"]) == ("place_card", ["CINE3"])
    assert [kind["code"] for kind in told_last["after"]["card_kinds"]] == ["CINE3"]
    assert "screenings" not in told_last["after"], "what has not changed is not told again"
    festival.stands()


async def test_an_account_is_changed(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "accounts")
        await player.press("down", "enter")
        await write(player, "value", "70610")
        await player.press("f9")
        assert "70610" in rows(player)
    festival.stands()


async def test_takings_are_read_by_who_may(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f10", "x")
        assert isinstance(player.pilot.app.screen, ReadingDialog)
        await player.press("escape")
        await open_section(player, "permissions")
        await player.type("recettes")
        await player.press("enter", "1", "escape", "escape", "f10", "x")
        assert "Il faut un responsable pour lire les recettes" in told(player.pilot.app.screen)
        await player.press(*LISA)
        assert isinstance(player.pilot.app.screen, ReadingDialog)


async def test_a_late_cancellation_left_to_cashiers_asks_for_a_reason_alone(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.write(
        lambda session: change_permission(
            session,
            festival.desk.post,
            Action.CANCEL_LATE,
            frozenset({Role.CASHIER}),
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "ETERNAL", till=1)
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await scan(player, code_of(festival))
        await player.press("delete", "enter")
        assert isinstance(app.screen, AskReason), told(app.screen)
        await player.press("enter")
        assert "Il faut un motif" in told(app.screen)
        await player.type("Malade")
        await player.press("enter")
    end = festival.rows(BookingEnd)[0]
    assert (end.authorized_by_id, end.reason) == (festival.desk.operator_id, "Malade")
    festival.stands()


async def test_a_code_is_chosen_by_what_it_stands_for(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "halls")
        app = player.pilot.app
        assert "Lieu Centre de Congrès" in told(app.screen)
        await player.press("enter")
        field = app.screen.query_one("#field-venue", Input)
        field.focus()
        await player.press("f2")
        assert isinstance(app.screen, Choose)
        assert "Centre de Congrès" in rows(player)
        await player.press("1")
        assert field.value == "CC"
        await player.press("up")
        assert "Centre de Congrès" in told(app.screen), "what the code stands for is said beneath"


async def test_a_word_of_a_few_is_chosen_in_a_form(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        app = player.pilot.app
        await player.type("plein")
        await player.press("enter")
        app.screen.query_one("#field-requirement", Input).focus()
        await player.press("f2")
        assert "vendu à tout le monde" in rows(player)
        await player.press("4", "f9")
        assert isinstance(app.screen, SectionDialog), told(app.screen)
    row = next(row for row in festival.rows(Tariff) if row.code == "PLEIN")
    assert row.requirement is Requirement.PROMO_CODE
    festival.stands()
