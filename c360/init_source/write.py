"""A drafted source as YAML, with the evidence beside every line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from c360.config.formats import format_named
from c360.init_source.columns import accepted, evidence, lacking
from c360.init_source.evidence import Column, Table
from c360.init_source.facts import rules
from c360.init_source.text import comment, flow, listed, scalar
from c360.init_source.unified import unified

WIDTH = 118


def written(source: str, tables: Sequence[Table], delivered_at: str | None, left_out: Sequence[str]) -> str:
    """The text of conf/sources/<source>.yml."""
    lines = [
        *_said("A first draft, made by c360 init-source from sample files. What stands behind a # is what they say: "
               "read it, correct what is wrong, complete what is commented out, then run c360 check."),
        *(line for sentence in left_out for line in _said(f"Left out: {sentence}")),
        f"source: {source}",
        "timezone: UTC  # of times without an offset; the files do not say which it is",
    ]  # fmt: skip
    if delivered_at:
        lines.append(f"delivered_at: {scalar(delivered_at)}  # the day in the files' names")
    else:
        lines.append("# delivered_at: '_(\\d{4}-\\d{2}-\\d{2})'  # no name has a day in it: modified times count")
    lines += ["", "tables:"]
    for table in tables:
        lines += [*_indented(_table(table), 2), ""]
    mapped = list(unified(tables))
    if mapped:
        lines += _said("What could fill the unified tables: complete it, then take the # away.")
        lines += [f"# {line}" for line in ("unified:", *mapped)]
    return "\n".join(lines).rstrip() + "\n"


def _indented(lines: Iterator[str], by: int) -> Iterator[str]:
    return (f"{' ' * by}{line}" if line else "" for line in lines)


def _said(text: str, indent: int = 0) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(comment(text), WIDTH - 2 - indent, break_on_hyphens=False)]


def _table(table: Table) -> Iterator[str]:
    first = table.samples[0]
    key = table.key
    assert key is not None, "every table has been given a key"
    yield f"{table.name}:"
    for sentence in (_files(table), *table.notes, *table.doubts):
        yield from (f"  {line}" for line in _said(sentence, 4))
    yield f"  files: {listed(table.files)}"
    patterned = {format_named(pattern.rstrip("*")) or "csv" for pattern in table.files}
    if patterned != {first.format}:
        yield f"  format: {first.format}"
    for name, block in (("csv", first.csv), ("excel", first.excel), ("json", first.json)):
        options = block.model_dump(exclude_unset=True)
        if options:
            yield f"  {name}: {flow(options)}"
    if lacking(table.samples):
        yield "  contract: {missing_columns: evolve}  # null in the rows of files that lack one"
    yield f"  key: {listed(key.columns)}  # {comment(key.why)}"
    if key.newest_by:
        yield f"  newest_by: {key.newest_by}  # its name says that every change sets it"
    yield "  columns:"
    yield from (f"    {line}" for column in table.columns for line in _column(column))
    if table.event_at:
        yield f"  event_at: {table.event_at[0]}  # {table.event_at[1]}"
    if table.references:
        yield "  references:"
        for column, (parent, why) in table.references.items():
            yield f"    {column}: {parent}  # {comment(why)}"
    suggested = list(rules(table))
    if suggested:
        yield "  # rules:  # all rows looked at obey them"
        yield from (f"  #   {name}: {sql}" for name, sql in suggested)


def _files(table: Table) -> str:
    """What was looked at."""
    names = sorted(sample.file.name for sample in table.samples)
    rows = sum(sample.rows for sample in table.samples)
    whole = all(sample.is_whole for sample in table.samples)
    many = f"{names[0]}" if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)} files)"
    broken = sum(sample.broken for sample in table.samples)
    said = f"{many}: {'' if whole else 'the first '}{rows:,} {'row' if rows == 1 else 'rows'}"
    return said + (f", and {broken:,} not well-formed, to be rejected" if broken else "")


def _column(column: Column) -> Iterator[str]:
    options: dict[str, Any] = {}
    if column.source != column.name:
        options["from"] = column.source
    if column.type != "string":
        options["type"] = column.type
    options |= {key: _short(value) for key, value in column.options.items()}
    if column.pii:
        options["pii"] = True
    few = accepted(column)
    said = evidence(column) + (f"; to allow no others: accepted: {flow(few)}" if few else "")
    beside = f"  # {comment(said)}" if said else ""
    if not options.keys() - {"type"}:
        yield f"{column.name}: {column.type}{beside}"
    else:
        yield f"{column.name}: {flow(options)}{beside}"


def _short(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
