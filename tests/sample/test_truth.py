"""The truth beside the sources: who is who, and what the models should find, is really in the files."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from delivered import File, latest, planted, read_world, truth

from c360.sample.people import ALPHA, SOURCES, A, B, People, Plan, Purchases, R
from c360.sample.world import write_world

CUSTOMERS = {
    "retail": ("Customers", "CustomerID"),
    "choice": ("Customer_master", "customer_id"),
    "oltp": ("customers", "customer_id"),
    "domains": ("customers", "customer_id"),
    "adventureworks": ("Sales.Customer", "CustomerID"),
}


@pytest.fixture(scope="module")
def big_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Large enough for every pattern to show."""
    folder = tmp_path_factory.mktemp("big")
    write_world(folder, customers=4000, days=1, dirt=False, sources=["retail", "oltp", "domains", "adventureworks"])
    return folder


@pytest.fixture(scope="module")
def big(big_world: Path) -> dict[str, list[File]]:
    return read_world(big_world)


# -- who is who


def test_every_customer_that_a_source_delivers_is_one_of_the_people(
    dirty: dict[str, list[File]], dirty_world: Path
) -> None:
    """Planted ones included, if they are kept."""
    known = Counter((row["source"], row["customer_id"]) for row in truth(dirty_world, "customers"))
    assert set(known.values()) == {1}
    rejected = {
        (row["source"], row["key"])
        for row in truth(dirty_world, "dirt")
        if ":" in row["expected"] or "_" in row["expected"]
    }
    for source, (table, column) in CUSTOMERS.items():
        delivered = {
            str(row[column])
            for file in dirty[source]
            if file.table == table
            for record in file.records
            if len(record) == len(file.header)
            for row in [dict(zip(file.header, record, strict=True))]
            if row[column] not in (None, "") and (row.get("PersonID", 1) is not None)
        }
        kept = {key for key in delivered if (source, key) not in rejected}
        assert kept == {key for name, key in known if name == source}, source


def test_most_people_are_known_to_two_or_three_systems_and_retail_knows_most(clean_world: Path) -> None:
    systems: defaultdict[str, set[str]] = defaultdict(set)
    for row in truth(clean_world, "customers"):
        systems[row["person"]].add(row["source"])
    counts = Counter(map(len, systems.values()))
    assert set(counts) == {1, 2, 3, 4, 5}
    assert (counts[2] + counts[3]) / len(systems) > 0.6
    by_source = Counter(source for known in systems.values() for source in known)
    assert by_source.most_common(1)[0][0] == "retail"
    assert set(by_source) == set(SOURCES)


def test_no_customer_id_says_who_it_is(clean_world: Path) -> None:
    """Ids of two systems agree for hardly anybody."""
    ids: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in truth(clean_world, "customers"):
        ids[row["person"]][row["source"]] = row["customer_id"].lstrip("CUST0")
    both = [known for known in ids.values() if {"retail", "choice"} <= set(known)]
    assert sum(known["retail"] == known["choice"] for known in both) < len(both) / 20


def test_people_are_written_down_alike_but_seldom_the_same(clean: dict[str, list[File]], clean_world: Path) -> None:
    retail = {row["CustomerID"]: row for row in latest(clean["retail"], "Customers")}
    domains = {row["customer_id"]: row for row in latest(clean["domains"], "customers")}
    ids: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in truth(clean_world, "customers"):
        ids[row["person"]][row["source"]] = row["customer_id"]
    names, emails, streets, anything = Counter[bool](), Counter[bool](), Counter[bool](), Counter[bool]()
    for known in ids.values():
        if {"retail", "domains"} <= set(known):
            one, two = retail[known["retail"]], domains[known["domains"]]
            same_name = one["Name"] == f"{two['first_name']} {two['last_name']}"
            same_email = one["Email"].lower() == two["email"].lower() != ""
            names[same_name] += 1
            emails[same_email] += 1
            same_house = one["Address"].split()[0] == two["address_line1"].split()[0]
            streets[one["Address"].startswith(two["address_line1"])] += 1
            anything[same_name or same_email or same_house] += 1
    for found in (names, emails, streets):
        assert 0.4 < found[True] / found.total() < 0.95
    assert anything[True] / anything.total() > 0.97


def test_some_share_an_email_or_an_address_without_being_the_same_person(big: dict[str, list[File]]) -> None:
    customers = latest(big["retail"], "Customers")
    emails = Counter(row["Email"].lower() for row in customers if row["Email"])
    addresses = Counter(row["Address"] for row in customers)
    assert 1 <= sum(count > 1 for count in emails.values()) < len(customers) / 20
    assert 1 <= sum(count > 1 for count in addresses.values()) < len(customers) / 10


# -- purchases


