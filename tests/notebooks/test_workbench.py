"""A lake in a notebook: what the helper gives, and what it says when it cannot."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from c360 import notebook
from c360.errors import C360Error, ConfigError, EngineError
from tests.corner_shop import DAY_1, deliver, shop

pytestmark = pytest.mark.slow_on_spark


@pytest.fixture(scope="module")
def bench(spark, engine, tmp_path_factory):
    """The corner shop after its first day, in the session of the suite."""
    world = shop(tmp_path_factory.mktemp("workbench"))
    deliver(world, DAY_1)
    with notebook.open(world.conf, world.lake, world.folder / "landing", engine) as lake:
        lake.run("gold.customer_activity")
        yield lake


def test_an_answer_is_a_frame_with_numbers_and_times_as_a_picture_needs_them(bench):
    found = bench.sql("""
        SELECT customer_id, total_amount, CAST(ordered_local_at AS DATE) AS day, ordered_at, is_revenue
        FROM unified.orders WHERE order_id IN ('1', '5') ORDER BY order_id
    """)
    wanted = pd.DataFrame(
        {
            "customer_id": ["1", None],
            "total_amount": [10.25, 3.0],
            "day": pd.to_datetime(["2025-02-10", "2025-03-01"]).astype("datetime64[ms]"),
            "ordered_at": pd.to_datetime(["2025-02-10 09:00", "2025-03-01 12:00"], utc=True).astype(
                "datetime64[us, UTC]"
            ),
            "is_revenue": [True, True],
        }
    )
    pd.testing.assert_frame_equal(found, wanted)
    assert bench.sql("SELECT * FROM unified.reviews").empty


def test_tables_rows_and_rejected_rows_are_frames_too(bench):
    tables = bench.tables().set_index("name")
    assert list(tables.loc["silver_shop.orders"])[:2] == ["table", 5]
    assert tables.loc["unified.orders", "kind"] == "view"
    assert list(bench.show("silver_shop.customers", rows=2).columns[:3]) == ["customer_id", "name", "email"]
    assert len(bench.show("silver_shop.customers", rows=2)) == 2
    assert bench.rejected("shop.customers").values.tolist() == [
        [
            "Customers_2025-03-01.csv",
            4,
            "rule:email_has_one_at",
            '{"customer_id": "3", "name": "Cleo", "email": "not an address"}',
        ]
    ]
    assert bench.rejected("shop.customers", rows=0).empty
    counted = bench.rejected()
    assert set(counted["table"]) == {f"quarantine_shop.{name}" for name in ("customers", "orders", "calls")}


def test_a_table_is_a_frame_of_the_engine(bench):
    assert bench.table("gold.customer_activity").where("orders > 1").count() == 1


def test_what_is_up_to_date_is_left_alone_and_as_of_is_heard(bench, capsys):
    bench.run("gold.customer_activity")
    assert "nothing new" in capsys.readouterr().out
    bench.run("gold.rfm", as_of=date(2025, 2, 28))
    assert "✓ gold.rfm  1 row" in capsys.readouterr().out
    assert bench.sql("SELECT recency_days FROM gold.rfm")["recency_days"].tolist() == [0]
    bench.run("gold.rfm")
    assert bench.sql("SELECT recency_days FROM gold.rfm")["recency_days"].tolist() == [1]


def test_what_cannot_be_answered_is_a_sentence(bench, engine, tmp_path):
    with pytest.raises(ConfigError, match="the statement has no answer"):
        bench.sql("SELECT nothing_such FROM unified.orders")
    with pytest.raises(ConfigError, match="no such table"):
        bench.show("gold.not_there")
    with pytest.raises(ConfigError, match="there is no engine 'flink'; name one of auto, sail, spark"):
        notebook.open(bench.config.folder, tmp_path, tmp_path, "flink")
    other = "spark" if engine == "sail" else "sail"
    with pytest.raises(EngineError, match=f"already has a {engine} session"):
        notebook.open(bench.config.folder, tmp_path, tmp_path, other)
    with (
        notebook.open(bench.config.folder, tmp_path / "lake", tmp_path) as nothing_yet,
        pytest.raises(C360Error, match="there is no table in"),
    ):
        nothing_yet.sql("SELECT 1")


def test_a_run_that_fails_stops_the_notebook(spark, tmp_path):
    world = shop(tmp_path)
    world.land("shop/Customers_2025-03-01.csv", "customer_id,wrong\n1,Ann\n")
    with (
        notebook.open(world.conf, world.lake, world.folder / "landing") as lake,
        pytest.raises(C360Error, match="a table or a check failed; the lines above say which and why"),
    ):
        lake.run("silver_shop.customers")
    assert spark.sql("SELECT 1 AS x").collect()[0].x == 1, "a session that was there before stays"


def test_the_engine_is_what_the_environment_says(spark, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("C360_ENGINE", "spark" if engine == "sail" else "sail")
    with pytest.raises(EngineError, match=f"already has a {engine} session"):
        notebook.open(shop(tmp_path).conf, tmp_path / "lake", tmp_path)
