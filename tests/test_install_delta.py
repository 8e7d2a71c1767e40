"""Delta's jars: fetched once, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from fake_programs import program

from c360 import install_delta
from c360.errors import EngineError
from c360.install_delta import Coordinate, delta_jars, fetch_delta, ivy_complaint, ivy_module, proxy_options

DELTA = Coordinate("io.delta", "delta-spark_4.2_2.13", "4.4.0")


def fetched(pyspark: Path, jars: dict[str, bytes], coordinate: Coordinate = DELTA) -> None:
    (pyspark / "jars").mkdir(parents=True, exist_ok=True)
    (pyspark / "conf").mkdir(exist_ok=True)
    for name, content in jars.items():
        (pyspark / "jars" / name).write_bytes(content)
    sizes = {name: len(content) for name, content in jars.items()}
    (pyspark / "conf" / "delta-jars.json").write_text(json.dumps({"coordinate": str(coordinate), "jars": sizes}))


def test_jars_count_as_fetched_only_if_all_are_there_whole_and_of_this_version(tmp_path: Path) -> None:
    assert delta_jars(tmp_path, DELTA) is None

    fetched(tmp_path, {"b.jar": b"22", "a.jar": b"1"})
    assert delta_jars(tmp_path, DELTA) == [tmp_path / "jars" / "a.jar", tmp_path / "jars" / "b.jar"]
    assert delta_jars(tmp_path, DELTA._replace(revision="4.5.0")) is None

    (tmp_path / "jars" / "b.jar").write_bytes(b"2")
    assert delta_jars(tmp_path, DELTA) is None
    (tmp_path / "jars" / "b.jar").unlink()
    assert delta_jars(tmp_path, DELTA) is None


IVY = """
while [ "$1" != -retrieve ]; do shift; done
folder=$(dirname "$2"); mkdir -p "$folder"
"""


def test_fetched_jars_replace_those_of_another_version(tmp_path: Path) -> None:
    fetched(tmp_path, {"delta-storage-4.3.0.jar": b"old"}, DELTA._replace(revision="4.3.0"))
    spark = tmp_path / "jars" / "spark-core_2.13-4.2.0.jar"
    spark.write_bytes(b"spark")
    java = program(tmp_path / "java", f'{IVY} printf new > "$folder/delta-spark_4.2_2.13-4.4.0.jar"')

    jars = fetch_delta(tmp_path, DELTA, java, {"PATH": os.environ["PATH"]})

    delta = tmp_path / "jars" / "delta-spark_4.2_2.13-4.4.0.jar"
    assert jars == [delta] == delta_jars(tmp_path, DELTA)
    assert sorted((tmp_path / "jars").iterdir()) == [delta, spark]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["conf", "jars", "java"]


@pytest.mark.parametrize(
    "ivy",
    [
        "echo '  Server access error: Connection refused'; exit 1",
        f'{IVY} printf x > "$folder/delta-spark_4.2_2.13-4.4.0.jar"; echo "Connection refused"; exit 1',
        f'{IVY} printf x > "$folder/delta-storage-4.4.0.jar"; echo "Connection refused"',
    ],
    ids=["nothing came", "it failed after the jar", "one jar of two came"],
)
def test_a_fetch_that_fails_leaves_the_jars_as_they_were_and_says_why(tmp_path: Path, ivy: str) -> None:
    (tmp_path / "jars").mkdir()

    with pytest.raises(
        EngineError, match=r"(?s)4\.4\.0\) could not be fetched.*Connection refused\nConnect to the net"
    ):
        fetch_delta(tmp_path, DELTA, program(tmp_path / "java", ivy), {"PATH": os.environ["PATH"]})

    assert delta_jars(tmp_path, DELTA) is None
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_fetch_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install_delta, "PATIENCE_S", 0.2)

    with pytest.raises(EngineError, match=r"nothing after 0\.2 seconds"):
        fetch_delta(tmp_path, DELTA, program(tmp_path / "java", "exec sleep 20"), {"PATH": os.environ["PATH"]})


def test_ivy_is_asked_for_delta_without_what_spark_brings() -> None:
    module = ivy_module(DELTA, ["jts-core", "parquet-hadoop"])

    assert '<dependency org="io.delta" name="delta-spark_4.2_2.13" rev="4.4.0" conf="default->default">' in module
    assert module.count("<exclude ") == 2
    assert '<exclude module="parquet-hadoop"/>' in module


def test_of_what_ivy_says_the_reasons_are_kept() -> None:
    noise = "\n".join(f"found module{n} in public" for n in range(9))
    said = f"{noise}\n\t:: x: not found\n::::::::\nServer access error\n\t:: x: not found\n"

    assert ivy_complaint(said) == "\n  :: x: not found\n  Server access error"
    assert ivy_complaint(noise).splitlines()[1:] == [f"  found module{n} in public" for n in range(3, 9)]


@pytest.mark.parametrize(
    ("environ", "options"),
    [
        ({}, []),
        ({"NO_PROXY": "localhost"}, []),
        ({"HTTPS_PROXY": "http://proxy:3128"}, ["-Dhttps.proxyHost=proxy", "-Dhttps.proxyPort=3128"]),
        ({"HTTPS_PROXY": "a:1", "https_proxy": "b:2"}, ["-Dhttps.proxyHost=b", "-Dhttps.proxyPort=2"]),
        (
            {"http_proxy": "http://proxy", "NO_PROXY": "localhost, .corp,"},
            ["-Dhttp.proxyHost=proxy", "-Dhttp.proxyPort=80", "-Dhttp.nonProxyHosts=localhost|*.corp"],
        ),
    ],
)
def test_the_jvm_is_told_of_the_proxies_of_the_environment(environ: dict[str, str], options: list[str]) -> None:
    assert proxy_options(environ) == options
