"""Numbers as people and other countries write them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from tables import source_of

from c360.config.numbers import Numbers
from c360.silver.checks import value_of
from c360.silver.shape import Shape

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GERMAN = {"decimal": ",", "thousands": ".", "currency": ["€", "EUR"], "negative": ["before", "after"]}
SWISS = {"thousands": "'", "currency": ["CHF", "Fr."], "negative": "brackets"}
FRENCH = {"decimal": ",", "thousands": " "}
ENGLISH = {"thousands": ",", "currency": "$", "negative": ["before", "brackets"]}

WRITTEN = {
    "german": (
        GERMAN,
        {
            "1.234,56": "1234.56",
            "1234,56": "1234.56",
            "-1.234.567,8": "-1234567.8",
            "12,50 €": "12.5",
            "€ 12,50": "12.5",
            "-€12,50": "-12.5",
            "€ -12,50": "-12.5",
            "EUR 5": "5",
            "5EUR": "5",
            "5,00-": "-5",
            "12,50 €-": "-12.5",
            ",5": "0.5",
            "5,": "5",
            "\u00a012,50\u00a0€": "12.5",
            "1.23,4": None,
            "12.34": None,
            "1.2345": None,
            "1,2,3": None,
            "12€50": None,
            "€€5": None,
            "€": None,
            "-": None,
            "--5": None,
            "5--": None,
            "5 USD": None,
            "(5)": None,
            "1e3": None,
            "٥": None,
            "5\u2028": None,
        },
    ),
    "swiss": (
        SWISS,
        {
            "1'234.50": "1234.5",
            "1’234.50": "1234.5",
            "Fr. 5.25": "5.25",
            "(5)": "-5",
            "(CHF 1'000)": "-1000",
            "CHF (5.5)": "-5.5",
            "5": "5",
            "-5": None,
            "(5": None,
            "(-5)": None,
        },
    ),
    "french": (FRENCH, {"1 234,5": "1234.5", "1\u202f234\u00a0567": "1234567", "12 34": None, "+7": "7"}),
    "english": (ENGLISH, {"$1,234.50": "1234.5", "($5.00)": "-5", "-$5": "-5", "1,23": None, "5.": "5"}),
}


@pytest.mark.parametrize("country", WRITTEN)
def test_numbers_are_read_as_their_source_writes_them(spark: SparkSession, country: str) -> None:
    numbers, texts = WRITTEN[country]
    source = source_of("t: {files: t.csv, key: id, columns: {id: int, amount: money}}")
    source = source.model_copy(update={"numbers": Numbers(**numbers)})
    rows = spark.createDataFrame([(text,) for text in texts], "amount STRING")
    value = value_of("amount", "amount", Shape(source, "t")).alias("value")
    found = {row["amount"]: row["value"] for row in rows.select("amount", value).collect()}
    assert found == {text: None if number is None else Decimal(number) for text, number in texts.items()}


def test_a_column_can_write_them_in_its_own_way_and_ids_stay_texts(spark: SparkSession) -> None:
    source = source_of("""
      t:
        files: t.csv
        key: id
        columns:
          id: string
          amount: {type: "decimal(10,2)", numbers: {decimal: ","}}
          count: int
          share: {type: double, numbers: {decimal: ","}}
    """)
    rows = spark.createDataFrame(
        [("007", "1,5", "17850.0", "0,25"), ("1,5", "1.5", "1,5", "1e3")],
        "id STRING, amount STRING, count STRING, share STRING",
    )
    values = [value_of(c, c, Shape(source, "t")).alias(c) for c in rows.columns]
    found: list[Any] = [tuple(row) for row in rows.select(*values).collect()]
    assert found == [("007", Decimal("1.50"), 17850, 0.25), ("1,5", None, None, None)]


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ','"),
        ({"currency": ["€", "1"]}, "'1' is no currency"),
        ({"currency": [" "]}, "' ' is no currency"),
        ({"negative": []}, "at least 1"),
    ],
)
def test_marks_that_cannot_be_told_apart_are_refused(numbers: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Numbers(**numbers)
