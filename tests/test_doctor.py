"""What `c360 doctor` finds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from c360 import doctor
from c360.doctor import Finding, examine
from c360.install import Place, configure
from c360.install_java import Java


def found_about(topic: str, tmp_path: Path, **paths: Path) -> Finding:
    conf, lake, landing = (paths.get(name, tmp_path / name) for name in ("conf", "lake", "landing"))
    return next(finding for finding in examine(conf, lake, landing) if finding.topic == topic)


def test_everything_is_looked_at_and_what_is_amiss_comes_with_advice(tmp_path: Path) -> None:
    findings = examine(tmp_path / "conf", tmp_path / "lake", tmp_path / "landing")

    topics = [finding.topic for finding in findings]
    assert topics == [
        *("Python", "Packages", "Sail", "Java", "Delta for Spark", "Spark settings"),
        *("Configuration", "Landing", "Lake", "Disk"),
    ]
    assert [finding.topic for finding in findings if (finding.state == "ok") == bool(finding.advice)] == []


def test_looking_changes_nothing(tmp_path: Path) -> None:
    examine(tmp_path / "conf", tmp_path / "lake", tmp_path / "landing")

    assert list(tmp_path.iterdir()) == []


# Packages


def with_packages(monkeypatch: pytest.MonkeyPatch, declared: list[str], installed: dict[str, str]) -> list[Finding]:
    def version(name: str) -> str:
        if name not in installed:
            raise PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(doctor, "requires", lambda _: declared)
    monkeypatch.setattr(doctor, "version", version)
    return list(doctor._packages("c360"))


DECLARED = ["pyarrow>=18", "pandas<3,>=2.2; extra == 'local'", "pyspark[connect]==4.2.0; extra == 'local'"]


def test_packages_within_their_bounds_are_named_with_their_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"pyarrow": "26.0.1", "pandas": "2.3.3", "pyspark": "4.2.0"}

    assert with_packages(monkeypatch, DECLARED, installed) == [
        Finding("Packages", "ok", "pyarrow 26.0.1, pandas 2.3.3, pyspark 4.2.0")
    ]


def test_packages_out_of_bounds_or_absent_are_named_with_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    [finding] = with_packages(monkeypatch, DECLARED, {"pyarrow": "9.0", "pandas": "3.0.0"})

    assert (finding.state, finding.found) == (
        "warning",
        "pyarrow is 9.0, not >=18; pandas is 3.0.0, not <3,>=2.2; pyspark==4.2.0 is not installed",
    )


def test_packages_of_the_other_extras_are_nobodys_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = ["pyarrow>=18", "duckdb>=1.1; extra == 'bench'", "pytest>=8; extra == 'dev'"]

    assert with_packages(monkeypatch, declared, {"pyarrow": "18"}) == [Finding("Packages", "ok", "pyarrow 18")]


@pytest.mark.parametrize(
    ("installed", "bounds", "fits"),
    [
        ("4.2.0", "==4.2.0", True),
        ("4.2", "==4.2.0", True),
        ("4.2.1", "==4.2.0", False),
        ("2.10", ">=2.9", True),
        ("2.2", ">=2.2,<3", True),
        ("3.0", ">=2.2,<3", False),
        ("25.0.2.1", ">=25,<26", True),
        ("1.0", "", True),
    ],
)
def test_versions_are_compared_as_numbers(installed: str, bounds: str, fits: bool) -> None:
    assert doctor._satisfies(installed, bounds) is fits


def test_a_package_that_is_not_installed_cannot_say_what_it_needs() -> None:
    [finding] = doctor._packages("c360-of-nowhere")

    assert (finding.state, finding.found) == (
        "missing",
        "c360-of-nowhere is not installed, so nobody knows what it needs",
    )


# Spark


def settings(tmp_path: Path, environ: dict[str, str]) -> Finding:
    [finding] = doctor._spark_settings(tmp_path / "venv" / "pyspark" / "conf", tmp_path / "venv" / "pyspark", environ)
    return finding


@pytest.fixture
def settings_for_a_java(tmp_path: Path) -> Path:
    """Settings that were made for the Java whose program is returned."""
    program = tmp_path / "java 17" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text("")
    program.chmod(0o755)
    place = Place(tmp_path / "venv", tmp_path / "venv" / "pyspark")
    configure(place, Java(program.parent.parent, program, 17, "PATH"), cores=2, memory_gib=4)
    return program


def test_settings_that_are_there_are_fine(tmp_path: Path, settings_for_a_java: Path) -> None:
    conf = tmp_path / "venv" / "pyspark" / "conf"

    assert settings_for_a_java.exists()
    assert settings(tmp_path, {}) == Finding("Spark settings", "ok", str(conf))
    assert settings(tmp_path, {"SPARK_CONF_DIR": str(conf), "SPARK_HOME": ""}).state == "ok"


def test_settings_that_were_never_written_are_missing(tmp_path: Path) -> None:
    finding = settings(tmp_path, {})

    assert (finding.state, finding.advice) == ("missing", doctor.MAKE_SETUP)
    assert finding.found.endswith("spark-env.sh was not written")


def test_settings_for_a_java_that_is_gone_are_to_be_made_again(tmp_path: Path, settings_for_a_java: Path) -> None:
    settings_for_a_java.unlink()

    finding = settings(tmp_path, {})

    assert (finding.state, finding.advice) == ("missing", doctor.MAKE_SETUP)
    assert finding.found == f"the Java they were made for is gone: {tmp_path / 'java 17'}"


def test_another_spark_named_by_the_environment_is_pointed_out(tmp_path: Path, settings_for_a_java: Path) -> None:
    assert settings_for_a_java.exists()

    finding = settings(tmp_path, {"SPARK_HOME": "/opt/spark", "SPARK_CONF_DIR": "/etc/spark"})

    assert finding.state == "warning"
    assert finding.found == "not in use, for the environment says SPARK_HOME=/opt/spark and SPARK_CONF_DIR=/etc/spark"


# Folders


def test_a_configuration_that_cannot_be_read_is_missing_and_says_where(tmp_path: Path) -> None:
    sources = tmp_path / "conf" / "sources"
    sources.mkdir(parents=True)
    (sources / "shop.yml").write_text("nonsense: 1\n")

    finding = found_about("Configuration", tmp_path)

    assert finding.state == "missing"
    assert "shop.yml" in finding.found
    assert finding.advice == f"`c360 check --conf {tmp_path / 'conf'}` lists all of it."


def test_the_configuration_of_this_repository_is_fine(tmp_path: Path) -> None:
    finding = found_about("Configuration", tmp_path, conf=Path(__file__).parents[1] / "conf")

    assert finding.state == "ok"
    assert "retail" in finding.found


def test_the_landing_folder_is_there_with_its_sources_or_else_a_warning(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    assert (found_about("Landing", tmp_path).state, found_about("Landing", tmp_path).found) == (
        "warning",
        f"{landing} is not there",
    )

    landing.mkdir()
    (landing / "loose.csv").write_text("a\n")
    assert found_about("Landing", tmp_path).found == f"{landing} holds no source's folder"

    (landing / "retail").mkdir()
    assert found_about("Landing", tmp_path) == Finding("Landing", "ok", f"{landing}: retail")

    assert found_about("Landing", tmp_path, landing=landing / "loose.csv").found.endswith("loose.csv is a file")


def test_a_lake_can_be_made_below_a_folder_and_not_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    deep = tmp_path / "not" / "yet" / "there"

    assert found_about("Lake", tmp_path, lake=deep) == Finding("Lake", "ok", f"{deep}, not there yet, can be made")
    assert found_about("Lake", tmp_path, lake=tmp_path) == Finding("Lake", "ok", str(tmp_path))
    assert found_about("Lake", tmp_path, lake=tmp_path / "file" / "lake") == Finding(
        "Lake", "missing", f"{tmp_path / 'file'} is a file", "Name another folder: --lake PATH"
    )


def test_a_lake_that_cannot_be_written_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)

    assert found_about("Lake", tmp_path).found == f"{tmp_path} cannot be written by this user"


def test_little_free_space_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=int(1.5 * 2**30)))

    finding = found_about("Disk", tmp_path)

    assert (finding.state, finding.found) == ("warning", f"1.5 GiB free at {tmp_path}")


# Engines


def test_an_engine_that_fails_is_missing_with_the_last_thing_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_TRIAL", "raise SystemExit('first\\nno Java here')")

    [finding] = doctor._engine("spark")

    assert finding.state == "missing"
    assert finding.found.endswith(" s: no Java here")
    assert finding.advice == doctor.MAKE_SETUP


def test_an_engine_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_TRIAL", "import time; time.sleep(20)")
    monkeypatch.setattr(doctor, "PATIENCE_S", 0.2)

    [finding] = doctor._engine("sail")

    assert finding.state == "missing"
    assert finding.found.endswith("no answer within 0.2 seconds")


def test_a_sail_that_cannot_be_loaded_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "Traceback\nImportError: GLIBC_2.28 not found\n")

    monkeypatch.setattr(subprocess, "run", refuse)

    [finding] = doctor._sail()

    assert (finding.state, finding.found) == (
        "missing",
        "installed, but cannot be loaded: ImportError: GLIBC_2.28 not found",
    )


@pytest.mark.slow
@pytest.mark.spark
def test_both_engines_write_and_read_a_delta_table_here(tmp_path: Path) -> None:
    assert sys.prefix != sys.base_prefix, "Spark is set up in virtual environments only"

    findings = examine(tmp_path / "conf", tmp_path / "lake", tmp_path / "landing", start_engines=True)

    assert [(finding.topic, finding.state) for finding in findings[-2:]] == [
        ("Sail, tried", "ok"),
        ("Spark, tried", "ok"),
    ], findings[-2:]
