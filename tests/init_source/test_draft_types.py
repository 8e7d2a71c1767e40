"""Which type a column gets, by its values and its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from c360.config.numbers import Numbers
from tests.init_source.drafts import drafted, one_column

TWENTY = [str(n) for n in range(100, 120)]


@pytest.mark.parametrize(
    ("name", "values", "declared"),
    [
        ("customer_id", ["17850.0", "13047.0", "12583.0"], "int"),
        ("customer_id", ["00042", "00043", "10044"], "string"),
        ("customer_id", ["1001", "1002", "A17"], "string"),
        ("zip_code", ["98101", "97201", "94102"], "string"),
        ("phone", ["5551234567", "5551234568", "5551234569"], "string"),
        ("tracking_number", ["9261234567891234567890", "9261234567891234567891"], "string"),
        ("visits", ["3000000000", "1", "2"], "bigint"),
        ("visits", ["12345678901234567890123", "1", "2"], "string"),
        ("amount", ["10", "20", "30"], "money"),
        ("total_visits", ["10", "20", "30"], "int"),
        ("amount", ["10.5", "20", "-30.25"], "money"),
        ("weight_kg", ["0.350", "12.5", "1"], "decimal(11,3)"),
        ("rating", ["4.5", "3.0", "5.0"], "decimal(10,2)"),
        ("reading", ["1.5e3", "2.25", "1"], "double"),
        ("reading", ["0.30000000000000004", "2.25", "1"], "double"),
        ("is_primary", ["true", "false", "true"], "boolean"),
        ("is_primary", ["1", "0", "1"], "boolean"),
        ("priority", ["1", "0", "1"], "int"),
        ("answer", ["Yes", "no", "Yes"], "boolean"),
        ("gender", ["M", "F", "F"], "string"),
        ("country", ["NO", "SE", "NO"], "string"),
        ("open_hours", ["08:00", "09:00", "10:00"], "string"),
        ("app_version", ["3.2.1", "3.2.10", "3.1.8"], "string"),
        ("server", ["10.0.0.1", "10.0.0.2", "10.0.0.3"], "string"),
        ("share", ["10%", "20%", "5%"], "string"),
        ("nothing", ["", "", ""], "string"),
    ],
)
def test_a_type_is_chosen(tmp_path: Path, name: str, values: list[str], declared: str) -> None:
    assert drafted(tmp_path, {"things.csv": one_column(name, *values)}).types[name] == declared


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["1,5", "2,75", "3"], {"decimal": ","}),
        (["1.234,50", "2,75", "3"], {"decimal": ",", "thousands": "."}),
        (["1,234.50", "2.75", "3"], {"thousands": ","}),
        (["1 234,50", "2,75"], {"decimal": ",", "thousands": " "}),
        (["1'234.50", "2.75"], {"thousands": "'"}),
        (["$1,234.50", "$2.75"], {"thousands": ",", "currency": ["$"]}),
        (["12,50 €", "7,25 €", "EUR 1,00"], {"decimal": ",", "currency": ["EUR", "€"]}),
        (["(12.50)", "7.25", "1.00"], {"negative": ["brackets"]}),
        (["12.50-", "7.25", "-1.00"], {"negative": ["before", "after"]}),
        (["-$12.50", "$7.25"], {"currency": ["$"]}),
    ],
)
def test_numbers_as_countries_and_ledgers_write_them(
    tmp_path: Path, values: list[str], numbers: dict[str, object]
) -> None:
    found = drafted(tmp_path, {"sales.csv": one_column("amount", *values)}).column("amount")
    assert found.type == "money"
    assert found.numbers == Numbers.model_validate(numbers)


def test_a_comma_before_three_digits_is_undecided_and_said_so(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"sales.csv": one_column("units", "1,234", "2,345")})
    assert found.column("units").numbers == Numbers(thousands=",")
    assert "no value decides what the comma of 1,234 is: taken for a thousand" in found.line("units:")


def test_other_columns_decide_what_a_point_before_three_digits_is(tmp_path: Path) -> None:
    text = "id;price;units\n1;2,50;1.234\n2;3,75;2.345\n"
    found = drafted(tmp_path, {"sales.csv": text})
    assert found.types["units"] == "int"
    assert found.column("units").numbers == Numbers(decimal=",", thousands=".")


@pytest.mark.parametrize(
    ("values", "declared", "formats"),
    [
        (["2025-03-01", "2025-03-02"], "date", ()),
        (["2025-03-01 10:00:00", "2025-03-02 11:30:00"], "timestamp", ()),
        (["2025-03-01T10:00:00Z", "2025-03-02T11:30:00+01:00"], "timestamp", ("iso",)),
        (["2025-03-01 00:00:00.000", "2025-03-02 00:00:00.000"], "timestamp", ("iso",)),
        (["31/01/2025", "01/02/2025"], "date", ("dd/MM/yyyy",)),
        (["01/31/2025", "02/01/2025"], "date", ("MM/dd/yyyy",)),
        (["1/31/2025", "12/1/2025"], "date", ("M/d/yyyy",)),
        (["31.01.25", "01.02.25"], "date", ("dd.MM.yy",)),
        (["31.01.2025 08:15", "01.02.2025 17:00"], "timestamp", ("dd.MM.yyyy HH:mm",)),
        (["1/31/2025 8:15 AM", "12/1/2025 11:00 PM"], "timestamp", ("M/d/yyyy h:mm a",)),
        (["2025/03/01", "2025/03/02"], "date", ("yyyy/MM/dd",)),
        (["01-Mar-2025", "15-Dec-2024"], "date", ("dd-MMM-yyyy",)),
        (["Mar 1, 2025", "Dec 15, 2024"], "date", ("MMM d, yyyy",)),
        (["20250301", "20250302"], "date", ("yyyyMMdd",)),
        (["1740787200", "1740873600"], "timestamp", ("unix",)),
        (["1740787200000", "1740873600000"], "timestamp", ("unix_millis",)),
        (["45717", "45718"], "date", ("excel",)),
        (["2025-03-01", "31/01/2025", "2025-03-02"], "date", ("yyyy-MM-dd", "dd/MM/yyyy")),
        (["2025-03-01", "2025-03-02 10:00:00"], "timestamp", ("iso",)),
    ],
)
def test_dates_get_their_formats(tmp_path: Path, values: list[str], declared: str, formats: tuple[str, ...]) -> None:
    found = drafted(tmp_path, {"things.csv": one_column("sent_at", *values)}).column("sent_at")
    assert (found.type, found.formats) == (declared, formats)


@pytest.mark.parametrize(
    ("values", "formats", "said"),
    [
        (["01/02/2025", "03/04/2025"], ("MM/dd/yyyy",), "month first, as is usual with /"),
        (["01.02.2025", "03.04.2025"], ("dd.MM.yyyy",), "day first, as is usual with ."),
        (
            ["13/02/2025", "03/14/2025"],
            ("dd/MM/yyyy", "MM/dd/yyyy"),
            "some values have the day first, others the month",
        ),
    ],
)
def test_what_no_value_decides_is_said(tmp_path: Path, values: list[str], formats: tuple[str, ...], said: str) -> None:
    found = drafted(tmp_path, {"things.csv": one_column("sent_on", *values)})
    assert found.column("sent_on").formats == formats
    assert said in found.line("sent_on:")


def test_other_columns_of_the_file_decide_between_day_and_month(tmp_path: Path) -> None:
    text = "id,sent_on,paid_on\n1,01/02/2025,13/02/2025\n2,03/04/2025,05/04/2025\n"
    found = drafted(tmp_path, {"invoices.csv": text})
    assert found.column("sent_on").formats == ("dd/MM/yyyy",)
    assert "no value decides between day and month: day first, as other columns of the file have it" in found.text


@pytest.mark.parametrize(
    ("values", "declared", "nulls"),
    [
        (["1", "N/A", "3"], "int", ("N/A",)),
        (["2025-03-01", "NULL", r"\N"], "date", ("NULL", r"\N")),
        (["2025-03-01", "0000-00-00", "2025-03-02"], "date", ("0000-00-00",)),
        (["1.50", "-", "none"], "money", ("-", "none")),
        (["red", "N/A", "blue"], "string", ("N/A",)),
        (["none", "full", "part"], "string", ()),
    ],
)
def test_texts_that_mean_null_are_declared(
    tmp_path: Path, values: list[str], declared: str, nulls: tuple[str, ...]
) -> None:
    found = drafted(tmp_path, {"things.csv": one_column("paid", *values)}).column("paid")
    assert (found.type, found.null_values) == (declared, nulls)


def test_a_little_dirt_does_not_change_a_type_and_is_shown(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"things.csv": one_column("visits", *TWENTY, "many")})
    assert found.types["visits"] == "int"
    assert "1 of 21 are none and will be rejected, such as 'many'" in found.line("visits:")


def test_dirt_in_a_personal_column_is_not_shown(tmp_path: Path) -> None:
    days = [f"19{n}-01-01" for n in range(60, 80)]
    found = drafted(tmp_path, {"people.csv": one_column("birth_date", *days, "Ann's")})
    assert found.column("birth_date").pii
    assert "1 of 21 are none and will be rejected;" in found.line("birth_date:")
    assert "Ann" not in found.text


def test_empty_and_constant_columns_are_told(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"things.csv": "id,kind,note\n1,a,\n2,a,\n"})
    assert found.line("kind:") == "kind: string  # always 'a'"
    assert found.line("note:") == "note: string  # empty"


def test_a_few_repeated_words_are_suggested_as_the_only_ones(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"things.csv": one_column("status", *["open", "closed", "no"] * 4)})
    assert found.column("status").accepted is None
    assert found.line("status:").endswith("accepted: [closed, 'no', open]")
