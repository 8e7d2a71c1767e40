"""The frozen models of conf/: what may be written there, and nothing else."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from c360.config.alerts import Alerts
from c360.config.base import Model, Name, Names, Texts, listed
from c360.config.currencies import Currency, Rates
from c360.config.database import Database, DatabaseTable
from c360.config.dates import shape_of
from c360.config.formats import CsvFormat, ExcelFormat, Format, JsonFormat, format_named
from c360.config.http import Http, HttpTable
from c360.config.loads import Append, Contract, ContractField, HistoryField, LoadField, Snapshot, Upsert
from c360.config.numbers import Numbers

TYPE = re.compile(r"string|int|bigint|money|double|boolean|date|timestamp|decimal\((\d{1,2}),\s*(\d{1,2})\)")


def _known_type(value: str) -> str:
    match = TYPE.fullmatch(value)
    if not match:
        raise ValueError(
            "allowed: string, int, bigint, decimal(p,s), money (decimal(19,4)), double, boolean, date, timestamp"
        )
    if match[1] and not (1 <= int(match[1]) <= 38 and int(match[2]) <= int(match[1])):
        raise ValueError("decimal(p,s) needs 1 <= p <= 38 and s <= p")
    return value.replace(" ", "")


ColumnType = Annotated[str, AfterValidator(_known_type)]


def _in_ddl(column_type: str) -> str:
    return "DECIMAL(19,4)" if column_type == "money" else column_type.upper()


class Column(Model):
    """A column of a source table: where it comes from, its type, and what a valid value is."""

    source_name: str | None = Field(None, alias="from", description="its name in the file; default: the same")
    type: ColumnType = Field(
        "string", description="string, int, bigint, decimal(p,s), money, double, boolean, date, timestamp"
    )
    formats: Texts = Field((), alias="format", description="of a date or timestamp, tried in order")
    numbers: Numbers | None = Field(None, description="how numbers are written; default: the source's")
    required: bool = Field(False, description="null is rejected; keys always are")
    accepted: Texts | None = Field(None, description="the values allowed, compared exactly")
    true_values: Texts = ("true", "t", "yes", "y", "1")
    false_values: Texts = ("false", "f", "no", "n", "0")
    null_values: Texts = Field((), description="texts that mean null, besides the empty one")
    pii: bool = Field(False, description="personal: no statistics are kept, masked in what people see")
    description: str = ""

    @model_validator(mode="after")
    def _format_fits(self) -> Column:
        if self.formats and self.type not in ("date", "timestamp"):
            raise ValueError(f"format belongs to a date or timestamp, not to {self.type}")
        for date_format in self.formats:
            shape_of(date_format)
        if self.numbers and not self.is_number:
            raise ValueError(f"numbers belongs to a number, not to {self.type}")
        return self

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.type not in ("string", "boolean", "date", "timestamp")

    @property
    def sql_type(self) -> str:
        """Its type in silver, as written in DDL."""
        return _in_ddl(self.type)

    @property
    def date_formats(self) -> tuple[str, ...]:
        """The declared formats, or the ISO one of its type."""
        return self.formats or (("yyyy-MM-dd",) if self.type == "date" else ("yyyy-MM-dd HH:mm:ss",))


class Reference(Model):
    """A foreign key: the column's values are keys of `table`, in the same source."""

    table: Name
    on_missing: Literal["keep", "quarantine"] = Field("keep", description="keep: the row stays and is flagged")


def _reference(value: Any) -> Any:
    return {"table": value} if isinstance(value, str) else value


class Derived(Model):
    """A column computed in silver from the typed columns."""

    sql: str
    type: ColumnType = "string"
    pii: bool = False
    description: str = ""

    @property
    def sql_type(self) -> str:
        """Its type in silver, as written in DDL."""
        return _in_ddl(self.type)


def _derived(value: Any) -> Any:
    return {"sql": value} if isinstance(value, str) else value


