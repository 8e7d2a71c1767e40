"""What the models say of themselves: how well each does on data it has not seen, and beside what.

A model adds its lines with a table of its own, `gold.<model>_report`, whose last step is `report(frame, lines)`:

    @table(layer="gold", grain=list(GRAIN), schema=REPORT, columns=REPORT_COLUMNS)
    def clv_report(orders: DataFrame, …, as_of: date) -> DataFrame:
        return report(orders, [Line("clv", ALL, "holdout_purchases", 1653, 2900, "…")])

and with its name among the parameters of `model_report` below; nothing else is to be done. Every line has a verdict, a
sentence with its numbers, also where the model could not be fitted: it then says why. Without data there are no lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pyspark.sql import DataFrame

from c360.registry import table

GRAIN = ("model", "source", "metric")
REPORT = "model STRING, source STRING, metric STRING, value DECIMAL(19,6), baseline DECIMAL(19,6), verdict STRING"
REPORT_COLUMNS = {
    "model": "the model the line is about, such as clv",
    "source": "the system whose data it was fitted to, or all",
    "metric": "what was measured",
    "value": "what the model has; null where it could not be fitted",
    "baseline": "what the naive alternative named in the verdict has; null where there is none",
    "verdict": "what the numbers mean, in a sentence; or why there are none",
}


@dataclass(frozen=True)
class Line:
    """One line of the report; its attributes are the columns. A value that is not finite becomes null."""

    model: str
    source: str
    metric: str
    value: float | None
    baseline: float | None
    verdict: str


def report(beside: DataFrame, lines: Iterable[Line]) -> DataFrame:
    """One row per line, in the session of the frame `beside`."""
    rows = [
        (line.model, line.source, line.metric, decimal(line.value, 6), decimal(line.baseline, 6), line.verdict)
        for line in lines
    ]
    return beside.sparkSession.createDataFrame(rows, REPORT)


def decimal(value: float | None, digits: int) -> Decimal | None:
    """The number with so many digits, rounded half up; None where it is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@table(layer="gold", grain=list(GRAIN), schema=REPORT, columns=REPORT_COLUMNS)
def model_report(clv_report: DataFrame, forecast_report: DataFrame, affinity_report: DataFrame) -> DataFrame:
    """One row per model, source and metric: how well the model does, beside a naive alternative, and what that means.

    A union of the models' own tables; see the module for how a model adds its lines.
    """
    return clv_report.unionByName(forecast_report).unionByName(affinity_report)
