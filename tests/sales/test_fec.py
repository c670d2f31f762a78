"""Accounting entries: every rule of the file, and every account as the raw rows have it."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import Setting
from boxoffice.sales.basket import name_customer
from boxoffice.sales.closings.accounting import codes_of_goods
from boxoffice.sales.closings.figures import (
    Counted,
    Figures,
    Paid,
    ShiftFigures,
    Sold,
    Stored,
    Taxed,
    Vat,
)
from boxoffice.sales.closings.reading import read_figures
from boxoffice.sales.closings.spans import spans_of_today
from boxoffice.sales.credits.exchange import Exchange, exchange
from boxoffice.sales.exports.closed_days import ClosedDay, between, turnover
from boxoffice.sales.exports.e_reporting import e_reporting_data
from boxoffice.sales.exports.fec import entries, fec_bytes, fec_name
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.accounts import Accounts, change_account, list_accounts, read_accounts
from boxoffice.sales.vouchers import expiring
from boxoffice.simulation import Plan, simulate
from tests.sales.conftest import Festival
from tests.sales.credit_life import credited, customer, sell_to
from tests.sales.fec_checker import Line, balances, check
from tests.sales.raw_rows import RawRows

TODAY = date(2026, 1, 21)
SIRET = "73282932000074"
NOTHING = Figures(
    spans=(),
    sales=0,
    reversals=0,
    reversed_cents=0,
    credit_notes=0,
    credited_cents=0,
    authorized=0,
    tariffs=(),
    products=(),
    vouchers=(),
    fees=(),
    sections=(),
    venues=(),
    payments=(),
    vat=(),
    stored=(),
    free=(),
    tickets=(),
    copies=(),
    overrides=(),
    acts=(),
    shifts=(),
)


def closed(
    figures: Figures,
    number: int = 1,
    day: date = TODAY,
    *,
    accounts: Accounts = Accounts(),  # noqa: B008
    goods: frozenset[str] = frozenset(),
) -> ClosedDay:
    at = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
    return ClosedDay(number, day, at, figures, accounts, goods)


def all_figures(festival: Festival) -> Figures:
    """The figures of everything that was done, as a closing of the box office would bear them."""
    return festival.read(lambda session: read_figures(session, spans_of_today(session)))


def written(festival: Festival, accounts: Accounts = Accounts()) -> list[Line]:  # noqa: B008
    """The lines of a file with one entry, once every rule of it is checked."""
    goods = festival.read(codes_of_goods)
    found = entries([closed(all_figures(festival), accounts=accounts, goods=goods)])
    return check(fec_name(SIRET, date(2026, 12, 31)), fec_bytes(found))


def vat_of(books: RawRows) -> dict[int, tuple[int, int]]:
    """Net and VAT by rate, each operation rounded by itself, half up away from zero."""
    gross: dict[tuple[Any, int], int] = defaultdict(int)
    for line in books["saleline"]:
        if line["kind"] != "voucher":
            gross[line["sale_id"], line["vat_rate"]] += line["quantity"] * line["unit_price_cents"]
    for payment in books["payment"]:
        if payment["vat_rate"] is not None:
            gross[payment["sale_id"], payment["vat_rate"]] -= payment["amount_cents"]
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for (_sale, rate), cents in gross.items():
        exact = abs(Fraction(cents)) / (1 + Fraction(rate, 10_000))
        net = int(exact + Fraction(1, 2)) * (1 if cents >= 0 else -1)
        totals[rate][0] += net
        totals[rate][1] += cents - net
    return {rate: (net, vat) for rate, (net, vat) in totals.items()}


def expected(books: RawRows) -> dict[str, int]:
    """What each account comes to, by the raw rows alone, while no drawer was counted."""
    found: dict[str, int] = defaultdict(int)
    by_means = {"cash": "530", "card": "5115", "cheque": "5112"}
    for payment in books["payment"]:
        if payment["means"] in by_means:
            found[by_means[payment["means"]]] += payment["amount_cents"]
    vat_accounts = {2000: "44571", 1000: "44572", 550: "44573", 210: "44574"}
    for rate, (_net, vat) in vat_of(books).items():
        found[vat_accounts.get(rate, "44579")] -= vat
    taxed = {card["value_id"]: card["vat_rate"] for card in books["giftcard"]}
    for value in books["storedvalue"]:
        if value["kind"] == "balance":
            found["4198"] -= value["amount"]
        if value["kind"] == "gift_card" and taxed[value["id"]] is None:
            found["4191"] -= value["amount"]
    return {account: cents for account, cents in found.items() if cents}


def given_away(books: RawRows) -> int:
    """What is owed by no sale, or no longer, and what was credited for seats whose vouchers were taxed."""
    taxed = {card["value_id"]: card["vat_rate"] for card in books["giftcard"]}
    owed = {
        value["id"]
        for value in books["storedvalue"]
        if value["kind"] == "balance" or (value["kind"] == "gift_card" and taxed[value["id"]] is None)
    }
    moved = sum(
        row["amount"] for row in books["valuemovement"] if row["value_id"] in owed and row["sale_id"] is None
    )
    return moved - sum(
        row["amount_cents"]
        for row in books["payment"]
        if row["means"] == "balance" and row["vat_rate"] is not None
    )


def check_against_rows(festival: Festival) -> dict[str, int]:
    """Every account that the rows tell is what the file says; sales without tax are the rest of the VAT."""
    books = RawRows(festival.database)
    found = balances(written(festival))
    wanted = expected(books)
    assert {account: found.get(account, 0) for account in wanted} == wanted
    net = sum(net for net, _vat in vat_of(books).values())
    assert found.get("706", 0) + found.get("707", 0) == -net
    assert found.get("658", 0) + found.get("758", 0) == given_away(books)
    assert set(found) <= {*wanted, "706", "707", "658", "758"}
    return found


def test_a_day_of_sales_is_one_balanced_entry(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.product_line())
    festival.sell(festival.seat_line(), tenders=(Tender("card", 850, None, "77"),))
    lines = written(festival)
    assert {line["EcritureNum"] for line in lines} == {"1"}
    assert {line["PieceRef"] for line in lines} == {"Z000001"}
    assert lines[0]["EcritureLib"] == "Encaissements - Z 1 du 21/01/2026"
    assert balances(lines) == {
        "530": 2000,
        "5115": 850,
        "706": -(1611 + 806),
        "707": -250,
        "44573": -(89 + 44),
        "44571": -50,
    }


def test_vouchers_are_owed_until_they_are_used(festival: Festival) -> None:
    gift = festival.sell_gift(cents=5000)
    single = festival.sell_gift("BON850")
    check_against_rows(festival)
    by_gift = Tender("gift_card", 850, None, "", gift.value_id)
    by_single = Tender("gift_card", 850, None, "", single.value_id, 550)
    festival.complete(festival.paid(festival.seat_line(), by=(by_gift,)))
    festival.complete(festival.paid(festival.seat_line(), by=(by_single,)))
    found = check_against_rows(festival)
    assert found["4191"] == -4150
    assert found["530"] == 5850
    assert found["706"] == -2 * 806


def test_balances_are_owed_from_the_credit_note_on(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    credited(festival, sale, [1], customer_id=lea)
    found = check_against_rows(festival)
    assert (found["530"], found["4198"], found["706"]) == (1700, -850, -805)


def test_a_balance_credited_for_a_voucher_already_taxed_is_an_expense(festival: Festival) -> None:
    lea = customer(festival)
    single = festival.sell_gift("BON850")
    by_single = Tender("gift_card", 850, None, "", single.value_id, 550)
    sale = festival.complete(festival.paid(festival.seat_line(), by=(by_single,)))
    basket = name_customer(festival.basket(festival.seat_line("KNEECAP2")), lea, "Léa Dupont")
    swap = Exchange(uuid4(), uuid4(), sale.sale_id, (1,), basket)
    taken = festival.write(lambda session: exchange(session, swap, festival.desk, clock=festival.clock))
    check_against_rows(festival)
    credited(festival, taken.sale, [1], customer_id=lea)
    found = check_against_rows(festival)
    assert (found["530"], found["706"], found["44573"]) == (850, -806, -44)
    assert (found["4198"], found["658"]) == (-850, 850)


def test_what_runs_out_is_a_gain(festival: Festival) -> None:
    festival.sell_gift(cents=5000)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=400))
    festival.write(lambda session: expiring.expire_over(session, festival.posts[0], clock=festival.clock))
    found = check_against_rows(festival)
    assert (found.get("4191", 0), found["758"]) == (0, -5000)


@pytest.mark.usefixtures("full_books")
def test_a_little_of_everything_comes_to_what_the_rows_say(festival: Festival) -> None:
    check_against_rows(festival)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_simulated_festival_comes_to_what_the_rows_say(festival: Festival, seed: int) -> None:
    chance = random.Random(seed)
    gift, lea = festival.sell_gift(cents=chance.randrange(1000, 9000, 50)), customer(festival)
    seat = festival.seat_line("KNEECAP2")
    festival.complete(festival.paid(seat, by=(Tender("gift_card", 300, None, "", gift.value_id),)))
    sale = sell_to(festival, lea, seat)
    credited(festival, sale, customer_id=lea)
    simulate(festival.database, festival.desks, Plan(60, seed=seed, reversals=0.1), clock=festival.clock)
    check_against_rows(festival)


def figures_of_a_drawer() -> Figures:
    """Cash carried in and out, picked up, deposited, and counted beside what was expected."""
    at = datetime(2026, 1, 21, 22, tzinfo=UTC)
    shift = ShiftFigures(
        till=1,
        number=1,
        operator=2,
        name="Karim",
        opened_at=at,
        closed_at=at,
        float_cents=10_000,
        in_cents=2_000,
        out_cents=500,
        pickup_cents=20_000,
        counts=(Counted("cash", 41_500, 41_450), Counted("cheque", 1_700, 1_800), Counted("card", 0, None)),
        deposit_cents=31_450,
        left_cents=10_000,
    )
    return replace(NOTHING, shifts=(shift,))


def test_cash_carried_counted_and_deposited_is_told() -> None:
    found = entries([closed(figures_of_a_drawer())])
    lines = check(fec_name(SIRET, TODAY), fec_bytes(found))
    assert balances(lines) == {
        "530": 1_500 - 51_450 - 50,
        "471": -1_500,
        "580": 51_450,
        "658": 50,
        "5112": 100,
        "758": -100,
    }


def test_what_one_drawer_has_too_much_makes_up_for_nothing_that_another_lacks() -> None:
    (shift,) = figures_of_a_drawer().shifts
    too_much = replace(shift, till=2, counts=(Counted("cash", 41_500, 46_350),))
    found = entries([closed(replace(NOTHING, shifts=(shift, too_much)))])
    told = balances(check(fec_name(SIRET, TODAY), fec_bytes(found)))
    assert (told["658"], told["758"]) == (50, -4_850 - 100)


def test_a_day_of_returns_is_written_the_other_way_round() -> None:
    figures = replace(
        NOTHING,
        payments=(Paid("cash", 0, 0, 1, -850),),
        vat=(Vat(550, -850, -806, -44, 850),),
    )
    found = entries([closed(figures)])
    lines = check(fec_name(SIRET, TODAY), fec_bytes(found))
    assert {line["CompteNum"]: (line["Debit"], line["Credit"]) for line in lines} == {
        "530": ("0,00", "8,50"),
        "706": ("8,06", "0,00"),
        "44573": ("0,44", "0,00"),
    }


def test_entries_are_numbered_over_the_days_on_which_something_was_taken() -> None:
    some = replace(NOTHING, payments=(Paid("cash", 1, 850, 0, 0),), vat=(Vat(0, 850, 850, 0, 850),))
    days = [
        closed(figures, number, TODAY + timedelta(days=number))
        for number, figures in enumerate([some, NOTHING, some, some], start=1)
    ]
    found = entries(days)
    assert [(entry.number, entry.closed.number) for entry in found] == [(1, 1), (2, 3), (3, 4)]
    lines = check(fec_name(SIRET, TODAY), fec_bytes(found))
    assert {line["PieceRef"] for line in lines} == {"Z000001", "Z000003", "Z000004"}
    only_later = check(fec_name(SIRET, TODAY), fec_bytes(found[1:]))
    assert [line for line in lines if line["EcritureNum"] != "1"] == only_later


def test_fields_hold_no_separator_and_no_letter_of_another_alphabet() -> None:
    some = replace(NOTHING, payments=(Paid("jeton|→\tété", 1, 850, 0, 0),), vat=(Vat(0, 850, 850, 0, 850),))
    found = entries([closed(some)])
    for separator in ("\t", "|"):
        lines = check(fec_name(SIRET, TODAY), fec_bytes(found, separator=separator), separator)
        assert lines[0]["EcritureLib"].startswith("Encaissements jeton été -")


def test_the_file_is_named_after_the_siren_and_the_last_day() -> None:
    assert fec_name(SIRET, date(2026, 12, 31)) == "732829320FEC20261231.txt"
    with pytest.raises(Refusal, match="SIREN"):
        fec_name("", TODAY)


def test_goods_and_services_share_the_vat_of_their_rate_to_the_cent() -> None:
    figures = replace(
        NOTHING,
        products=(Sold("CATALOGUE", "Catalogue", 550, 3, 0, 1000), Sold("PASS20", "Pass", 550, 1, 0, 9000)),
        vat=(Vat(550, 20_000, 18_957, 1_043, 20_000),),
    )
    day_of_goods = closed(figures, goods=frozenset({"CATALOGUE"}))
    parts = turnover(day_of_goods)
    assert [(part.is_goods, part.gross_cents, part.net_cents) for part in parts] == [
        (False, 19_000, 18_009),
        (True, 1_000, 948),
    ]
    data = e_reporting_data([day_of_goods], SIRET)
    (day,) = data["days"]
    assert [(row["category"], row["vat_cents"]) for row in day["totals"]] == [("TPS1", 991), ("TLB1", 52)]
    assert data["siren"] == "732829320"


def test_what_bears_no_vat_is_declared_apart() -> None:
    figures = replace(NOTHING, vat=(Vat(0, 500, 500, 0, 500),))
    (day,) = e_reporting_data([closed(figures)], SIRET)["days"]
    assert [row["category"] for row in day["totals"]] == ["TNT1"]


def test_passes_and_cards_are_services(festival: Festival) -> None:
    assert festival.read(codes_of_goods) == frozenset({"TOUR"})


def test_a_period_without_a_closed_day_is_refused() -> None:
    with pytest.raises(Refusal, match="Aucune journée"):
        between((closed(NOTHING),), TODAY + timedelta(days=1), TODAY + timedelta(days=2))


def change(festival: Festival, name: str, number: str, manager: bool = True) -> None:
    who = festival.manager if manager else festival.cashier

    def work(session: Session) -> None:
        change_account(session, festival.posts[0], name, number, clock=festival.clock, manager=who)

    festival.write(work)


def test_accounts_are_settings_that_the_journal_tells_of(festival: Festival) -> None:
    assert {row.number for row in festival.read(list_accounts)} >= {"706", "707", "530", "4191", "4198"}
    change(festival, "tickets", "706100")
    assert festival.read(read_accounts).tickets == "706100"
    festival.sell()
    assert "706100" in balances(written(festival, festival.read(read_accounts)))
    festival.stands()
    change(festival, "tickets", "706")
    assert festival.read(read_accounts) == Accounts()
    festival.stands()


@pytest.mark.usefixtures("full_books")
def test_each_account_is_written_under_the_number_put_in_force(festival: Festival) -> None:
    def of_everything(accounts: Accounts) -> dict[str, int]:
        goods = festival.read(codes_of_goods)
        vat = tuple(Vat(rate, 1_200, 1_000, 200, 1_200) for rate in (1_000, 1_200))
        other_rates = replace(NOTHING, vat=vat, payments=(Paid("card", 2, 2_400, 0, 0),))
        days = [
            closed(each, accounts=accounts, goods=goods)
            for each in (all_figures(festival), figures_of_a_drawer(), other_rates)
        ]
        return dict(balances(check(fec_name(SIRET, TODAY), fec_bytes(entries(days)))))

    before = of_everything(Accounts())
    numbers = {
        row.number: f"{row.number[:4]}9{place:02}" for place, row in enumerate(festival.read(list_accounts))
    }
    for row in festival.read(list_accounts):
        change(festival, row.name, numbers[row.number])
    assert festival.read(list_accounts)[0].number == "CAI900"
    after = of_everything(festival.read(read_accounts))
    assert after == {numbers[account]: cents for account, cents in before.items()}
    assert len(after) >= 12
    festival.stands()


def test_an_account_changed_behind_the_journals_back_is_found(festival: Festival) -> None:
    change(festival, "cash", "531")

    def forge(session: Session) -> None:
        session.get_one(Setting, "account.cash").value = '"532"'

    festival.write(forge)
    with pytest.raises(AssertionError, match=r"account\.cash"):
        festival.stands()


@pytest.mark.parametrize(
    ("name", "number", "why"),
    [("tickets", "7", "numéro de compte"), ("tickets", "70 6", "compte"), ("journal", "a|b", "journal")],
)
def test_what_is_no_account_is_refused(festival: Festival, name: str, number: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        change(festival, name, number)
    with pytest.raises(Refusal, match="n'existe pas"):
        change(festival, "rien", "706")


@pytest.mark.parametrize(
    ("name", "number", "told"),
    [
        ("cash", "706", "pour « espèces » : il commence par 5."),
        ("tickets", "530", "pour « billets et pass » : il commence par 70."),
        ("vat_550", "4456", "pour « TVA collectée à 5,5 % » : il commence par 4457."),
        ("balances", "4457", "pour « soldes des clients » : il commence par 41."),
        ("losses", "758", "soldes accordés » : il commence par 65 ou 67."),
        ("gains", "658", "soldes échus » : il commence par 75 ou 77."),
        ("transfers", "512", "pour « espèces remises en banque » : il commence par 58."),
        ("carried", "658", "pour un achat » : il commence par 4 ou 5."),
    ],
)
def test_an_account_of_another_nature_is_refused(
    festival: Festival, name: str, number: str, told: str
) -> None:
    before = festival.everything()
    with pytest.raises(Refusal) as refused:
        change(festival, name, number)
    assert refused.value.message.startswith(f"Le compte {number} ne convient pas ")
    assert refused.value.message.endswith(told)
    assert festival.everything() == before


def test_every_default_account_is_of_its_nature(festival: Festival) -> None:
    for row in festival.read(list_accounts):
        change(festival, row.name, row.number)


def balanced() -> Figures:
    """A day with an amount of every kind, which comes to nothing left over."""
    return replace(
        figures_of_a_drawer(),
        payments=(
            Paid("balance", 1, 300, 1, -850),
            Paid("card", 1, 1_200, 0, 0),
            Paid("cash", 3, 6_000, 1, -400),
            Paid("gift_card", 2, 1_350, 0, 0),
        ),
        taxed=(Taxed("balance", 550, -850), Taxed("gift_card", 550, 850)),
        vouchers=(Sold("CADEAU", "Carte cadeau", 0, 1, 0, 5_000),),
        vat=(Vat(550, 2_300, 2_180, 120, 2_300), Vat(2000, 300, 250, 50, 300)),
        stored=(
            Stored("balance", None, 0, 850, 0, 300, 0, 0, 0),
            Stored("gift_card", None, 5_000, 0, 0, 500, 0, 0, 0),
        ),
    )


def test_a_day_that_balances_has_credit_notes_on_taxed_vouchers_as_its_only_expense() -> None:
    (entry,) = entries([closed(replace(balanced(), shifts=()))])
    losses = [posting for posting in entry.postings if posting.account in ("658", "758")]
    assert [(posting.label, posting.cents) for posting in losses] == [("Avoirs sur bons déjà taxés", 850)]
    assert sum(posting.cents for posting in entry.postings) == 0


@pytest.mark.parametrize("part", ["payments", "taxed", "vouchers", "vat"])
@pytest.mark.parametrize("cents", [1, -850])
def test_figures_that_do_not_come_to_nothing_are_refused_and_never_called_a_credit_note(
    part: str, cents: int
) -> None:
    """Each row in turn is changed: an amount is lost, or is of another kind than it was."""
    amounts = {"payments": "taken_cents", "taxed": "cents", "vouchers": "cents", "vat": "net_cents"}
    rows = getattr(balanced(), part)
    for place, row in enumerate(rows):
        wrong = replace(row, **{amounts[part]: getattr(row, amounts[part]) + cents})
        figures = replace(balanced(), **{part: (*rows[:place], wrong, *rows[place + 1 :])})
        if isinstance(row, Taxed) and row.means == "balance":
            figures = replace(figures, taxed=figures.taxed[1:])
        with pytest.raises(Refusal, match="ne s'équilibrent pas"):
            entries([closed(figures)])


def test_a_cashier_changes_no_account(festival: Festival) -> None:
    with pytest.raises(ManagerNeeded):
        change(festival, "cash", "531", manager=False)


def test_stored_values_of_other_kinds_move_no_money() -> None:
    points = Stored("points", None, 30, 0, 0, 10, 0, 0, 0)
    assert entries([closed(replace(NOTHING, stored=(points,)))]) == ()