class SourceTable(Model):
    """One table of a source, from its files to its silver table."""

    files: Texts = Field((), description="file patterns, relative to <landing>/<source>")
    http: HttpTable | None = Field(None, description="what is asked for, where the source has an API")
    database: DatabaseTable | None = Field(None, description="what is read, where the source has a database")
    format: Format | None = Field(None, description="default: what the file's name says, else csv")
    csv: CsvFormat | None = Field(None, description="default: the source's")
    excel: ExcelFormat | None = Field(None, description="default: the source's")
    json_: JsonFormat | None = Field(None, alias="json", description="default: the source's")
    contract: ContractField = Field(Contract(), description="what becomes of input with other columns or types")
    columns: dict[Name, Column] = Field(min_length=1)
    load: LoadField = Field(Upsert(), description="append, upsert, snapshot, or {mode: changes, operation: …}")
    history: HistoryField = Field(None, description="true: every version of every key is kept, with the time it held")
    key: Names = Field(
        (), validate_default=True, description="the columns by which a row is known; none where load is append"
    )
    newest_by: Names = Field((), description="columns the source changes on every update, such as updated_at")
    dedup: Literal["latest", "first_non_null"] = "latest"
    event_at: Name | None = Field(None, description="when it happened; a row dated after its delivery is rejected")
    derive: dict[Name, Annotated[Derived, BeforeValidator(_derived, json_schema_input_type=str | Derived)]] = Field({})
    rules: dict[Name, str] = Field({}, description="name: SQL predicate that describes the valid row")
    unique: tuple[Names, ...] = Field((), description="columns no two keys of one file may share")
    references: dict[
        Name, Annotated[Reference, BeforeValidator(_reference, json_schema_input_type=Name | Reference)]
    ] = Field({})
    partition_by: Name | None = Field(None, description="a column that never changes for a key, such as its month")
    max_reject_rate: float | None = Field(None, ge=0, le=1, description="default: the one of c360.yml")
    stale_after_hours: float | None = Field(None, gt=0, description="default: the source's")
    description: str = ""

    @field_validator("columns", mode="before", json_schema_input_type=dict[Name, Column | str | None])
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: {"type": v} if isinstance(v, str) else ({} if v is None else v) for k, v in value.items()}

    @model_validator(mode="after")
    def _combines_what_stays(self) -> SourceTable:
        held_back = [column for column, r in self.references.items() if r.on_missing == "quarantine"]
        if self.dedup == "first_non_null" and held_back:
            raise ValueError(
                f"{held_back[0]} holds rows back until their parent comes, but dedup first_non_null combines rows in "
                "the order of their delivery; choose on_missing: keep, or dedup: latest"
            )
        return self

    @field_validator("key")
    @classmethod
    def _is_there(cls, value: tuple[str, ...], given: ValidationInfo) -> tuple[str, ...]:
        if not value and not isinstance(given.data.get("load"), Append):
            raise ValueError("is missing; only load: append does without a key")
        return value

    @model_validator(mode="after")
    def _adds_up(self) -> SourceTable:
        appends, snapshots = isinstance(self.load, Append), isinstance(self.load, Snapshot)
        refused = {
            "a key": appends and bool(self.key),
            "unique": appends and bool(self.unique),
            "history": appends and self.history is not None,
            "newest_by": (appends or snapshots) and bool(self.newest_by),
            "dedup: first_non_null": not isinstance(self.load, Upsert) and self.dedup == "first_non_null",
            "history: {valid_from: …}": snapshots and self.history is not None and bool(self.history.valid_from),
        }
        if wrong := next((what for what, holds in refused.items() if holds), None):
            why = {"append": "every row stays a row", "snapshot": "the time of a delivery decides"}
            said = why.get(self.load.mode, "each row is a step of its own")
            raise ValueError(f"{wrong} does not go with load: {self.load.mode}, where {said}; leave one of the two out")
        return self

    @property
    def is_native(self) -> bool:
        """Whether its values may come with types of their own, from a format that is more than text."""
        formats = {self.format} if self.format else {format_named(pattern.rstrip("*")) for pattern in self.files}
        return bool(formats - {"csv"}) or self.http is not None or self.database is not None

    @property
    def source_columns(self) -> tuple[tuple[str, str], ...]:
        """(name in the lake, name in the file), in declared order."""
        return tuple((name, column.source_name or name) for name, column in self.columns.items())

    @property
    def business_columns(self) -> dict[str, str]:
        """Declared and derived columns with their SQL types."""
        return {name: c.sql_type for name, c in self.columns.items()} | {n: d.sql_type for n, d in self.derive.items()}

    @property
    def pii_columns(self) -> tuple[str, ...]:
        """Names of the columns that say who somebody is."""
        return (*(n for n, c in self.columns.items() if c.pii), *(n for n, d in self.derive.items() if d.pii))


