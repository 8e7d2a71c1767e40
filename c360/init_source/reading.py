"""The first values of a file, by the reader that a run would use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.readers import batches, partitions
from c360.ingest.rescued import ERROR
from c360.ingest.spec import RawFile, RawSpec
from c360.init_source.evidence import MOST_ROWS, Values

NO_TIME = datetime.fromtimestamp(0, UTC)
"""Of delivery and ingestion: nothing of a sample is kept."""

BLANK = " \t\r\n\u00a0"
"""What is no part of a value at its ends."""


def read_values(
    raw: RawFile, columns: Sequence[tuple[str, str]], *, csv: CsvFormat | None = None, **options: Any
) -> tuple[tuple[Values, ...], int, bool]:
    """Read the first rows.

    Args:
        raw: the file.
        columns: (any name, name in the file).
        csv: how it is written, if it is delimited text.
        options: `format`, and the block of that format.

    Returns:
        The values of each column, trimmed and null where blank; how many rows are not well-formed, which are left out;
        whether the file has no more.

    Raises:
        InputFileError: it cannot be read.
    """
    spec = RawSpec(tuple(columns), csv or CsvFormat(), (raw,), NO_TIME, **options)
    values: tuple[Values, ...] = tuple([] for _ in columns)
    taken = broken = 0
    try:
        for piece in (piece for group in partitions(spec) for piece in group):
            for batch in batches(spec, piece):
                if taken >= MOST_ROWS:
                    return values, broken, False
                wrong = pc.fill_null(pc.starts_with(batch["_rescued"], f'{{"{ERROR}"'), False)
                broken += pc.sum(wrong).as_py() or 0
                good = batch.filter(pc.invert(wrong)).slice(0, MOST_ROWS - taken)
                is_cut = batch.num_rows - (pc.sum(wrong).as_py() or 0) > good.num_rows
                taken += good.num_rows
                for column, received in zip(values, good.columns, strict=False):
                    column.extend((text.strip(BLANK) or None) if text else None for text in received.to_pylist())
                if is_cut:
                    return values, broken, False
    except OSError as problem:
        raise InputFileError(f"{raw.name} cannot be read ({problem.strerror or problem}).") from problem
    return values, broken, True
