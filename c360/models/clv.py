"""Customer lifetime value: who will buy again, how often, and what that is worth today.

BG/NBD says how often, Gamma-Gamma what a purchase is worth; several orders of a day are one purchase, as in the papers.
Values are revenue, not margin, in the currency of the orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.config.models_conf import Clv
from c360.config.segments import Segments
from c360.gold.columns import money
from c360.gold.summary import ALL
from c360.models import bgnbd, gamma_gamma
from c360.models.bgnbd import BgNbd, Histories
from c360.models.fitting import CannotFitError
from c360.models.gamma_gamma import GammaGamma, Spending
from c360.models.rhythm import histories
from c360.registry import table

WEEK = 7
YEAR = 365


@dataclass(frozen=True)
class Fitted:
    """What could be fitted to some customers, and why the rest could not.

    Attributes:
        customers: with a purchase.
        repeat_customers: of these, on more than one day.
        spending_customers: of these, with a mean value above 0.
        purchases: the model of how often they buy.
        not_fitted: why there is none.
        values: the model of what they spend.
        values_not_fitted: why there is none.
        correlation: of repeat purchases and their mean value, among the spending customers; NaN where one is constant.
    """

    customers: int
    repeat_customers: int
    spending_customers: int
    purchases: BgNbd | None
    not_fitted: str | None
    values: GammaGamma | None
    values_not_fitted: str | None
    correlation: float


def fitted(people: DataFrame, config: Clv) -> Fitted | None:
    """Both models fitted to the `histories` of people; None where there is nobody.

    The engine groups what is equal, so what is fitted here grows with the number of different histories, not of people.
    Sorted, so that sums come out the same whatever order the engine gives.
    """
    grouped = people.groupBy("repeat_purchases", "first_to_last_days", "observed_days").agg(F.count("*").alias("n"))
    x, t_x, age, customers = _columns(grouped)
    if len(x) == 0:
        return None
    some = people.where("repeat_purchases > 0 AND repeat_value > 0")
    spent = some.groupBy("repeat_purchases", F.col("repeat_value").cast("DOUBLE")).agg(F.count("*").alias("n"))
    spending = Spending(*_columns(spent))
    number, repeat = int(customers.sum()), int(customers[x > 0].sum())
    purchases, values, why_not, why_no_values = None, None, _too_few(number, repeat, config), None
    try:
        if why_not is None:
            purchases = bgnbd.fit(Histories(x, t_x / WEEK, age / WEEK, customers), config.penalty)
    except CannotFitError as error:
        why_not = str(error)
    spenders = int(spending.customers.sum())
    try:
        if spenders < config.min_repeat_customers:
            raise CannotFitError(
                f"{spenders} customers have repeat purchases of value, fewer than the {config.min_repeat_customers} of "
                "clv.min_repeat_customers"
            )
        values = gamma_gamma.fit(spending, config.penalty)
    except CannotFitError as error:
        why_no_values = str(error)
    related = spending.correlation() if spenders else float("nan")
    return Fitted(number, repeat, spenders, purchases, why_not, values, why_no_values, related)


def _too_few(customers: int, repeat: int, config: Clv) -> str | None:
    if customers < config.min_customers:
        return f"{customers} customers have bought, fewer than the {config.min_customers} of clv.min_customers"
    if repeat < config.min_repeat_customers:
        return (
            f"{repeat} of {customers} customers have bought on a second day, fewer than the "
            f"{config.min_repeat_customers} of clv.min_repeat_customers"
        )
    return None


def _columns(grouped: DataFrame) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Its columns as numbers, the rows sorted."""
    columns = [np.asarray(column, dtype=np.float64) for column in grouped.toArrow().columns]
    order = np.lexsort(columns[::-1])
    return [column[order] for column in columns]


