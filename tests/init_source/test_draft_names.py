from __future__ import annotations

import pytest

from c360.init_source.names import in_lake, says_changed, says_id, singular, snake


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("OrderID", "order_id"),
        ("DateTime", "date_time"),
        ("LoyaltyID", "loyalty_id"),
        ("XMLData2", "xml_data2"),
        ("e-mail Address", "e_mail_address"),
        ("SalesYTD", "sales_ytd"),
        ("CUSTOMER_ID", "customer_id"),
        ("OrderIDs", "order_ids"),
        ("Größe (cm)", "groesse_cm"),
        ("Straße", "strasse"),
        ("Prénom", "prenom"),
        ("2nd Name", "n_2nd_name"),
        ("_rescued", "rescued"),
        ("Order #", "order_no"),
        ("Discount %", "discount_pct"),
        ("address.city", "address_city"),
        ("名前", ""),
    ],
)
def test_names_become_snake_case(text: str, name: str) -> None:
    assert snake(text) == name


def test_names_of_the_lake_are_legal_and_differ() -> None:
    assert in_lake(["Name", "name", "名前", "", "name_2"]) == ["name", "name_2", "c3", "c4", "name_2_2"]


@pytest.mark.parametrize(
    ("many", "one"),
    [("customers", "customer"), ("categories", "category"), ("addresses", "address"), ("status", "status")],
)
def test_a_table_has_a_name_for_one_of_its_rows(many: str, one: str) -> None:
    assert singular(many) == one


@pytest.mark.parametrize(
    ("name", "is_id"),
    [("customer_id", True), ("orderid", True), ("zip_code", True), ("paid", False), ("valid", False)],
)
def test_ids_are_told_by_their_names(name: str, is_id: bool) -> None:
    assert says_id(name) is is_id


@pytest.mark.parametrize(
    ("name", "is_changed"),
    [
        ("updated_at", True),
        ("modified_date", True),
        ("last_updated", True),
        ("last_update", True),
        ("update_ts", True),
        ("created_at", False),
        ("order_date", False),
        ("updated_by", False),
    ],
)
def test_only_times_of_a_change_say_which_version_is_newest(name: str, is_changed: bool) -> None:
    assert says_changed(name) is is_changed
