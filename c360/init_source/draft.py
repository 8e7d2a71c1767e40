"""`c360 init-source`: sample files in, the YAML of a source out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from c360.config.base import NAME
from c360.errors import ConfigError, InputFileError
from c360.ingest.files import LandedFile
from c360.init_source.columns import columns_of, lacking
from c360.init_source.evidence import Sample, Table
from c360.init_source.facts import event_at
from c360.init_source.files import Delivery, deliveries, delivery_pattern, given, patterns, sample_of, table_base
from c360.init_source.keys import key_of
from c360.init_source.names import snake
from c360.init_source.personal import personal
from c360.init_source.references import refer
from c360.init_source.write import written

MOST_FILES = 60
"""Files of one table that are looked into: the first, the last, and others between."""

LEAST_SHARED = 0.5
"""The share of their columns that files of one table have in common."""


def draft(files: Sequence[Path], source: str, reference: date | None = None) -> str:
    """Draft a source from sample files.

    Args:
        files: files, and folders whose data files all count.
        source: its name: small letters, digits and underscores.
        reference: a day nothing has happened after; without it, only what no calendar has is taken for wrong.

    Returns:
        The text of conf/sources/<source>.yml; the same for the same files. A file that holds no table is named in a
        comment.

    Raises:
        ConfigError: a file is not there, or the source's name is not allowed.
        InputFileError: none of the files holds a table; the message says of each why.
    """
    if not re.fullmatch(NAME, source):
        raise ConfigError(f"{source!r} is no name for a source; use small letters, digits and _, such as retail")
    found = given(files)
    tables, left_out = _tables(found, reference)
    if not tables:
        raise InputFileError("\n".join(left_out) or f"there is no file in {', '.join(map(str, files))}")
    for table in tables:
        table.key = key_of(table)
    refer(tables)
    for table in tables:
        table.event_at = event_at(table, reference)
    return written(source, tables, delivery_pattern(found), left_out)


def name_of(path: Path) -> str:
    """What a source is called if nobody says so: as the folder that its files lie in."""
    folder = path.resolve()
    return snake((folder if folder.is_dir() else folder.parent).name) or "source"


def _tables(found: Sequence[LandedFile], reference: date | None) -> tuple[list[Table], list[str]]:
    """The tables with their columns, and why files are left out."""
    groups: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in deliveries(found):
        folder = delivery.file.name.rpartition("/")[0] if _is_ambiguous(delivery, found) else ""
        groups.setdefault((delivery.base.casefold(), folder), []).append(delivery)
    tables: list[Table] = []
    left_out: list[str] = []
    for group in groups.values():
        for own, samples in _alike(group, left_out):
            tables.append(_table(own, samples, found, {table.name for table in tables}, reference))
    return tables, left_out


def _is_ambiguous(delivery: Delivery, found: Sequence[LandedFile]) -> bool:
    """Whether a file of the very same name lies in another folder, which then may be another table."""
    own = delivery.file.name.rpartition("/")[2]
    return delivery.pattern[-2:] != "/*" and sum(file.name.rpartition("/")[2] == own for file in found) > 1


def _alike(group: Sequence[Delivery], left_out: list[str]) -> list[tuple[list[Delivery], list[Sample]]]:
    """The files of a group that are read alike, with their samples; those that hold no table are left out."""
    chosen = group if len(group) <= MOST_FILES else [
        group[round(at * (len(group) - 1) / (MOST_FILES - 1))] for at in range(MOST_FILES)
    ]  # fmt: skip
    found: list[tuple[list[Delivery], list[Sample]]] = []
    for delivery in chosen:
        try:
            sample = sample_of(delivery.file)
        except InputFileError as problem:
            left_out.append(str(problem))
            continue
        home = next((pair for pair in found if _is_like(sample, pair[1][0])), None)
        if home is None:
            found.append(([delivery], [sample]))
        else:
            home[0].append(delivery)
            # the first one is declared: it is one whose encoding is sure, if there is any
            home[1].insert(0 if home[1][0].any_encoding and not sample.any_encoding else len(home[1]), sample)
    if found:  # those that were not looked into are like most
        largest = max(found, key=lambda pair: len(pair[0]))
        largest[0].extend(delivery for delivery in group if delivery not in chosen)
    return found


def _is_like(one: Sample, other: Sample) -> bool:
    """Whether one declaration reads both files."""
    any_encoding = one.any_encoding or other.any_encoding
    csv = other.csv.model_copy(update={"encoding": one.csv.encoding}) if any_encoding else other.csv
    if (one.format, one.csv, one.excel, one.json) != (other.format, csv, other.excel, other.json):
        return False
    if one.by_position or other.by_position:
        return one.by_position and other.by_position and one.names == other.names
    both, either = {*one.names} & {*other.names}, {*one.names} | {*other.names}
    return len(both) >= LEAST_SHARED * len(either)


def _table(
    own: Sequence[Delivery], samples: list[Sample], every: Sequence[LandedFile], taken: set[str], until: date | None
) -> Table:
    name, base = table_base(own[0].base)
    free = next(n for n in (name, *(f"{name}_{at}" for at in range(2, len(taken) + 3))) if n not in taken)
    columns = columns_of(samples, until)
    notes = list(dict.fromkeys(note for sample in samples for note in sample.notes))
    for file, columns_missing in lacking(samples).items():
        notes.append(f"{file} has no column {', '.join(columns_missing[:5])}")
    table = Table(free, base, patterns(own, every), samples, columns, notes)
    table.is_whole = len(samples) == len(own) and all(sample.is_whole for sample in samples)
    if len(samples) < len(own):
        table.notes.append(f"{len(samples)} of {len(own)} files were looked into")
    for column in table.columns:
        column.pii = personal(table, column)
    return table
