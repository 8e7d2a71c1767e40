"""The one place that makes or finds a session: the active one, else Spark where Spark runs us, else Sail."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from c360.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Engine = Literal["auto", "sail", "spark"]

_CONF = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}

_OF_SAIL = {"spark.python.sql.dataFrameDebugging.enabled": "false"}
"""To note the line of every expression takes longer than to compute a small table."""

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Session:
    """A session and which engine answers it."""

    spark: SparkSession
    engine: Literal["sail", "spark"]


def choose(engine: Engine) -> Literal["sail", "spark"]:
    """The engine `auto` stands for in this process."""
    if engine != "auto":
        return engine
    if "DATABRICKS_RUNTIME_VERSION" in os.environ or "PYSPARK_GATEWAY_PORT" in os.environ:
        return "spark"  # Databricks, spark-submit or a pyspark shell runs us
    from importlib.util import find_spec

    return "sail" if find_spec("pysail") else "spark"


@contextmanager
def start(engine: Engine = "auto") -> Iterator[Session]:
    """A session for the time of the block; one that was active before stays active after.

    Raises:
        EngineError: the engine is not installed, cannot start, or another kind is active in this process.
    """
    active = _active()
    if active is not None:
        found = _engine_of(active)
        if engine not in ("auto", found):
            raise EngineError(f"this process already has a {found} session; start a new process for {engine}")
        _configure(active, _CONF)
        yield Session(active, found)
        return
    chosen, on_interrupt = choose(engine), signal.getsignal(signal.SIGINT)
    if chosen == "sail":
        server, spark = _start_sail()
    else:
        server, spark = None, _start_spark()
    _configure(spark, _CONF | _OF_SAIL if server else _CONF)
    # both engines take Ctrl-C for themselves as they start: Sail would be gone before the run hears of it
    if on_interrupt is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield Session(spark, chosen)
    finally:
        spark.stop()
        if server is not None:
            server.stop()


def _active() -> SparkSession | None:
    if "pyspark" not in sys.modules:
        return None
    from pyspark.sql import SparkSession

    try:
        return SparkSession.getActiveSession()
    except Exception as problem:  # no session of either kind: PySpark raises where Connect is half set up
        raise EngineError(f"cannot tell whether a session is active: {problem}") from problem


def _engine_of(spark: SparkSession) -> Literal["sail", "spark"]:
    # Sail answers its own version number, Spark "4.2.0 <revision>".
    version = spark.sql("SELECT version() AS v").collect()[0].v
    return "spark" if " " in version else "sail"


def _start_sail() -> tuple[Any, SparkSession]:
    os.environ.setdefault("RUST_LOG", "error")  # read when the library loads; it logs every query to stderr
    os.environ.setdefault("SAIL_SPARK__SESSION_TIMEOUT_SECS", str(_YEAR))  # else gone after an idle quarter of an hour
    try:
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession
    except ImportError as problem:
        raise EngineError(f"Sail is not installed ({problem}); pip install 'c360[local]', or --engine spark") from None
    server = SparkConnectServer(port=0)
    server.start()
    host, port = server.listening_address
    spark: Any = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    # the server lives in this process and ends with it, on Ctrl-C too: to call it again for ten minutes is no use
    spark.client.set_retry_policies([])
    spark.release_session_on_close = False
    return server, spark


def _start_spark() -> SparkSession:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as problem:
        raise EngineError(f"Spark is not installed ({problem}); pip install 'c360[local]'") from None
    if "SPARK_REMOTE" not in os.environ:
        os.environ.pop("SPARK_CONNECT_MODE_ENABLED", None)  # left by the session of a process that started this one
    builder = SparkSession.builder.appName("c360")
    if "DATABRICKS_RUNTIME_VERSION" not in os.environ:
        # Spark 4.2 hangs where a plain Python function reads columns of a Parquet file
        builder = builder.config("spark.sql.execution.arrow.pythonUDF.columnarInput.enabled", "false")
    if "PYSPARK_GATEWAY_PORT" not in os.environ and "SPARK_REMOTE" not in os.environ:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as problem:
        raise EngineError(f"Spark does not start: {problem}; `c360 doctor` says what it needs") from problem


def _configure(spark: SparkSession, settings: Mapping[str, str]) -> None:
    for key, value in settings.items():
        spark.conf.set(key, value)
