"""What the sample is made of: draws, people, products, amounts."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

import pytest

from c360.sample.names import GOODS, MAKES, Chance, Person, email, money, person, postal_address, product_names


def test_the_draws_are_fixed_by_seed_and_stream() -> None:
    def draws(chance: Chance) -> list[int]:
        return [chance.below(1000) for _ in range(5)]

    assert draws(Chance(360, 1)) == [552, 57, 386, 132, 491]
    assert draws(Chance(360, 2)) != draws(Chance(360, 1)) != draws(Chance(361, 1))


def test_between_reaches_both_ends_and_nothing_else() -> None:
    chance = Chance(0, 0)
    assert {chance.between(3, 5) for _ in range(200)} == {3, 4, 5}


def test_what_happens_in_0_percent_never_does_and_in_100_percent_always() -> None:
    chance = Chance(0, 0)
    assert {chance.happens(0) for _ in range(100)} == {False}
    assert {chance.happens(100) for _ in range(100)} == {True}


def test_a_position_is_drawn_as_often_as_its_weight_says_and_never_at_weight_0() -> None:
    chance = Chance(0, 0)
    counts = Counter(chance.index(list(accumulate((0, 3, 0, 1)))) for _ in range(4000))
    assert sorted(counts) == [1, 3]
    assert 2800 < counts[1] < 3200


def test_a_position_is_drawn_from_its_range_only() -> None:
    chance = Chance(0, 0)
    assert {chance.index([1, 2, 3, 4, 5], start=1, stop=3) for _ in range(200)} == {1, 2}
    assert {chance.index([1, 2, 3, 4, 5], start=3) for _ in range(200)} == {3, 4}


def test_an_email_that_somebody_has_is_not_given_again() -> None:
    taken: set[str] = set()
    emails = [email(Chance(7, 0), Person("Zoë", "Muñoz", "Zoë Muñoz"), taken) for _ in range(50)]
    assert len(set(emails)) == 50
    assert taken == set(emails)
    assert all(address.isascii() and address == address.lower() for address in emails)
    assert {address.split("@")[1].split(".")[0] for address in emails} == {"example"}


def test_a_person_is_called_by_the_names_they_have_with_or_without_a_title() -> None:
    chance = Chance(0, 0)
    people = [person(chance) for _ in range(1000)]
    assert all(f"{who.first} {who.last}" in who.full for who in people)
    titled = {who.full.replace(f"{who.first} {who.last}", "~") for who in people}
    assert titled == {"~", "Mr. ~", "Mrs. ~", "Ms. ~", "~ DVM", "~ MD", "~ PhD", "~ DDS", "~ Jr.", "~ III"}


def test_an_address_ends_in_state_and_zip_code_and_some_have_no_town() -> None:
    chance = Chance(0, 0)
    addresses = [postal_address(chance) for _ in range(1000)]
    assert {len(address.split(", ")) for address in addresses} == {2, 3}
    for address in addresses:
        *_, state, zip_code = address.split(" ")
        assert state.isupper()
        assert len(state) == 2
        assert zip_code.isdigit()
        assert len(zip_code) == 5


def test_product_names_differ_however_many_there_are_and_a_longer_list_begins_like_a_shorter_one() -> None:
    products = product_names(2000)
    assert len({name for name, _ in products}) == 2000
    assert products[:10] == product_names(10)
    assert {category for _, category in products[:5]} == set(GOODS)
    assert {len(goods) for goods in GOODS.values()} == {10}
    assert len(MAKES) == 15


@pytest.mark.parametrize(
    ("cents", "text"), [(18990, "189.9"), (19000, "190.0"), (18999, "189.99"), (5, "0.05"), (0, "0.0")]
)
def test_an_amount_is_printed_without_its_last_zero(cents: int, text: str) -> None:
    assert money(cents) == text
