"""The lake's names in a session's catalog; `pytest --engine sail` runs the same on Sail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gold.rows import frame, result

from c360.catalog import register
from c360.config.load import Config
from c360.config.models import Settings
from c360.config.segments import Segments
from c360.lake import Lake

CONFIG = Config(Settings(), Segments(), {}, Path("conf"))


def lake_of(spark: Any, root: Path, **rows: int) -> Lake:
    """A lake of tables `gold.<name>`, each with one row."""
    lake = Lake(root, spark)
    for name, number in rows.items():
        lake.ensure(f"gold.{name}", "id INT")
        lake.add_rows(f"gold.{name}", "id INT", [{"id": number}])
    return lake


def test_tables_are_known_by_their_names_follow_later_writes_and_are_the_last_lakes(spark, tmp_path: Path) -> None:
    first, second = lake_of(spark, tmp_path / "it's one", a=1, b=1), lake_of(spark, tmp_path / "two", a=2)

    assert register(first, CONFIG) == ["gold.a", "gold.b"]
    assert result(spark.sql("SELECT id FROM gold.a")) == [(1,)]
    first.append("gold.a", frame(spark, "id INT", {"id": 7}))
    assert register(first, CONFIG) == ["gold.a", "gold.b"]
    assert result(spark.sql("SELECT id FROM gold.a")) == [(1,), (7,)]

    assert register(second, CONFIG) == ["gold.a"]
    assert result(spark.sql("SELECT id FROM gold.a")) == [(2,)]
    assert not spark.catalog.tableExists("gold.b")
    assert [row["id"] for row in first.rows("gold.b")] == [1]
