"""How good the CLV model is: fitted to the first part of the period, it is held against the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, isnan

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.config.models_conf import Clv
from c360.config.segments import Segments
from c360.gold.summary import ALL
from c360.models.clv import Fitted, fitted, kept, predicted
from c360.models.fitting import at_bounds
from c360.models.report import GRAIN, REPORT, REPORT_COLUMNS, Line, report
from c360.models.rhythm import histories, purchase_days, rhythm
from c360.registry import table

MODEL = "clv"
_HOLDOUT = ("holdout_purchases_error_percent", "holdout_purchases_mean_error", "holdout_revenue_error_percent")


@dataclass(frozen=True)
class Holdout:
    """What was expected and what came in the days held out, of customers who had bought before.

    Attributes:
        cut: the last day the model was fitted to.
        days: held out after it.
        purchases, expected_purchases, same_rate_purchases: made; expected by the model; had all gone on as before.
        error, same_rate_error: sums of the customers' absolute errors in purchases.
        revenue, expected_revenue, same_rate_revenue: likewise; the second is None without Gamma-Gamma.
    """

    cut: date
    days: int
    customers: int
    purchases: float
    expected_purchases: float
    same_rate_purchases: float
    error: float
    same_rate_error: float
    revenue: float
    expected_revenue: float | None
    same_rate_revenue: float


@table(layer="gold", grain=list(GRAIN), schema=REPORT, columns=REPORT_COLUMNS)
def clv_report(orders: DataFrame, clv_parameters: DataFrame, segments: Segments, as_of: date) -> DataFrame:
    """One row per metric of the CLV model: what it was fitted to, whether it may be trusted, how the holdout came out.

    The last share of the period (`clv.holdout_share`) is held out; the model, fitted to what came before, is compared
    with customers who go on at their own rate so far. The engines agree on the numbers to 1e-6.
    """
    config, found = segments.clv, kept(clv_parameters)
    if found is None:
        return report(orders, [])
    tested = _tested(purchase_days(orders), config, as_of)
    return report(orders, [_of_purchases(found), _of_values(found), _related(found, config), *_held(tested)])


def _tested(days: DataFrame, config: Clv, as_of: date) -> Holdout | str:
    """The holdout, or why there is none."""
    first = days.agg(F.min("day").alias("day")).collect()[0].day
    held = ceil((as_of - first).days * config.holdout_share)
    cut = as_of - timedelta(days=held)
    if not held:
        return f"all purchases were made on one day, {first}"
    before = histories(rhythm(days.where(F.col("day") <= F.lit(cut))), cut)
    models = fitted(before, config)
    if models is None or models.purchases is None:
        why = models.not_fitted if models else "nobody has bought"
        return f"up to {cut}, where the last {held} days are held out, the model cannot be fitted: {why}"
    after = days.where(F.col("day") > F.lit(cut)).groupBy("c360_id")
    made = after.agg(F.count("*").alias("purchases"), F.sum("revenue").alias("revenue"))
    both = predicted(before, models.purchases, models.values, held).join(made, "c360_id", "left")
    observed = F.col("observed_days").cast("DOUBLE")
    rate = F.when(observed > 0, F.col("repeat_purchases") / observed).otherwise(F.lit(0.0))
    columns: dict[str, Column] = {
        "purchases": F.coalesce(F.col("purchases"), F.lit(0)).cast("DOUBLE"),
        "expected_purchases": F.col("expected_purchases"),
        "same_rate_purchases": rate * held,
        "revenue": F.coalesce(F.col("revenue"), F.lit(0)).cast("DOUBLE"),
        "expected_revenue": F.col("expected_purchases") * F.col("expected_purchase_value"),
        "same_rate_revenue": rate * held * F.coalesce(F.col("repeat_value").cast("DOUBLE"), F.lit(0.0)),
    }
    columns["error"] = F.abs(columns["expected_purchases"] - columns["purchases"])
    columns["same_rate_error"] = F.abs(columns["same_rate_purchases"] - columns["purchases"])
    # Added up as decimals, as doubles would depend on the order.
    sums = {name: F.sum(value.cast("DECIMAL(28,9)")).cast("DOUBLE").alias(name) for name, value in columns.items()}
    totals = both.agg(F.count("*").alias("customers"), *sums.values()).collect()[0].asDict()
    return Holdout(cut=cut, days=held, **totals)


def _of_purchases(found: Fitted) -> Line:
    return Line(MODEL, ALL, "customers", found.customers, None, _purchases_said(found))


def _purchases_said(found: Fitted) -> str:
    m = found.purchases
    if m is None:
        return f"No purchases are predicted: {found.not_fitted}."
    said = f"BG/NBD is fitted to {found.customers:,} customers, of whom {found.repeat_customers:,} bought again: "
    said += f"r {m.r:.3f}, alpha {m.alpha:.3f} weeks, a {m.a:.3f}, b {m.b:.3f}."
    return said + _edge(r=m.r, a=m.a, b=m.b)


def _edge(**parameters: float) -> str:
    at_its_end = " and ".join(at_bounds(parameters))
    return f" {at_its_end} went as far as the search goes, as the data show no spread there." if at_its_end else ""


def _of_values(found: Fitted) -> Line:
    g = found.values
    said = f"No values are predicted: {found.values_not_fitted}."
    if g is not None:
        said = f"Gamma-Gamma is fitted to {found.spending_customers:,} customers who bought again: "
        said += f"p {g.p:.2f}, q {g.q:.2f}, v {g.v:.2f}; a purchase is worth {g.p * g.v / (g.q - 1):,.2f} in the mean."
        said += _edge(p=g.p, q=g.q)
    return Line(MODEL, ALL, "spending_customers", found.spending_customers, None, said)


def _related(found: Fitted, config: Clv) -> Line:
    related = found.correlation
    if isnan(related):
        said = "Frequency or value is the same for all, so that they do not correlate."
    else:
        said = f"Frequency and value correlate by {related:.2f}; Gamma-Gamma takes them to be independent, "
        bias = "under" if related > 0 else "over"
        off = f"which does not hold: the values of frequent buyers are {bias}stated."
        said += "which holds well enough." if abs(related) <= config.max_correlation else off
    return Line(MODEL, ALL, "frequency_value_correlation", related, None, said)


def _held(tested: Holdout | str) -> Iterator[Line]:
    if isinstance(tested, str):
        for metric in _HOLDOUT:
            yield Line(MODEL, ALL, metric, None, None, f"Not tested: {tested}.")
        return
    t = tested
    yield _compared(t, _HOLDOUT[0], "purchases", t.purchases, t.expected_purchases, t.same_rate_purchases)
    mean, same_rate = t.error / t.customers, t.same_rate_error / t.customers
    said = f"Per customer the model is wrong by {mean:.3f} purchases in the mean, the same rate as before by "
    said += f"{same_rate:.3f}: the model is {_than(mean, same_rate)}."
    yield Line(MODEL, ALL, _HOLDOUT[1], mean, same_rate, said)
    if t.expected_revenue is None:
        yield Line(MODEL, ALL, _HOLDOUT[2], None, None, f"Not tested: up to {t.cut} Gamma-Gamma cannot be fitted.")
    else:
        yield _compared(t, _HOLDOUT[2], "of revenue", t.revenue, t.expected_revenue, t.same_rate_revenue)


def _compared(t: Holdout, metric: str, what: str, came: float, expected: float, same_rate: float) -> Line:
    said = f"In the {t.days} days after {t.cut} {expected:,.0f} {what} were expected of {t.customers:,} customers; "
    said += f"{came:,.0f} came, and the same rate as before would have been {same_rate:,.0f}: "
    if came <= 0:
        return Line(MODEL, ALL, metric, None, None, said + "without any there is no error in percent.")
    model, naive = (100 * abs(number - came) / came for number in (expected, same_rate))
    return Line(MODEL, ALL, metric, model, naive, f"{said}the model is {_than(model, naive)}.")


def _than(model: float, naive: float) -> str:
    if model == naive:
        return "as good as that"
    return "better than that" if model < naive else "worse than that"
