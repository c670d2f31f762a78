"""What checkout refuses, in which words, and that nothing of it stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from boxoffice.errors import Refusal
from boxoffice.models import Numbering, Product, Quota, Sale, Screening, ScreeningState, Tariff, table
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.checkout import rehearse
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.shift_closing import close_shift
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> object:
    yield
    festival.read(check_the_house)


def alter(festival: Festival, model: type, code: str, **changes: object) -> None:
    """Change the programme as the import does."""

    def change(session: Session) -> None:
        for row in session.exec(select(model).where(model.code == code)):
            for name, value in changes.items():
                setattr(row, name, value)
            session.add(row)

    festival.write(change)


def test_a_full_screening_is_refused_with_its_seats_left_and_the_next_showing(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=6))
    refusal = festival.refused(festival.order(festival.seat_line(quantity=3)))
    assert refusal.message == "Kneecap de 20 h 00 : il restait 2 places, vous en demandez 3."
    assert refusal.remedy == "Prochaine séance : jeu. 22 à 14 h 00, Amphi Jardin, 5 places."


def test_one_seat_left_is_said_in_the_singular(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=7))
    refusal = festival.refused(festival.order(festival.seat_line(quantity=2)))
    assert refusal.message == "Kneecap de 20 h 00 : il restait 1 place, vous en demandez 2."


def test_a_sold_out_screening_says_so(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=8))
    refusal = festival.refused(festival.order(festival.seat_line()))
    assert refusal.message == "Kneecap de 20 h 00 est complet."


def test_no_showing_is_proposed_that_has_too_few_seats(festival: Festival) -> None:
    refusal = festival.refused(festival.order(festival.seat_line("ETERNAL", quantity=6)))
    assert refusal.message == "The Eternal Daughter de 15 h 00 : il restait 5 places, vous en demandez 6."
    assert refusal.remedy == "Aucune autre séance de ce film n'a assez de places."


def test_seats_kept_for_a_quota_are_not_sold_to_the_public(festival: Festival) -> None:
    refusal = festival.refused(festival.order(festival.seat_line(quantity=9)))
    assert refusal.message == "Kneecap de 20 h 00 : il restait 8 places, vous en demandez 9."


def test_a_quota_gives_no_more_than_its_seats(festival: Festival) -> None:
    festival.sell(festival.seat_line(tariff="UFR"))
    refusal = festival.refused(festival.order(festival.seat_line(tariff="UFR", quantity=2)))
    assert refusal.message == "Kneecap de 20 h 00 (contingent ufr) : il restait 1 place, vous en demandez 2."


def test_seats_asked_for_by_several_tariffs_count_together(festival: Festival) -> None:
    order = festival.order(festival.seat_line(quantity=5), festival.seat_line(tariff="REDUIT", quantity=4))
    assert "vous en demandez 9" in festival.refused(order).message


def test_one_screening_that_is_full_refuses_the_basket_as_a_whole(festival: Festival) -> None:
    order = festival.order(festival.seat_line(quantity=2), festival.seat_line("ETERNAL", quantity=6))
    festival.refused(order)
    assert festival.allocated() == 0


@pytest.mark.parametrize("tariff", ["PLEIN", "UFR"])
def test_a_cancelled_screening_is_not_sold_from_any_quota(festival: Festival, tariff: str) -> None:
    alter(festival, Screening, "KNEECAP", state=ScreeningState.CANCELLED)
    refusal = festival.refused(festival.order(festival.seat_line(tariff=tariff)))
    assert refusal.message == "Kneecap de 20 h 00 est annulée."
    assert refusal.remedy == "Prochaine séance : jeu. 22 à 14 h 00, Amphi Jardin, 5 places."


def test_one_second_after_the_end_of_its_sale_a_seat_is_refused(festival: Festival) -> None:
    line = festival.seat_line()
    festival.clock.at = line.starts_at + timedelta(minutes=20, seconds=1)
    refusal = festival.refused(festival.order(line))
    assert refusal.message == "Kneecap de 20 h 00 n'est plus en vente depuis 20 h 20."
    assert refusal.remedy == "Retirez cette séance du panier."


def test_a_price_that_changed_is_refused_with_both(festival: Festival) -> None:
    order = festival.order(festival.seat_line())
    alter(festival, Tariff, "PLEIN", price_cents=900)
    refusal = festival.refused(order)
    assert refusal.message == "Le prix de Plein a changé : 9,00\u00a0€ au lieu de 8,50\u00a0€."
    assert refusal.remedy == "Retirez la ligne et ajoutez-la de nouveau."


def test_an_article_whose_price_changed_is_refused(festival: Festival) -> None:
    order = festival.order(festival.product_line())
    alter(festival, Product, "TOUR", price_cents=350)
    assert festival.refused(order).message == (
        "Le prix de Tour de cou a changé : 3,50\u00a0€ au lieu de 3,00\u00a0€."
    )


@pytest.mark.parametrize("model", [Tariff, Product])
def test_what_is_no_longer_on_offer_is_refused(festival: Festival, model: type) -> None:
    line = festival.seat_line() if model is Tariff else festival.product_line()
    order = festival.order(line)
    alter(festival, model, "PLEIN" if model is Tariff else "TOUR", active=False)
    label = "Plein" if model is Tariff else "Tour de cou"
    assert festival.refused(order).message == f"{label} n'est plus proposé."


def test_a_tariff_of_another_price_list_is_refused(festival: Festival) -> None:
    line = festival.seat_line(tariff_id=999)
    assert festival.refused(festival.order(line)).message == "Plein n'est plus proposé."


def test_a_screening_that_does_not_exist_is_refused(festival: Festival) -> None:
    line = festival.seat_line(screening_id=999)
    assert festival.refused(festival.order(line)).message == "Plein n'est plus proposé."


def test_too_small_a_group_is_refused_even_if_the_counter_forgot(festival: Festival) -> None:
    order = festival.order(festival.seat_line(tariff="GROUPE", quantity=3, minimum_group=1))
    refusal = festival.refused(order)
    assert refusal.message == "Groupe : à partir de 4 places."
    assert refusal.remedy == "Ajoutez des places ou choisissez un autre tarif."


def test_a_pass_holders_tariff_needs_the_pass(festival: Festival) -> None:
    refusal = festival.refused(festival.order(festival.seat_line(tariff="PASS")))
    assert refusal.message == "Détenteur pass : réservé aux détenteurs de pass : scannez le pass."


@pytest.mark.parametrize(
    "holders",
    [(), ("Zoé",), ("Zoé", "  "), ("", "Zoé", "Anouk")],
    ids=["none", "one", "blank", "first blank"],
)
def test_a_nominative_screening_needs_a_name_for_each_ticket(
    festival: Festival, holders: tuple[str, ...]
) -> None:
    order = festival.order(festival.seat_line("RENCONTRE", quantity=2, holders=holders))
    refusal = festival.refused(order)
    assert refusal.message == "Rencontre nominative de 22 h 00 est nominative : il faut un nom par billet."
    assert refusal.remedy == "Saisissez les noms des spectateurs."


def test_an_empty_basket_is_refused(festival: Festival) -> None:
    assert festival.refused(festival.order()).message == "Le panier est vide."


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one_is_refused(festival: Festival, quantity: int) -> None:
    line = festival.seat_line(quantity=quantity)
    order = replace(festival.order(festival.seat_line()), basket=Basket((line,)))
    assert festival.refused(order).message == "Plein : la quantité doit être d'au moins 1."


def test_a_quantity_that_no_hall_holds_is_refused_at_once(festival: Festival) -> None:
    order = festival.order(festival.seat_line(tariff="INVIT", quantity=1_000_000_000))
    assert festival.refused(order).message == "Invitation : pas plus de 2000 à la fois."


def test_a_closed_shift_sells_nothing(festival: Festival) -> None:
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.cashier, shift, 10_000, clock=festival.clock
        )
    )
    refusal = festival.refused(festival.order(festival.seat_line()))
    assert refusal.message == "Cette session de caisse a été fermée."
    assert "puis ouvrez une autre session (Ctrl+T)" in refusal.remedy


def test_the_shift_of_another_till_sells_nothing(festival: Festival) -> None:
    mixed = replace(festival.desk, till_session_id=festival.desks[1].till_session_id)
    refusal = festival.refused(festival.order(festival.seat_line()), mixed)
    assert refusal.message == "Cette session de caisse a été fermée."


def test_one_cent_more_than_the_limit_in_cash_is_refused(festival: Festival) -> None:
    alter(festival, Product, "TOUR", price_cents=100_001)
    order = festival.order(festival.product_line())
    refusal = festival.refused(order)
    assert refusal.message == "La loi interdit d'encaisser plus de 1\u00a0000,00\u00a0€ en espèces."
    assert refusal.remedy == "Demandez un autre moyen de paiement pour le reste."


def test_cash_in_several_parts_counts_together(festival: Festival) -> None:
    alter(festival, Product, "TOUR", price_cents=120_000)
    tenders = (Tender("cash", 60_000, 60_000), Tender("card", 1), Tender("cash", 59_999, 59_999))
    assert festival.refused(festival.order(festival.product_line(), tenders=tenders)).message.startswith(
        "La loi interdit"
    )


WRONG_TENDERS = {
    "nothing": ((), "Les règlements ne font pas le total : il reste 8,50\u00a0€."),
    "too little": (
        (Tender("card", 849),),
        "Les règlements ne font pas le total : il reste 0,01\u00a0€.",
    ),
    "card too high": (
        (Tender("card", 851),),
        "Carte bancaire : 8,51\u00a0€ dépasse les 8,50\u00a0€ qui restent à payer.",
    ),
    "cheque too high": (
        (Tender("cheque", 20_000),),
        "Chèque : 200,00\u00a0€ dépasse les 8,50\u00a0€ qui restent à payer.",
    ),
    "card beyond the rest": (
        (Tender("cash", 500, 500), Tender("card", 351)),
        "Carte bancaire : 3,51\u00a0€ dépasse les 3,50\u00a0€ qui restent à payer.",
    ),
    "paid twice": ((Tender("card", 850), Tender("card", 850)), "Tout est déjà payé."),
    "zero": ((Tender("card", 0), Tender("card", 850)), "Le montant doit être supérieur à zéro."),
    "negative": (
        (Tender("card", -100), Tender("card", 950)),
        "Le montant doit être supérieur à zéro.",
    ),
    "cash less than said": (
        (Tender("cash", 850, 800),),
        "Les règlements ne font pas le total : il reste 0,50\u00a0€.",
    ),
    "more change than due": (
        (Tender("cash", 700, 1000), Tender("card", 150)),
        "Tout est déjà payé.",
    ),
    "huge cash": (
        (Tender("cash", 850, 10**12),),
        "Il faudrait rendre 9\u00a0999\u00a0999\u00a0991,50\u00a0€ : le montant reçu semble erroné.",
    ),
    "a note too many": (
        (Tender("cash", 850, 50_850),),
        "Il faudrait rendre 500,00\u00a0€ : le montant reçu semble erroné.",
    ),
    "change on a card": (
        (Tender("card", 850, 850),),
        "Les règlements ne se tiennent pas : le rendu n'est pas le bon.",
    ),
    "unknown": ((Tender("barter", 850),), "Moyen de paiement inconnu : barter."),
}


@pytest.mark.parametrize("case", WRONG_TENDERS)
def test_tenders_that_do_not_pay_the_total_are_refused(festival: Festival, case: str) -> None:
    tenders, message = WRONG_TENDERS[case]
    order = festival.order(festival.seat_line(), tenders=tenders)
    assert festival.refused(order).message == message


def test_a_total_of_zero_takes_no_money(festival: Festival) -> None:
    order = festival.order(festival.seat_line(tariff="INVIT"), tenders=(Tender("card", 1),))
    assert festival.refused(order).message == "Tout est déjà payé."


def test_refusals_leave_no_gap_in_any_number(festival: Festival) -> None:
    festival.sell()
    festival.refused(festival.order(festival.seat_line(quantity=9)))
    festival.refused(festival.order(festival.seat_line("ETERNAL", quantity=6)))
    sold = festival.sell()
    assert (sold.operation, sold.tickets) == ("1-000002", ("1-000002",))
    numbering = festival.read(
        lambda session: session.execute(
            table(Numbering).select().where(table(Numbering).c.till_id == 1)
        ).one()
    )
    assert (numbering.operations, numbering.tickets) == (2, 2)


def test_seats_given_back_to_a_full_quota_are_sold_again(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(tariff="UFR", quantity=2))
    festival.refused(festival.order(festival.seat_line(tariff="UFR")))
    festival.reverse(sold)
    (quota,) = festival.rows(Quota)
    assert quota.allocated == 0
    assert festival.sell(festival.seat_line(tariff="UFR")).total_cents == 600


def test_a_basket_is_rehearsed_without_a_lock_and_refused_before_any_money_is_asked_for(
    festival: Festival,
) -> None:
    """In a session that may not write: PostgreSQL would refuse to hold a row in it."""

    def rehearsed(line: SeatLine) -> None:
        with festival.database.read() as session:
            rehearse(session, festival.basket(line), festival.desk, clock=festival.clock)

    rehearsed(festival.seat_line())
    with pytest.raises(Refusal, match="place"):
        rehearsed(festival.seat_line(quantity=1_500))
    festival.sell(festival.seat_line())
    assert festival.count(Sale) == 1
