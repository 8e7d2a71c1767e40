"""What is to be read, as it travels to the workers, and the shape of bronze.

Nothing here knows an engine, and the imports are few: every worker process pays for them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import pyarrow as pa

from c360.config import CsvFormat, SourceConfig, SourceTable
from c360.config.formats import ExcelFormat, Format, JsonFormat, format_of
from c360.config.loads import Contract

PULLED = "pulled"
"""The folder, in a source's landing folder, of what was asked for: `pulled/<table>/<time>/`."""

SPLIT_BYTES = 64 * 1024 * 1024

TIMESTAMP = pa.timestamp("us", tz="UTC")

BRONZE_FIELDS = (
    pa.field("_rescued", pa.string()),
    pa.field("_source_file", pa.string()),
    pa.field("_source_row", pa.int64()),
    pa.field("_delivered_at", TIMESTAMP),
    pa.field("_batch_id", pa.string()),
    pa.field("_ingested_at", TIMESTAMP),
)


@dataclass(frozen=True)
class RawFile:
    """One delivered file.

    Attributes:
        path: Where it lies: a local path, or a URI that `pyarrow.fs` knows.
        name: Its path relative to the source's landing folder; goes into `_source_file`.
        size: Bytes, as they lie there (compressed, if they are).
        batch_id: The batch that its content is.
        delivered_at: When the source says it delivered it; aware, UTC.
        member: Its name in the zip archive that `path` is; None for a file that lies there by itself.
        columns: Those of the table it is a part of: one that the file itself lacks is null.
    """

    path: str
    name: str
    size: int
    batch_id: str
    delivered_at: datetime
    member: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawSpec:
    """One table's files and how to read them.

    Attributes:
        columns: The declared columns in order: (name in the lake, name in the file's header).
        csv: How those that are delimited text are written.
        files: The files to read.
        ingested_at: When this run read them; aware, UTC.
        format: The format of all files; None: what the name of each says.
        excel: Where the table is in a workbook.
        json: Where the records are in a JSON file.
        pages: Where they are in a JSON document of a table that an API has; None: where they are in any JSON file.
        split_bytes: A file that may be split is read in pieces of about this size. `_source_row`
            depends on it, so that one file is always read with the same value.
    """

    columns: tuple[tuple[str, str], ...]
    csv: CsvFormat
    files: tuple[RawFile, ...]
    ingested_at: datetime
    split_bytes: int = SPLIT_BYTES
    format: Format | None = None
    excel: ExcelFormat = field(default_factory=ExcelFormat)
    json: JsonFormat = field(default_factory=JsonFormat)
    pages: JsonFormat | None = None
    contract: Contract = field(default_factory=Contract)

    @classmethod
    def of(cls, source: SourceConfig, table: SourceTable, files: Sequence[RawFile], ingested_at: datetime) -> RawSpec:
        """How a table's files are read, as conf declares it."""
        return cls(
            columns=table.source_columns,
            csv=table.csv or source.csv,
            files=tuple(files),
            ingested_at=ingested_at,
            format=table.format,
            excel=table.excel or source.excel,
            json=table.json_ or source.json_,
            pages=JsonFormat(records=table.http.records) if table.http and not table.json_ else None,
            contract=table.contract,
        )

    @property
    def document(self) -> JsonFormat:
        """How a JSON document is written."""
        return self.pages or self.json

    def format_of(self, name: str) -> Format:
        """The format of a file of that name; what was pulled has its own, whatever is declared for files."""
        return format_of(name, None if name.startswith(f"{PULLED}/") else self.format)

    def to_json(self) -> str:
        """Returns the text that `from_json` reads back."""
        return json.dumps(
            {
                "columns": self.columns,
                "csv": self.csv.model_dump(exclude_unset=True),
                "files": [asdict(file) | {"delivered_at": file.delivered_at.isoformat()} for file in self.files],
                "ingested_at": self.ingested_at.isoformat(),
                "split_bytes": self.split_bytes,
                "format": self.format,
                "excel": self.excel.model_dump(),
                "json": self.json.model_dump(),
                "pages": self.pages and self.pages.model_dump(),
                "contract": self.contract.model_dump(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> RawSpec:
        """Reads what `to_json` wrote."""
        found = json.loads(text)
        return cls(
            columns=tuple((name, source_name) for name, source_name in found["columns"]),
            csv=CsvFormat.model_validate(found["csv"]),
            files=tuple(
                RawFile(
                    **file
                    | {"delivered_at": datetime.fromisoformat(file["delivered_at"]), "columns": tuple(file["columns"])}
                )
                for file in found["files"]
            ),
            ingested_at=datetime.fromisoformat(found["ingested_at"]),
            split_bytes=found["split_bytes"],
            format=found["format"],
            excel=ExcelFormat.model_validate(found["excel"]),
            json=JsonFormat.model_validate(found["json"]),
            pages=JsonFormat.model_validate(found["pages"]) if found["pages"] else None,
            contract=Contract.model_validate(found["contract"]),
        )


def bronze_schema(spec: RawSpec) -> pa.Schema:
    """Returns bronze's Arrow schema: the declared columns as strings, then the six of every table."""
    return pa.schema([*(pa.field(name, pa.string()) for name, _ in spec.columns), *BRONZE_FIELDS])


def bronze_batch(
    spec: RawSpec, file: RawFile, values: Sequence[pa.Array], rescued: pa.Array, rows: pa.Array
) -> pa.RecordBatch:
    """Puts what was read of a file into bronze's shape.

    Args:
        spec: Gives the schema and the time of ingestion.
        file: Where the rows come from.
        values: One string array for each declared column, in order.
        rescued: `_rescued`, string.
        rows: `_source_row`, int64.
    """
    count = len(rows)
    return pa.RecordBatch.from_arrays(
        [
            *values,
            rescued,
            pa.repeat(pa.scalar(file.name), count),
            rows,
            pa.repeat(pa.scalar(file.delivered_at, TIMESTAMP), count),
            pa.repeat(pa.scalar(file.batch_id), count),
            pa.repeat(pa.scalar(spec.ingested_at, TIMESTAMP), count),
        ],
        schema=bronze_schema(spec),
    )
