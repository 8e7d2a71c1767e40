"""conf against what lies in the landing folders, before anything is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from c360.config import SourceConfig, SourceTable
from c360.config.load import Config
from c360.errors import InputFileError
from c360.ingest.encoding import TextStream
from c360.ingest.files import LandedFile, delivered_at, landed, of_table
from c360.ingest.header import ADVICE, match_fields, read_header
from c360.ingest.readers import batches, partitions
from c360.ingest.rescued import ERROR, MISSING
from c360.ingest.spec import PULLED, RawSpec
from c360.store import is_remote


@dataclass(frozen=True)
class Finding:
    """A sentence a user would want to read before a run; `stops`: the run would fail there."""

    text: str
    stops: bool = False


def findings(config: Config, landing: str | Path) -> list[Finding]:
    """Tables without a file, files no table asks for, newest files that are not what their table declares."""
    landing = str(landing).rstrip("/")
    if not is_remote(landing) and not Path(landing).is_dir():
        folders = ", ".join(f"{landing}/{name}" for name in config.sources)
        return [Finding(f"there is no folder {landing}; put delivered files into {folders}")]
    return [
        finding for source in config.sources.values() for finding in _of_source(source, f"{landing}/{source.source}")
    ]


def _of_source(source: SourceConfig, folder: str) -> Iterator[Finding]:
    try:
        files = landed(folder)
    except InputFileError as problem:
        yield Finding(str(problem), stops=True)
        return
    claimed: dict[str, list[str]] = {}
    for table, declared in source.tables.items():
        found = of_table(files, declared, table)
        for file in found:
            claimed.setdefault(file.name, []).append(table)
        if not declared.files:
            continue
        if found:
            yield from _of_newest(source, declared, table, found, folder)
        else:
            yield Finding(f"{source.source}.{table}: no file in {folder} matches {' or '.join(declared.files)}")
    for file in files:
        if file.name.startswith(f"{PULLED}/"):
            continue
        tables = claimed.get(file.name, [])
        if not tables:
            yield Finding(f"{folder}/{file.name}: no table of {source.source} asks for it")
        elif len(tables) > 1:
            yield Finding(f"{folder}/{file.name}: read by several tables: {', '.join(tables)}")


def _of_newest(
    source: SourceConfig, table: SourceTable, name: str, files: list[LandedFile], folder: str
) -> Iterator[Finding]:
    """The newest file's header against the declared columns, read as a run would read it."""
    try:
        newest = max(files, key=lambda file: (delivered_at(file, source.delivered_at), file.name))
        undeclared = _undeclared(newest, source, table)
    except InputFileError as problem:
        yield Finding(f"{source.source}.{name}: {problem}", stops=True)
        return
    if undeclared:
        yield Finding(
            f"{folder}/{newest.name}: columns that {source.source}.{name} does not declare are kept aside, "
            f"in bronze's _rescued: {', '.join(undeclared)}"
        )


def _undeclared(file: LandedFile, source: SourceConfig, table: SourceTable) -> list[str]:
    """The names of what is not declared: those in the header, or in the first rows where there is none.

    Raises:
        InputFileError: the file cannot be read, or lacks a declared column.
    """
    spec = RawSpec.of(source, table, file.raw("", datetime.fromtimestamp(0, UTC)), datetime.now(UTC))
    first = spec.files[0]
    try:
        if spec.format_of(file.name) == "csv" and not spec.csv.is_odd:
            with TextStream(first, spec.csv) as stream:
                header = read_header(stream, file.name, spec.csv) if spec.csv.header else None
            return [key for key, _ in match_fields(spec, file.name, header.names, ADVICE).others] if header else []
        batch = next((b for group in partitions(spec) for piece in group for b in batches(spec, piece)), None)
    except OSError as problem:
        raise InputFileError(f"{file.name} cannot be read ({problem.strerror or problem})") from problem
    said = (json.loads(text) for text in batch["_rescued"].to_pylist() if text) if batch else ()
    return list(dict.fromkeys(key for row in said if ERROR not in row for key in row if key != MISSING))
