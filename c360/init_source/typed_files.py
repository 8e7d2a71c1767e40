"""A sample of a Parquet file or a Delta table, whose columns have types of their own."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from c360.config.paths import Step, written
from c360.errors import InputFileError
from c360.ingest.encoding import open_bytes
from c360.ingest.files import LandedFile
from c360.ingest.spec import RawFile
from c360.init_source.evidence import MOST_ROWS, TEXT, Sample, Values
from c360.init_source.reading import read_values


def typed_file(file: LandedFile, parts: Sequence[RawFile]) -> Sample:
    """What a Parquet file, or the data files of a Delta table, look like.

    Raises:
        InputFileError: it cannot be read, or has no columns.
    """
    if not parts:
        raise InputFileError(f"{file.name} is empty: the Delta table has no data file.")
    schema = _schema(parts[0])
    found: dict[str, str] = {}
    notes: list[str] = []
    for field in schema:
        _leaves(field, (), found, notes)
    for name in (folder.partition("=")[0] for folder in parts[0].name.split("/")[:-1] if "=" in folder):
        found.setdefault(name, "")
    for name in parts[0].columns:
        if not any(way == name or way.startswith((f"{name}.", f"{name}[")) for way in found):
            found.setdefault(name, "")
    if not found:
        raise InputFileError(f"{file.name} is empty: it has no column that c360 reads.")
    names = tuple(found)
    columns = [(f"c{at}", name) for at, name in enumerate(names)]
    values: tuple[Values, ...] = tuple([] for _ in names)
    is_whole = True
    for part in parts:
        if len(values[0]) >= MOST_ROWS:
            is_whole = False
            break
        more, _, whole = read_values(part, columns, format="parquet")
        is_whole = is_whole and whole
        for column, read in zip(values, more, strict=True):
            column.extend(read)
    kinds = {name: kind for name, kind in found.items() if kind}
    if set(kinds.values()) == {TEXT}:  # then its writer did not care about types, and a text may be anything
        kinds = {}
    return Sample(
        file, "delta" if file.is_delta else "parquet", names, values, kinds, notes=tuple(notes), is_whole=is_whole
    )


def _schema(part: RawFile) -> pa.Schema:
    try:
        with open_bytes(part) as raw:
            return pq.read_schema(raw)
    except pa.ArrowException as problem:
        raise InputFileError(f"{part.name} cannot be read as Parquet: {problem}") from problem


def _leaves(field: pa.Field, way: tuple[Step, ...], found: dict[str, str], notes: list[str]) -> None:
    kind, here = field.type, (*way, field.name)
    path = written(here) if way else field.name
    if pa.types.is_struct(kind):
        for inner in kind:
            _leaves(inner, here, found, notes)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if pa.types.is_struct(kind.value_type):
            notes.append(f"{path} is a list of structs, kept in _rescued only; have it delivered as a table of its own")
        else:
            found[path] = TEXT
    else:
        found[path] = _type(kind)


def _type(kind: pa.DataType) -> str:
    """c360's type for Parquet's."""
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "int" if kind.bit_width < 32 or kind == pa.int32() else "bigint"
    if pa.types.is_decimal(kind):
        precision, scale = min(kind.precision, 38), kind.scale
        return "money" if (precision, scale) == (19, 4) else f"decimal({precision},{scale})"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "date" if pa.types.is_date(kind) else TEXT