def test_purchases_follow_a_bg_nbd_process() -> None:
    everybody = People(Plan(20_000, 360, 1), 0, 20_000)
    bought = Purchases(everybody)
    buyers = bought.count > 0
    watched = everybody.plan.end - everybody.start[buyers] - 0.5
    # P(X(t) = 0) = (alpha / (alpha + t)) ^ r, equation (6) of the paper at x = 0
    expected = ((ALPHA / (ALPHA + watched)) ** R).mean()
    assert abs((bought.count[buyers] == 1).mean() - expected) < 0.01
    # one repeat purchase in t: the chance to have left after it is a / (a + b) on average
    rates, leaves = everybody.rate[buyers], everybody.dropout[buyers]
    assert abs(rates.mean() - R / ALPHA) < 0.002
    assert abs(leaves.mean() - A / (A + B)) < 0.002
    # E[X(t) | rate, dropout] = (1 - exp(-rate * dropout * t)) / dropout, equation (4)
    repeats = ((1 - np.exp(-rates * leaves * watched)) / leaves).mean()
    assert abs((bought.count[buyers] - 1).mean() / repeats - 1) < 0.03


def test_people_of_all_habits_are_there() -> None:
    bought = Purchases(People(Plan(20_000, 360, 1), 0, 20_000))
    share = [(bought.count == n).mean() for n in (0, 1)]
    assert 0.04 < share[0] < 0.06
    assert share[1] > 0.05
    assert 8 < bought.count.mean() < 10
    assert np.sort(bought.count)[-2000:].sum() > bought.count.sum() / 4


def test_churners_bought_often_and_have_not_been_seen_since(clean: dict[str, list[File]], clean_world: Path) -> None:
    person_of = {
        row["customer_id"]: row["person"] for row in truth(clean_world, "customers") if row["source"] == "retail"
    }
    last: dict[str, str] = {}
    for table in ("OnlineTransactions", "InStoreTransactions"):
        for row in latest(clean["retail"], table):
            person = person_of[row["CustomerID"]]
            last[person] = max(last.get(person, ""), row["DateTime"][:10])
    churners = truth(clean_world, "churners")
    assert 20 < len(churners) < 120
    for row in churners:
        assert int(row["purchases"]) >= 5
        assert row["last_purchased_on"] <= "2024-12-31"
        assert last.get(row["person"], "") <= row["last_purchased_on"]


# -- what the models should find


def test_the_first_store_is_one_for_gold_customers_and_the_second_one_for_the_others(big_world: Path) -> None:
    for source in ("retail", "oltp", "domains"):
        best, cheap = planted(big_world)[source]["stores"]
        assert best["sales_by_tier"]["Gold"] > 0.8 * sum(best["sales_by_tier"].values())
        assert cheap["sales_by_tier"]["Bronze"] > 0.6 * sum(cheap["sales_by_tier"].values())


@pytest.mark.parametrize(
    ("source", "table", "order", "product"),
    [
        ("domains", "transaction_items", "transaction_id", "product_id"),
        ("adventureworks", "Sales.SalesOrderDetail", "SalesOrderID", "ProductID"),
    ],
)
def test_planted_pairs_are_bought_together_more_often_than_any_other(
    big: dict[str, list[File]], big_world: Path, source: str, table: str, order: str, product: str
) -> None:
    baskets: defaultdict[Any, set[str]] = defaultdict(set)
    for row in latest(big[source], table, keys=2):
        baskets[row[order]].add(str(row[product]))
    alone = Counter(item for basket in baskets.values() for item in basket)
    together = Counter((a, b) for basket in baskets.values() for a in basket for b in basket if a < b)

    def lift(pair: tuple[str, str]) -> float:
        return together[pair] * len(baskets) / (alone[pair[0]] * alone[pair[1]])

    often = {pair for pair, count in together.items() if count >= 20 and lift(pair) > 5}
    assert often == {tuple(sorted(pair)) for pair in planted(big_world)[source]["pairs"]}


def test_planted_seasons_show_in_what_is_sold(big: dict[str, list[File]], big_world: Path) -> None:
    category = {row["product_id"]: row["category"] for row in latest(big["domains"], "products")}
    sold_on = {row["transaction_id"]: row["transaction_date"][:10] for row in latest(big["domains"], "transactions")}
    by_month: defaultdict[str, Counter[int]] = defaultdict(Counter)
    totals = Counter[int]()
    for row in latest(big["domains"], "transaction_items"):
        month = date.fromisoformat(sold_on[row["transaction_id"]]).month
        by_month[category[row["product_id"]]][month] += 1
        totals[month] += 1
    seasons = planted(big_world)["domains"]["seasons"]
    assert set(seasons) == {"Clothing", "Garden", "Sports", "Toys"}
    for name, season in seasons.items():
        peak = sum(by_month[name][month] for month in season["months"]) / sum(totals[m] for m in season["months"])
        rest = [month for month in totals if month not in season["months"]]
        usual = sum(by_month[name][month] for month in rest) / sum(totals[month] for month in rest)
        assert 1.2 < peak / usual < season["factor"] + 0.3, name


