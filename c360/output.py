"""Rows as people and programs read them: a table, CSV, JSON.

A table is for eyes: control characters are written out, so that nothing a customer typed can move the cursor or turn
the text around, and long values are cut. CSV and JSON are for programs: every value whole and exactly as it is, also
one that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from c360.errors import ConfigError

LONGEST = 300
"""Characters of a value that a table shows."""

_NARROWEST = 24
"""A column of a table is folded to no less, where its values are longer."""

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_QUOTED_IN_CSV = re.compile('[,"\r\n]')


@dataclass(frozen=True)
class Rows:
    """Named columns and their rows; `more` says that there are others."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    more: bool = False


def visible(text: str) -> str:
    r"""`text` for a terminal: control characters, and those that change its direction, as `\n`, `\x1b`, `\u202e`."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def write(rows: Rows, form: str | Literal["table", "csv", "json"], console: Console) -> None:
    """Print rows; csv and json to be read by a program, a table by a person.

    Raises:
        ConfigError: two columns have one name, which an object of JSON cannot hold.
    """
    if form == "table":
        _write_table(rows, console)
        return
    if form == "csv":
        lines = [rows.columns, *([None if v is None else _text(v) for v in row] for row in rows.rows)]
        console.file.write("".join(",".join(map(_csv_cell, line)) + "\n" for line in lines))
    else:
        twice = sorted({c for c in rows.columns if rows.columns.count(c) > 1})
        if twice:
            raise ConfigError(f"several columns are called {', '.join(twice)}; give each a name of its own (AS)")
        objects = [dict(zip(rows.columns, map(_plain, row), strict=True)) for row in rows.rows]
        console.file.write(json.dumps(objects, ensure_ascii=False, indent=1) + "\n")
    if rows.more:
        print(f"{counted(len(rows.rows), 'row')}, and more (--limit)", file=sys.stderr)


def card(title: str, values: Mapping[str, Any], console: Console) -> None:
    """Print one row as a list of its columns; those that are null are left out."""
    shown = {name: value for name, value in values.items() if value is not None}
    console.print(Text(visible(title), style="bold"), soft_wrap=True)
    _write_fields(shown, console)


def counted(number: int, thing: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def _write_table(rows: Rows, console: Console) -> None:
    cells = [["" if v is None else _cell(v) for v in row] for row in rows.rows]
    names = [visible(c) for c in rows.columns]
    widths = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    on_terminal = console.is_terminal
    if on_terminal and sum(min(w, _NARROWEST) + 3 for w in widths) + 1 > console.width:
        for number, row in enumerate(cells, 1):  # folded to a few letters a column, nobody could read it
            console.print(Text(f"── {number} ──", style="dim"))
            _write_fields(dict(zip(names, row, strict=True)), console)
    else:
        table = Table(header_style="bold")
        for name in names:
            table.add_column(Text(name), overflow="fold")
        for row in cells:
            table.add_row(*map(Text, row))
        whole = sum(w + 3 for w in widths) + 1  # `less -S` and grep fold nothing
        (console if on_terminal else type(console)(file=console.file, width=whole)).print(table)
    console.print(
        counted(len(rows.rows), "row") + (", and more (--limit)" if rows.more else ""), highlight=False, soft_wrap=True
    )


def _write_fields(values: Mapping[str, Any], console: Console) -> None:
    width = max(map(cell_len, values), default=0)
    for name, value in values.items():
        padded = name + " " * (width - cell_len(name))
        console.print(Text.assemble((padded, "bold"), "  ", _cell(value)), soft_wrap=True)


def _cell(value: Any) -> str:
    text = _text(value)
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
    return visible(cut)


def _csv_cell(text: str | None) -> str:
    """Nothing for null, and an empty text as `""`, so that the two can be told apart."""
    if text is None:
        return ""
    return '"' + text.replace('"', '""') + '"' if not text or _QUOTED_IN_CSV.search(text) else text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return f"{moment:%Y-%m-%d %H:%M:%S}" + (f".{moment.microsecond:06}" if moment.microsecond else "")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple | dict):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(value)


def _plain(value: Any) -> Any:
    """A value as JSON knows it; money stays exact, as text."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else _text(value)
