from __future__ import annotations

from datetime import date, timedelta

import pytest
from gold.rows import gold, result, unified

from c360.config.models_conf import Clv
from c360.config.segments import Segments
from c360.models.clv import clv, clv_parameters
from c360.models.holdout import clv_report
from c360.models.report import Line, model_report, report
from c360.models.rhythm import purchase_rhythm
from c360.registry import load

AS_OF = date(2025, 3, 31)
SMALL = Segments(clv=Clv(min_customers=4, min_repeat_customers=2))
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "p": 6.25, "q": 3.74, "v": 15.44}
METRICS = [
    "customers",
    "frequency_value_correlation",
    "holdout_purchases_error_percent",
    "holdout_purchases_mean_error",
    "holdout_revenue_error_percent",
    "spending_customers",
]


def orders(spark, purchases):
    """Person → (moment, amount) of orders that brought revenue; a third item says whether they did."""
    rows = [
        {
            "order_id": f"{person}{n}",
            "c360_id": person,
            "ordered_at": order[0],
            "total_amount": order[1],
            "is_revenue": (*order, True)[2],
        }
        for person, bought in purchases.items()
        for n, order in enumerate(bought)
    ]
    return unified(spark, "orders", *rows)


def people(spark, rhythms):
    """Person → (purchase days, first, last, revenue of all but the first)."""
    columns = ("purchase_days", "first_purchased_on", "last_purchased_on", "repeat_revenue")
    rows = [{"c360_id": person} | dict(zip(columns, said, strict=True)) for person, said in rhythms.items()]
    return gold(spark, "purchase_rhythm", *rows)


def parameters(spark, **known):
    row = {"source": "all", "fitted_until": "2025-03-31", "customers": 9, "repeat_customers": 5}
    return gold(spark, "clv_parameters", row | {"spending_customers": 5} | known)


def shop(customers=160):
    """Regular and irregular buyers of two years; what they spend varies."""
    found = {}
    for n in range(customers):
        first, every, times = date(2023, 4, 1) + timedelta(n * 3), 9 + n % 61, (n * 7) % 12
        days = [first + timedelta(every * k + (n * k) % 5) for k in range(times + 1)]
        found[f"c{n:03}"] = [(str(d), f"{20 + (n * 13) % 50 + k}.50") for k, d in enumerate(days) if d <= AS_OF]
    return found


def test_a_rhythm_counts_days_with_revenue_and_adds_up_all_but_the_first(spark):
    found = purchase_rhythm(
        orders(
            spark,
            {
                "ada": [
                    ("2025-01-01 00:00:00", "10.00"),
                    ("2025-01-01 23:59:59", "5.00"),  # the same day
                    ("2025-01-31 08:00:00", "20.0050"),
                    ("2025-02-10 08:00:00", "99.00", False),
                    ("2025-03-01 08:00:00", None),
                ],
                "bob": [("2025-02-01", "7.00")],
                "cyd": [("2025-02-01", "7.00", False)],
                "dan": [(None, "7.00")],
                None: [("2025-02-01", "7.00")],
            },
        )
    )
    assert result(found) == [
        ("ada", 3, "2025-01-01", "2025-03-01", "20.01"),
        ("bob", 1, "2025-02-01", "2025-02-01", None),
    ]


def test_a_persons_row_says_what_was_bought_and_what_the_parameters_predict(spark):
    found = clv(
        people(
            spark,
            {
                "ada": (3, "2024-07-01", "2025-03-03", "80.00"),
                "bob": (1, "2024-07-01", "2024-07-01", None),
                "cyd": (2, "2024-07-01", "2024-07-13", "0.00"),
                "dan": (1, "2025-03-31", "2025-03-31", None),
            },
        ),
        parameters(spark, **CDNOW),
        Segments(clv=Clv(horizon_days=273)),
        AS_OF,
    )
    # The first two predictions are those of the lifetimes package with these parameters.
    assert result(found) == [
        ("ada", 2, 245, 273, "40.00", "0.776696", "1.307002", "39.14", "51.16", "49.48"),
        ("bob", 0, 0, 273, None, "1.000000", "0.194531", "35.22", "6.85", "6.62"),
        ("cyd", 1, 12, 273, "0.00", "0.211576", "0.202116", "10.73", "2.17", "2.10"),
        ("dan", 0, 0, 0, None, "1.000000", "1.196723", "35.22", "42.15", "40.90"),
    ]


