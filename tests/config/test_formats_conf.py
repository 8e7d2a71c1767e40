"""How files are written, how deliveries add up: what may be declared, and what does not go together."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from c360.config import CsvFormat, SourceTable
from c360.config.formats import format_of
from c360.config.paths import parsed, written

PLAIN = {"files": "t.csv", "key": "id", "columns": {"id": "int", "at": "timestamp", "op": "string"}}


def table(**more: Any) -> SourceTable:
    return SourceTable.model_validate(PLAIN | more)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.CSV.gz", "csv"),
        ("a.XLSX", "excel"),
        ("a.json", "json"),
        ("a.jsonl.zst", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("sub.parquet/a.txt", "csv"),
        ("a.parquet", "parquet"),
        ("a", "csv"),
        ("a.dat", "csv"),
        (".xlsx", "csv"),
    ],
)
def test_a_name_tells_the_format_unless_it_is_declared(name: str, kind: str) -> None:
    assert format_of(name, None) == kind
    assert format_of(name, "json") == "json"


@pytest.mark.parametrize(
    ("more", "is_native"),
    [
        ({"files": "Customers*.csv*"}, False),
        ({"files": ["a.csv", "b.xlsx"]}, True),
        ({"files": "a*.parquet"}, True),
        ({"files": "orders"}, True),
        ({"files": "a.xlsx", "format": "csv"}, False),
        ({"files": "a.csv", "format": "excel"}, True),
    ],
)
def test_values_have_types_of_their_own_where_the_format_is_more_than_text(
    more: dict[str, Any], is_native: bool
) -> None:
    assert table(**more).is_native is is_native


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ('["x.y"].z', ("x.y", "z")),
        ('["q\\"\\\\"]', ('q"\\',)),
        ("^.id", (-1, "id")),
        ("^.^.id", (-1, -1, "id")),
        ("orders[].lines[]", ("orders", None, "lines", None)),
        ("[]", (None,)),
        ("e-mail (work)", ("e-mail (work)",)),
        ('["^"]', ("^",)),
    ],
)
def test_a_path_is_read_and_written_again(path: str, steps: tuple[Any, ...]) -> None:
    assert parsed(path) == steps
    assert parsed(written(steps)) == steps


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "a[x]", "a]", 'a["b"', "a^", "a.^", '["a"]b', "^a"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"is no path; for example address.city, items"):
        parsed(path)


def test_separators_of_several_characters_go_with_no_quotes() -> None:
    assert CsvFormat(delimiter="+|", terminator="&|\n").is_odd
    assert CsvFormat(delimiter="||", quote=None).is_odd
    assert not CsvFormat(delimiter=";").is_odd
    with pytest.raises(ValidationError, match=r"no room for quotes; write quote: null"):
        CsvFormat(delimiter="||", quote="'")
    with pytest.raises(ValidationError, match=r"'→' is not an ASCII character"):
        CsvFormat(terminator="→")


class TestLoads:
    def test_one_word_is_a_mode_without_options(self) -> None:
        assert [table(load=mode).load.mode for mode in ("upsert", "snapshot")] == ["upsert", "snapshot"]
        assert table(key=[], load="append").load.mode == "append"
        assert table().load.mode == "upsert"
        assert table(history=True).history is not None
        assert (table(history=False).history, table().history) == (None, None)
        contract = table(contract="freeze").contract
        assert (contract.new_columns, contract.missing_columns, contract.changed_types) == ("freeze",) * 3

    @pytest.mark.parametrize(
        ("more", "problem"),
        [
            ({"key": []}, "is missing; only load: append does without a key"),
            ({"load": "append"}, "a key does not go with load: append, where every row stays a row"),
            ({"key": [], "load": "append", "unique": [["at"]]}, "unique does not go with load: append"),
            ({"key": [], "load": "append", "history": True}, "history does not go with load: append"),
            ({"load": "snapshot", "newest_by": "at"}, "newest_by does not go with load: snapshot, where the time of"),
            ({"load": "snapshot", "dedup": "first_non_null"}, "dedup: first_non_null does not go with load: snapshot"),
            ({"load": "snapshot", "history": {"valid_from": "at"}}, "valid_from: …} does not go with load: snapshot"),
            ({"load": {"mode": "changes", "operation": "op"}, "dedup": "first_non_null"}, "is a step of its own"),
            ({"load": "changes"}, "operation"),
            ({"load": "replace"}, "append.*upsert.*snapshot.*changes"),
            ({"load": {"mode": "snapshot", "max_shrink": 2}}, "less than or equal to 1"),
        ],
    )
    def test_what_does_not_go_together_is_refused(self, more: dict[str, Any], problem: str) -> None:
        with pytest.raises(ValidationError, match=problem):
            table(**more)