def predicted(
    people: DataFrame, purchases: BgNbd | None, values: GammaGamma | None, days: int, discount_rate: float = 0.0
) -> DataFrame:
    """The `histories` of people with what the models expect of the days to come, as DOUBLE; null where there is none.

    Returns:
        `people` with p_alive, expected_purchases, discounted_purchases (at the yearly rate), expected_purchase_value.
        The slow function depends on x and T alone: it is asked here once per pair of these, and joined in.
    """
    nothing = F.lit(None).cast("DOUBLE")
    x = F.col("repeat_purchases").cast("DOUBLE")
    value = values.expected_value(x, F.col("repeat_value").cast("DOUBLE")) if values else nothing
    people = people.withColumn("expected_purchase_value", value)
    if purchases is None:
        return people.withColumns(dict.fromkeys(("p_alive", "expected_purchases", "discounted_purchases"), nothing))
    pairs = people.select("repeat_purchases", "observed_days").distinct().toArrow()
    found = [np.asarray(column, dtype=np.float64) for column in pairs.columns]
    per_week = log(1 + discount_rate) * WEEK / YEAR
    ahead = {
        "if_alive": purchases.expected_if_alive(found[0], found[1] / WEEK, days / WEEK),
        "if_alive_discounted": purchases.expected_if_alive(found[0], found[1] / WEEK, days / WEEK, per_week),
    }
    table_ahead = pa.table({name: pairs[name] for name in pairs.column_names} | ahead)
    both = people.join(people.sparkSession.createDataFrame(table_ahead), ["repeat_purchases", "observed_days"])
    alive = purchases.p_alive(x, F.col("first_to_last_days") / F.lit(WEEK), F.col("observed_days") / F.lit(WEEK))
    return (
        both.withColumn("p_alive", alive)
        .withColumn("expected_purchases", F.col("p_alive") * F.col("if_alive"))
        .withColumn("discounted_purchases", F.col("p_alive") * F.col("if_alive_discounted"))
        .drop("if_alive", "if_alive_discounted")
    )


_FIT = {
    "source": ("STRING", "all: persons span the sources"),
    "fitted_until": ("DATE", "the day up to which purchases were seen"),
    "customers": ("BIGINT", "persons with a purchase"),
    "repeat_customers": ("BIGINT", "of these, with purchases on more than one day"),
    "r": ("DOUBLE", "BG/NBD: shape of the purchase rates"),
    "alpha": ("DOUBLE", "BG/NBD: scale of the purchase rates, in weeks; r / alpha is the mean rate per week"),
    "a": ("DOUBLE", "BG/NBD: a / (a + b) is the mean probability to leave after a purchase"),
    "b": ("DOUBLE", "BG/NBD: see a"),
    "log_likelihood": ("DOUBLE", "BG/NBD: of all customers, times in weeks"),
    "not_fitted": ("STRING", "why there is no BG/NBD; null where there is"),
    "spending_customers": ("BIGINT", "repeat customers whose mean value is above 0"),
    "p": ("DOUBLE", "Gamma-Gamma: shape of a customer's purchase values"),
    "q": ("DOUBLE", "Gamma-Gamma: shape of the means among customers; p · v / (q − 1) is the mean value"),
    "v": ("DOUBLE", "Gamma-Gamma: scale, in money"),
    "value_log_likelihood": ("DOUBLE", "Gamma-Gamma: of all spending customers"),
    "values_not_fitted": ("STRING", "why there is no Gamma-Gamma; null where there is"),
    "correlation": ("DOUBLE", "of repeat purchases and their mean value, which Gamma-Gamma takes to be 0"),
}
PARAMETERS = ", ".join(f"{name} {sql_type}" for name, (sql_type, _) in _FIT.items())