def test_without_a_fit_there_are_rows_with_nulls(spark):
    rows = people(
        spark, {"ada": (2, "2025-01-01", "2025-01-31", "30.00"), "bob": (1, "2025-03-01", "2025-03-01", None)}
    )
    for known in (parameters(spark, not_fitted="too few"), gold(spark, "clv_parameters")):
        assert result(clv(rows, known, SMALL, AS_OF)) == [
            ("ada", 1, 30, 89, "30.00", None, None, None, None, None),
            ("bob", 0, 0, 30, None, None, None, None, None, None),
        ]
    only_values = parameters(spark, p=6.25, q=3.74, v=15.44)
    assert result(clv(rows, only_values, SMALL, AS_OF), "p_alive", "expected_purchase_value", "clv") == [
        (None, "31.59", None),
        (None, "35.22", None),
    ]
    only_purchases = parameters(spark, r=0.243, alpha=4.414, a=0.793, b=2.426)
    found = result(clv(rows, only_purchases, SMALL, AS_OF), "expected_purchase_value", "expected_value", "clv")
    assert found == [(None, None, None), (None, None, None)]


@pytest.mark.parametrize(
    ("rhythms", "reason", "no_values"),
    [
        (
            {"ada": (3, "2025-01-01", "2025-02-01", "9.00")},
            "1 customers have bought, fewer than the 4 of clv.min_customers",
            "1 customers have repeat purchases of value, fewer than the 2 of clv.min_repeat_customers",
        ),
        (
            {f"c{n}": (1, f"2025-01-0{n}", f"2025-01-0{n}", None) for n in range(1, 7)},
            "0 of 6 customers have bought on a second day, fewer than the 2 of clv.min_repeat_customers",
            "0 customers have repeat purchases of value, fewer than the 2 of clv.min_repeat_customers",
        ),
        (
            {f"c{n}": (2, f"2025-01-0{n}", f"2025-02-0{n}", "5.00") for n in range(1, 7)},
            "all customers have 1 repeat purchases, so their differences cannot be estimated",
            "the purchases of all customers have the same value, so there are no differences to estimate",
        ),
    ],
)
def test_what_cannot_be_fitted_is_no_failure_but_a_reason(spark, rhythms, reason, no_values):
    (found,) = clv_parameters(people(spark, rhythms), SMALL, AS_OF).collect()
    assert (found.source, found.customers, found.r, found.p) == ("all", len(rhythms), None, None)
    assert (found.not_fitted, found.values_not_fitted) == (reason, no_values)


def test_a_shop_is_fitted_and_the_same_whatever_the_order_of_its_rows(spark):
    rhythm = purchase_rhythm(orders(spark, shop()))
    one = clv_parameters(rhythm, Segments(), AS_OF).collect()
    other = clv_parameters(rhythm.repartition(3).orderBy("last_purchased_on"), Segments(), AS_OF).collect()
    assert one == other
    assert (one[0].customers, one[0].not_fitted, one[0].values_not_fitted) == (160, None, None)
    assert one[0].r > 0
    assert one[0].q > 1


def test_the_report_names_what_was_fitted_and_holds_it_against_going_on_as_before(spark):
    bought = orders(spark, shop())
    known = clv_parameters(purchase_rhythm(bought), Segments(), AS_OF)
    lines = {row.metric: row for row in clv_report(bought, known, Segments(), AS_OF).collect()}
    assert sorted(lines) == METRICS
    assert lines["customers"].verdict.startswith("BG/NBD is fitted to 160 customers, of whom 146 bought again: r ")
    purchases = lines["holdout_purchases_error_percent"]
    assert purchases.verdict.startswith("In the 183 days after 2024-09-29 ")
    better = purchases.value < purchases.baseline
    assert purchases.verdict.endswith(f": the model is {'better' if better else 'worse'} than that.")
    assert {(row.model, row.source) for row in lines.values()} == {("clv", "all")}


