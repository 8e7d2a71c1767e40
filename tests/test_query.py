"""Rows as text; what the commands make of a whole lake is in tests/input/test_cli_*.py."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from rich.console import Console

from c360.output import Rows, card, counted, visible, write


def written(rows: Rows, form: str) -> str:
    out = io.StringIO()
    write(rows, form, Console(file=out, width=160))
    return out.getvalue()


@pytest.mark.parametrize(("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234567, "1,234,567 rows")])
def test_things_are_counted_as_people_count_them(number: int, text: str) -> None:
    assert counted(number, "row") == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Ł. 日本 שלום 👩‍🚀 e\u0301", "Ada Ł. 日本 שלום 👩‍🚀 e\u0301"),
        ("a\nb\tc\rd\x00\x1b[0m\x7f\x9b", "a\\nb\\tc\\rd\\x00\\x1b[0m\\x7f\\x9b"),
        ("\u202eabc\u2066\u200f\u2028", "\\u202eabc\\u2066\\u200f\\u2028"),
        ("\udcff", "\\udcff"),
        ("C:\\new", "C:\\new"),
    ],
)
def test_what_cannot_be_seen_is_written_out_and_the_rest_is_left_alone(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_rows_are_a_header() -> None:
    nothing = Rows(("a", "b"), [])

    assert written(nothing, "csv") == "a,b\n"
    assert written(nothing, "json") == "[]\n"
    assert written(nothing, "table").splitlines() == ["┏━━━┳━━━┓", "┃ a ┃ b ┃", "┡━━━╇━━━┩", "└───┴───┘", "0 rows"]


def test_a_value_is_the_same_in_each_form() -> None:
    berlin = timezone(timedelta(hours=1))
    row = (
        Decimal("0E-4"),
        Decimal("12.5000"),
        date(2025, 3, 1),
        datetime(2025, 3, 1, 12, tzinfo=berlin),
        datetime(2025, 3, 1, 11, 0, 0, 5, UTC),
        True,
        1.5,
        b"\x00\xff",
        ["a", None, Decimal("1.0")],
        {"k": date(2025, 3, 1)},
        None,
        "",
        'say "hi", or\r',
    )
    rows = Rows(tuple("abcdefghijklm"), [row])

    assert written(rows, "csv") == (
        "a,b,c,d,e,f,g,h,i,j,k,l,m\n"
        "0.0000,12.5000,2025-03-01,2025-03-01 11:00:00,2025-03-01 11:00:00.000005,true,1.5,00ff,"
        '"[""a"", null, ""1.0""]","{""k"": ""2025-03-01""}",,"","say ""hi"", or\r"\n'
    )
    assert written(Rows(("a", "d", "f", "h", "k"), [(row[0], row[3], row[5], row[7], None)]), "json") == (
        '[\n {\n  "a": "0.0000",\n  "d": "2025-03-01 11:00:00",\n  "f": true,\n  "h": "00ff",\n  "k": null\n }\n]\n'
    )


def test_a_card_shows_what_is_known() -> None:
    out = io.StringIO()

    card("[b]Ada", {"full_name": "[b]Ada", "orders": 2, "phone": None}, Console(file=out, width=80))

    assert out.getvalue() == "[b]Ada\nfull_name  [b]Ada\norders     2\n"
