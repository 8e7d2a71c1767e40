"""Which engine a process gets. What needs a process without a session runs in one of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from c360.errors import EngineError
from c360.session import choose, start

ENGINE_VARIABLES = ("DATABRICKS_RUNTIME_VERSION", "PYSPARK_GATEWAY_PORT")


@pytest.fixture(autouse=True)
def _no_engine_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENGINE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def in_a_process(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


def test_on_one_machine_auto_is_sail() -> None:
    assert (choose("auto"), choose("sail"), choose("spark")) == ("sail", "sail", "spark")


@pytest.mark.parametrize("variable", ENGINE_VARIABLES)
def test_where_spark_runs_us_auto_is_spark(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "17.3")

    assert choose("auto") == "spark"


def test_without_sail_auto_is_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert choose("auto") == "spark"


def test_an_active_session_is_used_and_stays_active(spark, engine: str) -> None:
    with start() as found:
        assert (found.spark, found.engine) == (spark, engine)

    assert spark.sql("SELECT 1 AS one").collect()[0].one == 1
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"


def test_the_other_engine_is_refused_in_a_process_that_has_one(spark, engine: str) -> None:
    other = "spark" if engine == "sail" else "sail"

    with pytest.raises(EngineError) as problem, start(other):
        pass

    assert str(problem.value) == f"this process already has a {engine} session; start a new process for {other}"


def test_a_session_of_ones_own_ends_with_the_block() -> None:
    said = in_a_process(
        "from c360.session import start\n"
        "from pyspark.sql import SparkSession\n"
        "for _ in range(2):\n"
        "    with start() as found:\n"
        "        print(found.engine, found.spark.sql('SELECT current_timezone() AS zone').collect()[0].zone)\n"
        "    print(SparkSession.getActiveSession())\n"
    )

    assert (said.returncode, said.stdout.splitlines()) == (0, ["sail UTC", "None"] * 2), said.stderr


@pytest.mark.parametrize(
    ("missing", "engine", "advice"),
    [
        ("pysail.spark", "sail", "pip install 'c360[local]', or --engine spark"),
        ("pyspark.sql", "spark", "pip install 'c360[local]'"),
    ],
)
def test_an_engine_that_is_not_installed_is_named_with_what_to_do(missing: str, engine: str, advice: str) -> None:
    said = in_a_process(
        f"import sys\nsys.modules[{missing!r}] = None\n"
        "from c360.session import start\nfrom c360.errors import EngineError\n"
        f"try:\n    start({engine!r}).__enter__()\nexcept EngineError as problem:\n    print(problem)\n"
    )

    assert (said.returncode, said.stdout.splitlines()) == (
        0,
        [
            f"{engine.capitalize()} is not installed (import of {missing} halted; None in sys.modules); {advice}",
        ],
    ), said.stderr
