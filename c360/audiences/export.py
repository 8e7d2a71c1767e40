"""What `c360 audience` does: list the audiences, and write the people of one who may be contacted to a file."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console

from c360.audiences.conditions import condition_sql
from c360.audiences.hashing import HASHED, sha256
from c360.config.audiences import Audiences
from c360.config.explain import no_such
from c360.config.load import Config
from c360.errors import C360Error, ConfigError
from c360.lake import Lake
from c360.ledger import Ledger
from c360.output import Rows, card, counted, write
from c360.query import opened
from c360.terminal import say
from c360.whole import replace_whole

TABLES = ("gold.consent_state", "gold.audience_history", "gold.audience_members", "gold.audiences")
"""What an export relies on, in the order in which they are made."""

FORMATS = ("csv", "parquet", "json")

IDENTIFYING = ("full_name", "first_name", "last_name", "date_of_birth", "address", "city", "zip_code")
"""Besides e-mail and phone, the columns of gold.customer_360 that say who somebody is; not in a hashed file."""

_LISTED = ("audience", "description", "channel", "purpose", "people", "contactable", "held_back", "people_entered")

_FORMULA = re.compile("[\t\r\n\0]|\\s*[=+\\-@＝＋－＠]")
_PLAIN_PHONE = re.compile(r"\+[0-9]+")


def list_audiences(config: Config, lake: str, form: str, console: Console) -> None:
    """Print every audience of conf with its counts; null for one that no run has made yet.

    Raises:
        ConfigError: conf has none.
        C360Error: nothing was made yet.
    """
    declared = _declared(config).audiences
    made = {line["audience"]: line for line in _made(opened(lake))}
    columns = (*_LISTED, "people_left", "as_of")
    lines = [
        tuple((made.get(name) or {"audience": name, **audience.model_dump()}).get(column) for column in columns)
        for name, audience in declared.items()
    ]
    write(Rows(columns, lines), form, console)


def show_audience(config: Config, lake: str, name: str, console: Console) -> None:
    """Print what there is to know of one audience, without its people."""
    _demand_name(_declared(config), name)
    card(name, _line(opened(lake), name), console)


def export(
    config: Config, lake: str, name: str, out: Path, console: Console, *, hashed: bool = False, limit: int | None = None
) -> None:
    """Write the declared columns of the people in an audience who may be contacted, and say who is not in the file.

    The people are sorted by c360_id. The file is there as a whole or not at all, and only its owner can read it.

    Args:
        config: what conf says.
        lake: where the tables lie.
        name: the audience.
        out: the file, whose ending says the format; one that is there is replaced.
        console: where the counts go.
        hashed: e-mail and phone as ad platforms take them, see `c360.audiences.hashing`, and nothing else that says who
            somebody is.
        limit: at most so many people.

    Raises:
        ConfigError: there is no such audience, or no such format.
        C360Error: the audience is not made yet, or what it is made from has changed since.
    """
    declared = _declared(config)
    _demand_name(declared, name)
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        endings = ", ".join(f".{known}" for known in FORMATS)
        raise ConfigError(f"--out: {out} does not end in one of {endings}, which say how it is written")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"--out: there is no folder {out.absolute().parent}; make it, or name another")
    found = opened(lake)
    line = _line(found, name)
    _demand_current(found, declared, name, line)
    audience = declared.audiences[name]
    people = _people(found, name, audience.columns)
    notes: list[str] = []
    if hashed:
        people, notes = _hashed(people)
    contactable = len(people)
    people = people.slice(0, limit)
    with _private(out):
        replace_whole(out, _written(people, form))
    of = f" of {contactable:,}" if len(people) < contactable else ""
    say(console, f"{name}: {counted(len(people), 'row')}{of} in {out}")
    asked_for = f"{audience.channel}, {audience.purpose}"
    say(console, f"held back for want of consent ({asked_for}): {line['held_back']:,}")
    say(console, f"entered on {line['as_of']}: {line['people_entered']:,}, left: {line['people_left']:,}")
    for note in notes:
        say(console, note)


def _declared(config: Config) -> Audiences:
    if not config.audiences.audiences:
        raise ConfigError(f"{config.folder / 'audiences.yml'} declares no audience; docs/audiences.md says how to")
    return config.audiences


def _demand_name(declared: Audiences, name: str) -> None:
    if name not in declared.audiences:
        known = ", ".join(declared.audiences)
        raise ConfigError(f"{no_such('audience', name, declared.audiences)}; conf/audiences.yml has {known}")


def _made(lake: Lake) -> list[dict[str, Any]]:
    if lake.version(TABLES[-1]) is None:
        raise C360Error(f"{TABLES[-1]} was not made yet; `c360 run` makes it")
    return lake.rows(TABLES[-1])


def _line(lake: Lake, name: str) -> dict[str, Any]:
    found = next((line for line in _made(lake) if line["audience"] == name), None)
    if found is None:
        raise C360Error(f"the audience {name} was not made yet; `c360 run` makes it")
    return found


def _demand_current(lake: Lake, declared: Audiences, name: str, line: dict[str, Any]) -> None:
    """Nobody who has opted out since, or whom conf did not mean, gets into a file."""
    ledger = Ledger(lake, "")
    for table in TABLES:
        last = ledger.last(table)
        made_of = json.loads(last["inputs"]) if last else {}
        newer = [other for other, version in made_of.items() if lake.version(other) != version]
        if last is None or lake.version(table) != last["version"]:
            raise C360Error(f"{table} is not as a run left it; `c360 run` makes it anew")
        if newer:
            raise C360Error(
                f"{', '.join(newer)} changed after {table} was made from it; `c360 run` first, so that nobody is in "
                "the file who does not want to be"
            )
    audience = declared.audiences[name]
    asked = {
        "channel": audience.channel,
        "purpose": audience.purpose,
        "condition": condition_sql(audience.where, lake.columns("gold.customer_360"), line["as_of"]),
        "assumed_from": ", ".join(declared.assumed_from) or None,
    }
    if any(line[column] != value for column, value in asked.items()):
        raise C360Error(f"conf/audiences.yml says something else of {name} than when it was made; `c360 run` first")


def _people(lake: Lake, name: str, columns: tuple[str, ...]) -> pa.Table:
    members = lake.arrow("gold.audience_members", f"SELECT c360_id FROM t WHERE audience = '{name}' AND is_contactable")
    there = lake.columns("gold.customer_360")
    if missing := [column for column in columns if column not in there]:
        raise ConfigError(f"gold.customer_360 has {no_such('column', missing[0], there).removeprefix('no such ')} not")
    wanted = ", ".join(f'"{column}"' for column in dict.fromkeys(("c360_id", *columns)))
    everyone = lake.arrow("gold.customer_360", f"SELECT {wanted} FROM t")
    chosen = everyone.filter(pc.is_in(everyone["c360_id"], members["c360_id"].combine_chunks()))
    return chosen.sort_by("c360_id").select(columns)


def _hashed(people: pa.Table) -> tuple[pa.Table, list[str]]:
    """The file's columns with hashes for e-mail and phone; rows without any hash are left out, as nobody matches them.

    Raises:
        ConfigError: neither e-mail nor phone is declared.
    """
    if not set(HASHED) & set(people.column_names):
        raise ConfigError(f"--hashed: none of {', '.join(HASHED)} is among the audience's columns; declare one")
    columns: dict[str, Any] = {}
    for column in people.column_names:
        if column in HASHED:
            values = people[column].to_pylist()
            columns |= {new: pa.array([sha256(v, how) for v in values]) for new, how in HASHED[column].items()}
        elif column not in IDENTIFYING:
            columns[column] = people[column]
    table = pa.table(columns)
    some = [pc.is_valid(table[new]) for column in HASHED for new in HASHED[column] if new in columns]
    has_any = some[0]
    for each in some[1:]:
        has_any = pc.or_(has_any, each)
    kept = table.filter(has_any)
    plain = [column for column in people.column_names if column in IDENTIFYING]
    notes = [f"without an e-mail or phone to hash, and left out: {len(table) - len(kept):,}"] * (len(kept) < len(table))
    notes += [f"left out, as it would say in plain who somebody is: {', '.join(plain)}"] * bool(plain)
    return kept, notes


def _written(people: pa.Table, form: str) -> bytes:
    if form == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(people, sink)
        return bytes(sink.getvalue())
    columns = [column.to_pylist() for column in people.columns]
    if form == "csv":
        columns = [[harmless(value) for value in column] for column in columns]
    text = io.StringIO()
    write(Rows(tuple(people.column_names), list(zip(*columns, strict=True))), form, Console(file=text))
    return text.getvalue().encode()


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it (CWE-1236); the rest as it is.

    A plus sign and nothing but digits, as phone numbers have it, calculates nothing and stays as it is.
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _PLAIN_PHONE.fullmatch(value):
        return f"'{value}"
    return value


@contextmanager
def _private(out: Path) -> Iterator[None]:
    """What is written to the file meanwhile can be read by its owner alone, from the first byte on."""
    draft = out.with_name(f"{out.name}.tmp")
    draft.unlink(missing_ok=True)  # it would keep its own permissions
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)
        draft.unlink(missing_ok=True)
