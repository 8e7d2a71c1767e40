"""A source's own tables in the dictionary: bronze, silver and its history, quarantine; all from its YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp

from c360.config import Column as Declared
from c360.config import SourceConfig, SourceTable
from c360.config.loads import Append, Changes, Snapshot
from c360.docs.model import Fact, Table, columns_of
from c360.silver.shape import PLACE, Shape

RECEIVED = {
    "_rescued": "JSON of what no declared column takes, or of a row that could not be taken apart; null where nothing "
    "is left over",
    "_source_file": "the file, relative to the source's landing folder",
    "_source_row": "the record's ordinal in its file; in a file read in pieces, the first byte of the piece + ordinal",
    "_delivered_at": "when the source delivered it: a date in the file's name, else its modified time",
    "_batch_id": "the file's content: the first 16 hex digits of its SHA-256",
    "_ingested_at": "when the run that read it did so",
}
JUDGED = RECEIVED | {
    "_rescued": "JSON of what no declared column takes; null where nothing is left over",
    "_orphan": "the reference columns, comma-separated, whose value leads to no row; else null",
    "_deleted_at": "when the source deleted it: a tombstone, which no mart sees; null for a row that is there",
}
REJECTED = RECEIVED | {
    "_reasons": "every reason it was rejected for, as kind:what, such as type:amount or rule:amount_positive",
    "_rule_fingerprint": "by which types and rules: a hash of what conf said then",
}
HELD = RECEIVED | {
    "_valid_from": "since when this content held",
    "_valid_to": "until when; null where it still does",
    "_is_current": "whether it still does",
}


def tables_of(source: SourceConfig, read_by: Mapping[str, tuple[str, ...]]) -> Iterator[Table]:
    """Every table of a source, layer by layer of its first table, then of its second.

    Args:
        source: what its YAML says.
        read_by: see `lineage.read_by`.
    """
    for name in source.tables:
        shape = Shape(source, name)
        yield _bronze(shape)
        yield _silver(shape, read_by)
        yield _quarantine(shape)
        if shape.table.history:
            yield _versions(shape)
            yield _history(shape, read_by)


def _bronze(shape: Shape) -> Table:
    table = shape.table
    return Table(
        name=shape.bronze,
        says=_said(shape, "One row per record received, as text and never changed."),
        grain=PLACE,
        columns=columns_of(shape.bronze_schema, _descriptions(table) | RECEIVED, table.pii_columns, _origins(table)),
        facts=tuple(_delivery(shape)),
    )


def _silver(shape: Shape, read_by: Mapping[str, tuple[str, ...]]) -> Table:
    table = shape.table
    facts = {name: _column_facts(shape, shape.silver, name, read_by) for name in table.business_columns}
    return Table(
        name=shape.silver,
        says=_said(shape, _row_of(table)),
        grain=shape.identity,
        columns=columns_of(shape.silver_schema, _descriptions(table) | JUDGED, table.pii_columns, facts),
        inputs=(shape.bronze,),
        facts=tuple(_rules(table)),
    )


def _quarantine(shape: Shape) -> Table:
    table = shape.table
    return Table(
        name=shape.quarantine,
        says=_said(shape, "One row per record that was rejected, as received, with every reason."),
        grain=PLACE,
        columns=columns_of(
            shape.quarantine_schema, _descriptions(table) | REJECTED, table.pii_columns, _origins(table)
        ),
        inputs=(shape.bronze,),
        facts=(Fact("kinds of reason", ", ".join(_kinds(table))),),
    )


def _versions(shape: Shape) -> Table:
    table = shape.table
    facts = {name: tuple(_as_in_silver(shape, name)) for name in table.business_columns}
    return Table(
        name=shape.versions,
        says=_said(shape, "One row per valid record received: what the history is derived from."),
        grain=PLACE,
        columns=columns_of(shape.silver_schema, _descriptions(table) | JUDGED, table.pii_columns, facts),
        inputs=(shape.bronze,),
    )


def _history(shape: Shape, read_by: Mapping[str, tuple[str, ...]]) -> Table:
    table = shape.table
    held = (*table.business_columns, "_valid_from", "_valid_to")
    facts = {name: (*_as_in_silver(shape, name), *_goes_into(shape.history, name, read_by)) for name in held}
    return Table(
        name=shape.history,
        says=_said(shape, f"One row per {', '.join(table.key)} and time in which its content stayed the same."),
        grain=(*table.key, "_valid_from"),
        columns=columns_of(shape.history_schema, _descriptions(table) | HELD, table.pii_columns, facts),
        inputs=(shape.versions,),
    )


def _said(shape: Shape, grain: str) -> str:
    about = f": {shape.table.description}" if shape.table.description else ""
    return f"{grain}\n\nThe table {shape.name} of the source {shape.source.source}{about}."


def _row_of(table: SourceTable) -> str:
    key = ", ".join(table.key)
    if isinstance(table.load, Append):
        return "One row per valid record received: nothing is replaced."
    if isinstance(table.load, Snapshot):
        return f"One row per {key}: that of the newest delivery; what a delivery lacks is deleted."
    if isinstance(table.load, Changes):
        return f"One row per {key}, as the changes fed so far have left it."
    if table.dedup == "first_non_null":
        return f"One row per {key}: every column's first value in a file that is not null; the newest file's row."
    return f"One row per {key}: the newest valid one."


def _descriptions(table: SourceTable) -> dict[str, str]:
    declared = {name: column.description for name, column in table.columns.items()}
    return declared | {name: derived.description for name, derived in table.derive.items()}


def _origins(table: SourceTable) -> dict[str, tuple[Fact, ...]]:
    return {name: (Fact("from", column.source_name or name),) for name, column in table.columns.items()}


def _as_in_silver(shape: Shape, column: str) -> Iterator[Fact]:
    if column in shape.table.business_columns:
        yield Fact("as in", refs=(f"{shape.silver}.{column}",))


def _delivery(shape: Shape) -> Iterator[Fact]:
    """Where its records come from; never an address or a password, which conf may hold too."""
    table, origin = shape.table, shape.source.origin(shape.name)
    if table.files:
        yield Fact("files", ", ".join(table.files), is_code=True)
    if origin == "database" and table.database:
        yield Fact("database", table.database.table or table.database.query or "", is_code=True)
    if origin == "http" and table.http:
        yield Fact("asked for", table.http.path, is_code=True)


def _rules(table: SourceTable) -> Iterator[Fact]:
    for name, sql in table.rules.items():
        yield Fact("rule", f"{name}: {sql}", is_code=True)
    for columns in table.unique:
        yield Fact("unique in a file", ", ".join(columns))
    if table.newest_by:
        yield Fact("the newest has the highest", ", ".join(table.newest_by))
    if table.event_at:
        yield Fact("rejected if after its delivery", table.event_at)
    if table.partition_by:
        yield Fact("partitioned by", table.partition_by)


def _kinds(table: SourceTable) -> Iterator[str]:
    """What rows can be rejected for besides being unreadable."""
    for name, column in table.columns.items():
        if column.type != "string":
            yield f"type:{name}"
        if column.required or name in table.key:
            yield f"null:{name}"
        if column.accepted:
            yield f"accepted:{name}"
    yield from (f"rule:{name}" for name in table.rules)
    yield from (f"unique:{','.join(columns)}" for columns in table.unique)
    yield from (
        f"orphan:{name}" for name, reference in table.references.items() if reference.on_missing == "quarantine"
    )
    if table.event_at:
        yield f"future:{table.event_at}"


def _column_facts(shape: Shape, full_name: str, name: str, read_by: Mapping[str, tuple[str, ...]]) -> tuple[Fact, ...]:
    table = shape.table
    facts = list(_declared(shape, name, table.columns[name])) if name in table.columns else []
    if name in table.derive:
        facts.append(Fact("computed", table.derive[name].sql, is_code=True))
    if name in table.references:
        reference = table.references[name]
        what = "a row without it is rejected" if reference.on_missing == "quarantine" else "a row without it is flagged"
        facts.append(Fact("refers to", what, (Shape(shape.source, reference.table).silver,)))
    facts += [Fact("rule", f"{rule}: {sql}", is_code=True) for rule, sql in table.rules.items() if name in _names(sql)]
    return (*facts, *_goes_into(full_name, name, read_by))


def _declared(shape: Shape, name: str, column: Declared) -> Iterator[Fact]:
    yield Fact("from", column.source_name or name, (f"{shape.bronze}.{name}",))
    if column.formats:
        yield Fact("written as", " or ".join(column.formats), is_code=True)
    if column.required:
        yield Fact("required")
    if column.accepted:
        yield Fact("one of", ", ".join(column.accepted))
    if column.null_values:
        yield Fact("null where it says", ", ".join(column.null_values))


def _goes_into(table: str, column: str, read_by: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    if goes := read_by.get(f"{table}.{column}"):
        yield Fact("goes into", refs=goes)


def _names(sql: str) -> set[str]:
    """The columns an expression of conf uses."""
    return {column.name for column in sqlglot.parse_one(sql, dialect="spark").find_all(exp.Column)}