def test_the_promotion_lifts_units_per_line_and_the_gift_does_not(big: dict[str, list[File]], big_world: Path) -> None:
    headers = {row["SalesOrderID"]: row for row in latest(big["adventureworks"], "Sales.SalesOrderHeader")}
    units: defaultdict[int, list[int]] = defaultdict(list)
    for row in latest(big["adventureworks"], "Sales.SalesOrderDetail", keys=2):
        header = headers[row["SalesOrderID"]]
        if header["OnlineOrderFlag"]:
            units[row["SpecialOfferID"]].append(row["OrderQty"])
        if row["SpecialOfferID"] == 5:
            assert (header["OrderDate"].year, header["OrderDate"].month) == (2024, 9)
    usual = sum(units[1]) / len(units[1])
    for promotion in planted(big_world)["adventureworks"]["promotions"]:
        own = units[int(promotion["promotion_id"])]
        assert len(own) > 30
        assert abs(sum(own) / len(own) / usual / promotion["uplift_of_units_per_line"] - 1) < 0.15


def test_the_bad_carrier_is_late_and_loses_parcels(big: dict[str, list[File]], big_world: Path) -> None:
    late: defaultdict[str, list[bool]] = defaultdict(list)
    for row in latest(big["domains"], "shipments"):
        if row["actual_delivery"]:
            late[row["carrier"]].append(row["actual_delivery"] > row["estimated_delivery"])
    for name, expected in planted(big_world)["domains"]["carriers"].items():
        assert abs(sum(late[name]) / len(late[name]) - expected["late_share"]) < 0.06
    lost = Counter(row["carrier"] for row in latest(big["domains"], "shipments") if row["delivery_status"] == "lost")
    assert lost.most_common(1)[0][0] == "Cheap Cargo"


def test_what_is_below_its_reorder_point_is_named(big: dict[str, list[File]], big_world: Path) -> None:
    stock = latest(big["domains"], "inventory")
    low = [row["inventory_id"] for row in stock if int(row["stock_quantity"]) < int(row["reorder_point"])]
    assert low == planted(big_world)["domains"]["below_reorder_point"] != []
    there = Counter[str]()
    for row in latest(big["adventureworks"], "Production.ProductInventory", keys=2):
        there[str(row["ProductID"])] += row["Quantity"]
    products = latest(big["adventureworks"], "Production.Product")
    few = [str(row["ProductID"]) for row in products if there[str(row["ProductID"])] < row["ReorderPoint"]]
    assert few == planted(big_world)["adventureworks"]["below_reorder_point"] != []


def test_the_product_that_is_returned_most_is_named(big: dict[str, list[File]], big_world: Path) -> None:
    refunded = Counter(r["ProductID"] for r in latest(big["retail"], "OnlineTransactions") if r["Status"] == "Refunded")
    assert refunded.most_common(1)[0][0] == planted(big_world)["retail"]["often_returned_product_id"]
    back = {r["transaction_id"] for r in latest(big["domains"], "transactions") if r["status"] == "refunded"}
    items = latest(big["domains"], "transaction_items")
    returned = Counter(row["product_id"] for row in items if row["transaction_id"] in back)
    assert returned.most_common(1)[0][0] == planted(big_world)["domains"]["often_returned_product_id"]


def test_agents_products_and_suppliers_that_stand_out_are_named(big: dict[str, list[File]], big_world: Path) -> None:
    asked, solved = Counter[str](), Counter[str]()
    for row in latest(big["retail"], "CustomerServiceInteractions"):
        asked[row["AgentID"]] += 1
        solved[row["AgentID"]] += row["ResolutionStatus"] == "Resolved"
    rates = {agent: solved[agent] / asked[agent] for agent in asked}
    agents = planted(big_world)["retail"]["agents"]
    assert max(rates, key=rates.__getitem__) == agents["resolves_most"]
    assert min(rates, key=rates.__getitem__) == agents["resolves_least"]
    ratings: defaultdict[str, list[int]] = defaultdict(list)
    for row in latest(big["oltp"], "reviews"):
        ratings[str(row["product_id"])].append(row["rating"])
    liked = {product: sum(given) / len(given) for product, given in ratings.items() if len(given) > 3}
    products = planted(big_world)["oltp"]["products"]
    assert liked[products["liked_most"]] > 4.0 > 3.0 > liked[products["liked_least"]]
    ranked = sorted(latest(big["domains"], "suppliers"), key=lambda row: float(row["quality_rating"]))
    assert ranked[0]["supplier_id"] == planted(big_world)["domains"]["bad_supplier_id"]