def test_where_nothing_was_fitted_the_report_has_the_same_lines_with_the_reason(spark):
    bought = orders(spark, {"ada": [("2025-01-01", "5.00"), ("2025-03-01", "5.00")], "bob": [("2025-03-31", "5.00")]})
    known = clv_parameters(purchase_rhythm(bought), Segments(), AS_OF)
    found = result(clv_report(bought, known, Segments(), AS_OF), "metric", "value", "baseline", "verdict")
    why = "2 customers have bought, fewer than the 100 of clv.min_customers"
    held = "Not tested: up to 2025-03-08, where the last 23 days are held out, the model cannot be fitted: 1 customers"
    held += " have bought, fewer than the 100 of clv.min_customers."
    assert found == [
        ("customers", "2.000000", None, f"No purchases are predicted: {why}."),
        (
            "frequency_value_correlation",
            None,
            None,
            "Frequency or value is the same for all, so that they do not correlate.",
        ),
        *((metric, None, None, held) for metric in METRICS[2:5]),
        (
            "spending_customers",
            "1.000000",
            None,
            "No values are predicted: 1 customers have repeat purchases of value, fewer than the 30 of "
            "clv.min_repeat_customers.",
        ),
    ]


def test_purchases_of_a_single_day_leave_nothing_to_hold_out(spark):
    bought = orders(spark, {"ada": [("2025-03-31", "5.00")]})
    known = clv_parameters(purchase_rhythm(bought), Segments(), AS_OF)
    found = {row.metric: row.verdict for row in clv_report(bought, known, Segments(), AS_OF).collect()}
    assert found[METRICS[2]] == "Not tested: all purchases were made on one day, 2025-03-31."


def test_frequency_that_goes_with_value_is_warned_of(spark):
    bought = orders(spark, {"ada": [("2025-01-01", "5.00")]})
    for related, said in ((0.31, "frequent buyers are understated."), (-0.31, "frequent buyers are overstated.")):
        known = parameters(spark, correlation=related)
        (line,) = clv_report(bought, known, Segments(), AS_OF).where("metric = 'frequency_value_correlation'").collect()
        assert line.verdict.endswith(said)
    (line,) = (
        clv_report(bought, parameters(spark, correlation=0.3), Segments(), AS_OF)
        .where("metric = 'frequency_value_correlation'")
        .collect()
    )
    assert line.verdict.endswith("which holds well enough.")


def test_a_line_is_a_row_and_what_is_not_finite_is_null(spark):
    lines = [
        Line("clv", "all", "one", 1 / 3, float("nan"), "Says one."),
        Line("clv", "all", "two", 2.0000005, float("inf"), "Says two."),
        Line("clv", "all", "zero", None, -0.5, "Says zero."),
    ]
    assert result(report(spark.range(1), lines)) == [
        ("clv", "all", "one", "0.333333", None, "Says one."),
        ("clv", "all", "two", "2.000001", None, "Says two."),
        ("clv", "all", "zero", None, "-0.500000", "Says zero."),
    ]


def test_the_report_has_the_lines_of_every_model(spark):
    lines = {name: [Line(name, "all", "error", 1.0, 2.0, f"Of {name}.")] for name in load()["gold.model_report"].inputs}
    found = model_report(**{name: report(spark.range(1), said) for name, said in lines.items()})
    assert result(found) == sorted((name, "all", "error", "1.000000", "2.000000", f"Of {name}.") for name in lines)
    assert "clv_report" in lines


def test_a_parameter_at_the_end_of_the_search_is_named_in_the_report(spark):
    known = parameters(spark, **(CDNOW | {"r": 1000.0, "q": 1000.0}))
    lines = clv_report(orders(spark, {"ada": [("2025-01-01", "5.00")]}), known, Segments(), AS_OF)
    found = {row.metric: row.verdict for row in lines.collect()}
    for metric, name in (("customers", "r"), ("spending_customers", "q")):
        assert found[metric].endswith(f" {name} went as far as the search goes, as the data show no spread there.")
