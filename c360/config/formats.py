"""How delivered files are written: what conf/ may say about each format."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from c360.config.base import Model
from c360.config.paths import parsed

Format = Literal["csv", "excel", "json", "jsonl", "parquet", "delta"]


def _known_encoding(value: str) -> str:
    try:
        "".encode(value)
    except LookupError:
        raise ValueError(f"no such encoding: {value}; for example utf-8, utf-16, latin-1, cp1252") from None
    return value


def _ascii(value: str | None) -> str | None:
    if value is not None and not value.isascii():
        raise ValueError(f"{value!r} is not an ASCII character; the reader knows no other")
    return value


Sign = Annotated[str, Field(min_length=1, max_length=1), AfterValidator(_ascii)]
Separator = Annotated[str, Field(min_length=1, max_length=8), AfterValidator(_ascii)]


ARCHIVES = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".zstd": "zstd"}
"""Names of compressed files → pyarrow's names of the compressions."""

_BY_NAME: dict[str, Format] = {
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
}


def format_of(name: str, declared: Format | None) -> Format:
    """A file's format: as declared, else by its name without that of a compression; else it is delimited text."""
    return declared or format_named(name) or "csv"


def format_named(name: str) -> Format | None:
    """The format that the ending of a name stands for; None if for none."""
    path = PurePosixPath(name.lower())
    return _BY_NAME.get(PurePosixPath(path.stem).suffix if path.suffix in ARCHIVES else path.suffix)


class TextFormat(Model):
    """How a text file is written, whatever is in it."""

    encoding: Annotated[
        str, AfterValidator(_known_encoding), Field(description="any Python codec; a byte-order mark decides")
    ] = "utf-8"
    compression: Literal["auto", "none", "gzip", "bz2", "zstd"] = "auto"


class CsvFormat(TextFormat):
    """How a delimited text file is written."""

    delimiter: Annotated[Separator, Field(description="one character, or several, such as +|")] = ","
    terminator: Annotated[
        Separator | None, Field(description='what ends a record, such as "&|\\n"; null: the end of a line')
    ] = None
    quote: Sign | None = Field('"', description="null: no quoting at all")
    escape: Sign | None = Field(None, description="null: a quote inside quotes is doubled")
    header: bool = Field(True, description="false: the declared column order names the fields")
    skip_lines: int = Field(0, ge=0, le=1000, description="lines before the header, or before the first record")
    quoted_newlines: bool = Field(True, description="false: no field holds a newline, so a big file is read in splits")

    @model_validator(mode="after")
    def _plain_where_separators_are_odd(self) -> CsvFormat:
        if self.is_odd and (self.quote is not None or self.escape is not None) and "quote" in self.model_fields_set:
            raise ValueError(
                "a delimiter of several characters or a terminator leaves no room for quotes; write quote: null"
            )
        return self

    @property
    def is_odd(self) -> bool:
        """Whether its separators are more than a character and a line end: then no field is quoted."""
        return len(self.delimiter) > 1 or self.terminator is not None


class ExcelFormat(Model):
    """Where the table is in a workbook."""

    sheet: str | int | None = Field(
        None, description="its name, or its number from 1; null: the one sheet that has the declared columns"
    )
    header: bool = Field(True, description="false: the declared column order names the cells")
    skip_rows: int | None = Field(
        None, ge=0, description="rows above the header; null: it is looked for in the first 20"
    )


def _known_path(value: str | None) -> str | None:
    if value is not None:
        parsed(value)
    return value


class JsonFormat(TextFormat):
    """Where the records are in a JSON document."""

    records: Annotated[
        str | None,
        AfterValidator(_known_path),
        Field(description="path to the array of records, such as data.orders[] or orders[].lines[]; null: the top"),
    ] = None