@table(
    layer="gold",
    grain=["source"],
    schema=PARAMETERS,
    columns={name: says for name, (_, says) in _FIT.items()},
)
def clv_parameters(purchase_rhythm: DataFrame, segments: Segments, as_of: date) -> DataFrame:
    """One row per population a CLV model is fitted to, which is one: all persons with a purchase.

    The search ends within 1e-6 of the maximum; with the same data it ends at the same place.
    """
    found = fitted(histories(purchase_rhythm, as_of), segments.clv)
    rows = []
    if found:
        m, g = found.purchases, found.values
        purchases = (m.r, m.alpha, m.a, m.b, m.log_likelihood) if m else (None,) * 5
        values = (g.p, g.q, g.v, g.log_likelihood) if g else (None,) * 4
        related = None if np.isnan(found.correlation) else found.correlation
        counted = (ALL, as_of, found.customers, found.repeat_customers)
        rows = [
            (
                *counted,
                *purchases,
                found.not_fitted,
                found.spending_customers,
                *values,
                found.values_not_fitted,
                related,
            )
        ]
    return purchase_rhythm.sparkSession.createDataFrame(rows, PARAMETERS)


def kept(clv_parameters: DataFrame) -> Fitted | None:
    """What `clv_parameters` holds, as it was fitted; None where it is empty."""
    row = clv_parameters.first()
    if row is None:
        return None
    purchases = None if row.r is None else BgNbd(row.r, row.alpha, row.a, row.b, row.log_likelihood)
    values = None if row.p is None else GammaGamma(row.p, row.q, row.v, row.value_log_likelihood)
    return Fitted(
        row.customers,
        row.repeat_customers,
        row.spending_customers,
        purchases,
        row.not_fitted,
        values,
        row.values_not_fitted,
        float("nan") if row.correlation is None else row.correlation,
    )


@table(
    layer="gold",
    grain=["c360_id"],
    schema="""c360_id STRING, repeat_purchases BIGINT, first_to_last_days INT, observed_days INT,
        repeat_value DECIMAL(19,2), p_alive DECIMAL(9,6), expected_purchases DECIMAL(19,6),
        expected_purchase_value DECIMAL(19,2), expected_value DECIMAL(19,2), clv DECIMAL(19,2)""",
    columns={
        "c360_id": "the person",
        "repeat_purchases": "days with a purchase after the first one: the frequency, x, of BG/NBD",
        "first_to_last_days": "days from the first purchase to the last: the recency, t_x, of BG/NBD",
        "observed_days": "days from the first purchase to as_of: T of BG/NBD",
        "repeat_value": "mean revenue of a repeat purchase; null without one",
        "p_alive": "probability that the person still buys at all; 1 without a repeat purchase, as BG/NBD lets nobody "
        "leave before the second; null where the model could not be fitted, see model_report",
        "expected_purchases": "purchases expected within clv.horizon_days of conf/segments.yml; null as p_alive",
        "expected_purchase_value": "revenue expected of the next purchase; null where Gamma-Gamma could not be fitted",
        "expected_value": "revenue expected within the horizon; null where one of the two models is missing",
        "clv": "the same, each purchase discounted to as_of at clv.discount_rate; null as expected_value",
    },
)
def clv(purchase_rhythm: DataFrame, clv_parameters: DataFrame, segments: Segments, as_of: date) -> DataFrame:
    """One row per person with a purchase: what they bought until `as_of`, and what they will over the horizon.

    Predictions are those of `clv_parameters`; the engines agree on them to 1e-6, or a cent.
    """
    config, models = segments.clv, kept(clv_parameters)
    people = predicted(
        histories(purchase_rhythm, as_of),
        models.purchases if models else None,
        models.values if models else None,
        config.horizon_days,
        config.discount_rate,
    )
    worth = F.col("expected_purchase_value")
    return people.select(
        "c360_id",
        "repeat_purchases",
        "first_to_last_days",
        "observed_days",
        "repeat_value",
        F.col("p_alive").cast("DECIMAL(9,6)").alias("p_alive"),
        F.col("expected_purchases").cast("DECIMAL(19,6)").alias("expected_purchases"),
        _money(worth).alias("expected_purchase_value"),
        _money(F.col("expected_purchases") * worth).alias("expected_value"),
        _money(F.col("discounted_purchases") * worth).alias("clv"),
    )


def _money(amount: Column) -> Column:
    """A DOUBLE as money: cut to six digits first, since the engines round doubles differently."""
    return money(amount.cast("DECIMAL(19,6)"))