class Mapping(Model):
    """How one silver table (or a query over the source's tables) fills a unified table."""

    table: Name | None = Field(None, alias="from")
    where: str | None = None
    query: str | None = Field(None, description="instead of from: SQL over the source's tables")
    columns: dict[Name, str] = Field(min_length=1, description="unified column: SQL expression; the others are null")

    @model_validator(mode="after")
    def _one_origin(self) -> Mapping:
        if (self.table is None) == (self.query is None):
            raise ValueError("needs either from (a silver table) or query (SQL over silver tables)")
        return self


class SourceConfig(Model):
    """conf/sources/<source>.yml"""

    source: Name
    description: str = ""
    timezone: str = Field("UTC", description="IANA name; of the times the source writes without an offset")
    numbers: Numbers = Numbers()
    csv: CsvFormat = CsvFormat()
    excel: ExcelFormat = ExcelFormat()
    json_: JsonFormat = Field(JsonFormat(), alias="json")
    http: Http | None = Field(None, description="the API that tables are asked from")
    database: Database | None = Field(None, description="the database that tables are read from")
    ask_every_seconds: float = Field(300, gt=0, description="how often --watch asks the API or database")
    stale_after_hours: float | None = Field(None, gt=0, description="alert on_stale when nothing came for so long")
    delivered_at: str | None = Field(None, description="regular expression; its first group is the date in a file name")
    tables: dict[Name, SourceTable] = Field(min_length=1)
    unified: dict[
        Name,
        Annotated[tuple[Mapping, ...], BeforeValidator(listed, json_schema_input_type=Mapping | tuple[Mapping, ...])],
    ] = Field({})

    def origin(self, table: str) -> Literal["http", "database"] | None:
        """Whom a table is asked from; None for one that is only delivered."""
        declared = self.tables[table]
        if declared.http and self.http:
            return "http"
        return "database" if declared.database and self.database else None

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no such time zone: {value}; for example UTC, Europe/Berlin") from None
        return value

    @field_validator("delivered_at")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                groups = re.compile(value).groups
            except re.error as problem:
                raise ValueError(f"not a regular expression: {problem}") from None
            if groups < 1:
                raise ValueError("needs a group around the date, for example _(\\d{4}-\\d{2}-\\d{2})")
        return value


class Settings(Model):
    """conf/c360.yml"""

    not_revenue: Texts = Field(
        ("cancelled", "failed", "refunded", "rejected"),
        description="statuses of orders that bring no revenue, in lower case",
    )
    max_reject_rate: float = Field(0.5, ge=0, le=1, description="share of a batch that may be rejected")
    settle_seconds: float = Field(2.0, ge=0, description="a file changed more recently than this waits")
    alerts: Alerts = Alerts()
    reporting_currency: Currency | None = Field(
        None, description="in which amounts of several sources are added up; default: they are added up as they are"
    )
    currency_rates: dict[Currency, Rates] = Field(
        {}, description="currency: {day: what one unit is worth in the reporting currency from that day on}"
    )

    @model_validator(mode="after")
    def _rates_lead_somewhere(self) -> Settings:
        if self.currency_rates and self.reporting_currency is None:
            raise ValueError("currency_rates needs reporting_currency, the currency that the rates lead to")
        return self
