"""A Delta table that somebody delivers, as the Parquet files of one of its versions."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from c360.errors import InputFileError


class DataFile(NamedTuple):
    """A Parquet file; `name` is its path in the table, `columns` are the table's."""

    path: str
    name: str
    size: int
    columns: tuple[str, ...]


def data_files(path: str, name: str, version: int) -> list[DataFile]:
    """The files of a version.

    Args:
        path: the table's folder.
        name: for messages.
        version: of the table.

    Raises:
        InputFileError: it is not there any more, or is written in a way that c360 does not read.
    """
    try:
        table = DeltaTable(path, version=version)
        actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    except (DeltaError, OSError) as problem:
        raise InputFileError(f"{name} cannot be read as a Delta table: {problem}") from problem
    features = {*(table.protocol().reader_features or ())}
    mapping = table.metadata().configuration.get("delta.columnMapping.mode", "none")
    if mapping != "none" or features & {"deletionVectors", "columnMapping"}:
        raise InputFileError(
            f"{name} is a Delta table with deletion vectors or column mapping, which c360 does not read; have it "
            "written without, or delivered as Parquet"
        )
    columns = tuple(field.name for field in table.schema().fields)
    files = ((unquote(action["path"]), action["size_bytes"]) for action in actions)
    return [DataFile(f"{path}/{file}", file, size, columns) for file, size in files]
