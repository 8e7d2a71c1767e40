"""CDNOW, on which the papers were written: 2,357 customers, 39 weeks to fit and 39 to predict."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from gold.rows import unified

from c360.config.models_conf import Clv
from c360.config.segments import Segments
from c360.models import bgnbd, gamma_gamma
from c360.models.clv import clv, clv_parameters
from c360.models.holdout import clv_report
from c360.models.rhythm import purchase_rhythm

DATA = Path(os.environ.get("C360_REAL_DATA", Path(__file__).parents[3] / "shared/data")) / "cdnow"
FITTED_UNTIL, END = date(1997, 9, 30), date(1998, 6, 30)
WEEKS_39 = (END - FITTED_UNTIL).days
SEGMENTS = Segments(clv=Clv(horizon_days=WEEKS_39, discount_rate=0, holdout_share=0.5))

pytestmark = pytest.mark.skipif(
    not (DATA / "CDNOW_sample.txt").is_file(), reason=f"no CDNOW data in {DATA}; name its parent in C360_REAL_DATA"
)


@pytest.fixture(scope="module")
def orders(spark):
    lines = [line.split() for line in (DATA / "CDNOW_sample.txt").read_text().splitlines()]
    return unified(
        spark,
        "orders",
        *(
            {
                "order_id": str(n),
                "c360_id": person,
                "ordered_at": f"{day[:4]}-{day[4:6]}-{day[6:]}",
                "total_amount": amount,
                "is_revenue": True,
            }
            for n, (_, person, day, _, amount) in enumerate(lines)
        ),
    ).cache()


@pytest.fixture(scope="module")
def calibration(orders):
    """What the tables of the first 39 weeks are: the rhythm and the parameters."""
    rhythm = purchase_rhythm(orders.where(f"ordered_at < '{FITTED_UNTIL}' + interval 1 day")).cache()
    return rhythm, clv_parameters(rhythm, SEGMENTS, FITTED_UNTIL).cache()


def summary():
    with (DATA / "cdnow_customers_summary_with_transactions.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T", "zbar")}


def published(found):
    assert [round(found[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
    assert found["log_likelihood"] == pytest.approx(-9582.4, abs=0.05)
    assert [round(found["p"], 2), round(found["q"], 2), round(found["v"], 1)] == [6.25, 3.74, 15.4]


def test_the_raw_transactions_give_the_published_parameters(calibration):
    (found,) = calibration[1].collect()
    published(found.asDict())
    assert (found.customers, found.repeat_customers, found.not_fitted, found.values_not_fitted) == (
        2357,
        946,
        None,
        None,
    )
    assert found.correlation == pytest.approx(0.11, abs=0.005)


def test_the_published_summary_gives_the_published_parameters():
    rows = summary()
    one, again = np.ones(len(rows["x"])), rows["x"] > 0
    purchases = bgnbd.fit(bgnbd.Histories(rows["x"], rows["t_x"], rows["T"], one))
    values = gamma_gamma.fit(gamma_gamma.Spending(rows["x"][again], rows["zbar"][again], one[again]))
    published(values.__dict__ | purchases.__dict__)


def test_1653_purchases_are_expected_of_the_second_39_weeks_and_the_report_says_that_1882_came(spark, orders):
    parameters = clv_parameters(purchase_rhythm(orders), SEGMENTS, END)
    report = {row.metric: row for row in clv_report(orders, parameters, SEGMENTS, END).collect()}
    purchases = report["holdout_purchases_error_percent"]
    assert purchases.verdict.startswith(
        "In the 273 days after 1997-09-30 1,653 purchases were expected of 2,357 customers; 1,882 came, and the same "
        "rate as before would have been "
    )
    assert purchases.verdict.endswith(": the model is better than that.")
    assert float(purchases.value) == pytest.approx(100 * (1882 - 1653) / 1882, abs=0.05)
    assert purchases.baseline > purchases.value
    for metric in ("holdout_purchases_mean_error", "holdout_revenue_error_percent"):
        assert report[metric].value < report[metric].baseline, metric


def test_each_customer_is_expected_to_do_what_the_lifetimes_package_says(calibration):
    lifetimes = pytest.importorskip("lifetimes", reason="lifetimes is not installed: pip install lifetimes")
    rows = clv(*calibration, SEGMENTS, FITTED_UNTIL).toArrow()
    ours = {name: np.asarray(rows[name], dtype=float) for name in rows.column_names if name != "c360_id"}
    x, z = ours["repeat_purchases"], np.nan_to_num(ours["repeat_value"])
    weeks = (x, ours["first_to_last_days"] / 7, ours["observed_days"] / 7)
    purchases = lifetimes.BetaGeoFitter().fit(*weeks)
    values = lifetimes.GammaGammaFitter().fit(x[z > 0], z[z > 0])
    theirs = {
        "expected_purchases": purchases.conditional_expected_number_of_purchases_up_to_time(WEEKS_39 / 7, *weeks),
        "p_alive": purchases.conditional_probability_alive(*weeks),
    }
    for name, expected in theirs.items():
        assert np.abs(ours[name] - expected).max() < 1e-4, name
    worth = np.asarray(values.conditional_expected_average_profit(x, z))
    assert np.abs(ours["expected_purchase_value"] / worth - 1).max() < 1e-3
    assert len(x) == 2357
