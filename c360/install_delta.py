"""Brings Delta's jars beside Spark's, once, by their Maven coordinate and with the Ivy that Spark itself uses."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from c360.errors import EngineError
from c360.install_java import trust_store, trusted_certificates

SCALA = "2.13"
IVY_SETTINGS = "C360_IVY_SETTINGS"
"""Names an Ivy settings file, for a network that has its own mirror of the Maven repository."""
PATIENCE_S = 900


class Coordinate(NamedTuple):
    """One module of a Maven repository."""

    organisation: str
    module: str
    revision: str

    def __str__(self) -> str:
        return ":".join(self)


def delta_coordinate() -> Coordinate:
    """The Maven coordinate of the Delta jar that fits the installed `pyspark` and `delta-spark` wheels.

    Raises:
        EngineError: one of them is not installed.
    """
    try:
        spark = ".".join(version("pyspark").split(".")[:2])
        return Coordinate("io.delta", f"delta-spark_{spark}_{SCALA}", version("delta-spark"))
    except PackageNotFoundError as error:
        raise EngineError(
            f"The package {error.name} is not installed. Install it: pip install 'c360[local]'."
        ) from None


def delta_jars(pyspark: Path, coordinate: Coordinate) -> list[Path] | None:
    """The jars that were fetched for `coordinate`; None when any is missing or cut short.

    Args:
        pyspark: the folder of the installed package, which holds `jars` and `conf`.
        coordinate: what has to be there.
    """
    if not _marker(pyspark).is_file():
        return None
    fetched = json.loads(_marker(pyspark).read_text())
    jars = {pyspark / "jars" / name: size for name, size in fetched["jars"].items()}
    complete = all(jar.is_file() and jar.stat().st_size == size for jar, size in jars.items())
    return sorted(jars) if complete and fetched["coordinate"] == str(coordinate) else None


def fetch_delta(pyspark: Path, coordinate: Coordinate, java: Path, environ: Mapping[str, str]) -> list[Path]:
    """Resolves `coordinate` and puts the jars that Spark lacks into its `jars`.

    Args:
        pyspark: the folder of the installed package.
        coordinate: what to fetch.
        java: the program that runs Ivy.
        environ: where proxies, certificates and an Ivy settings file may be named.

    Raises:
        EngineError: the repository cannot be reached, or does not have them.
    """
    with tempfile.TemporaryDirectory(dir=pyspark, prefix="delta-jars-") as name:
        folder = Path(name)
        answer = _run_ivy(folder, pyspark, coordinate, java, environ)
        found = sorted((folder / "jars").glob("*.jar"))
        wanted = f"{coordinate.module}-{coordinate.revision}.jar"
        if answer.returncode != 0 or wanted not in [jar.name for jar in found]:
            raise EngineError(
                f"Delta's jars ({coordinate}) could not be fetched. Spark needs them, Sail does not. "
                f"Ivy, run by {java}, said:{ivy_complaint(answer.stdout + answer.stderr)}\n"
                f"Connect to the network (HTTPS_PROXY is heeded; {IVY_SETTINGS} may name an Ivy settings file for a "
                "mirror of your own), then call `python -m c360.install` again."
            )
        sizes = {jar.name: jar.stat().st_size for jar in found}
        _remove_fetched(pyspark)
        for jar in found:
            jar.replace(pyspark / "jars" / jar.name)
        # Written last, and moved into place whole: jars without it were not fetched to the end.
        fresh = folder / "delta-jars.json"
        fresh.write_text(json.dumps({"coordinate": str(coordinate), "jars": sizes}, indent=1) + "\n")
        _marker(pyspark).parent.mkdir(exist_ok=True)
        fresh.replace(_marker(pyspark))
    return [pyspark / "jars" / name for name in sizes]


def _marker(pyspark: Path) -> Path:
    return pyspark / "conf" / "delta-jars.json"


def _remove_fetched(pyspark: Path) -> None:
    """Two versions of Delta on one class path are worse than none."""
    if _marker(pyspark).is_file():
        for name in json.loads(_marker(pyspark).read_text())["jars"]:
            (pyspark / "jars" / name).unlink(missing_ok=True)
        _marker(pyspark).unlink()


def _run_ivy(
    folder: Path, pyspark: Path, coordinate: Coordinate, java: Path, environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    (folder / "ivy.xml").write_text(ivy_module(coordinate, spark_modules()))
    options = [*trust_options(folder, environ), *proxy_options(environ)]
    settings = ["-settings", environ[IVY_SETTINGS]] if environ.get(IVY_SETTINGS) else []
    command = [str(java), *options, "-cp", f"{pyspark / 'jars'}/*", "org.apache.ivy.Main", *settings]
    command += ["-cache", str(folder / "cache"), "-ivy", str(folder / "ivy.xml")]
    command += ["-retrieve", str(folder / "jars" / "[artifact]-[revision](-[classifier]).[ext]")]
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"error: nothing after {PATIENCE_S} seconds")


def spark_modules() -> list[str]:
    """The module names of the jars in PySpark's wheel: by its own list, for the folder may hold fetched ones too.

    Raises:
        EngineError: the installed PySpark has no such list.
    """
    jars = [Path(file).name for file in distribution("pyspark").files or [] if file.match("pyspark/jars/*.jar")]
    if not jars:
        raise EngineError(
            "The installed PySpark does not list its jars. Install it again: pip install --force-reinstall pyspark."
        )
    return sorted({re.sub(r"-\d.*\.jar$", "", jar) for jar in jars})


def ivy_module(coordinate: Coordinate, brought: list[str]) -> str:
    """An Ivy file that asks for `coordinate` and all it needs, except the modules that are `brought` already."""
    excluded = "".join(f'      <exclude module="{module}"/>\n' for module in brought)
    return (
        '<ivy-module version="2.0">\n  <info organisation="c360" module="spark-jars"/>\n'
        '  <configurations><conf name="default"/></configurations>\n  <publications/>\n  <dependencies>\n'
        f'    <dependency org="{coordinate.organisation}" name="{coordinate.module}" rev="{coordinate.revision}" '
        f'conf="default->default">\n{excluded}    </dependency>\n  </dependencies>\n</ivy-module>\n'
    )


def ivy_complaint(output: str) -> str:
    """The lines of Ivy's output that say what went wrong, at most six, each on a line of its own and indented."""
    lines = [line.strip() for line in output.splitlines() if line.strip(" :-#\t")]
    signs = re.compile("exception|not found|error|refused|timed out", re.IGNORECASE)
    telling = [line for line in lines if signs.search(line) and not line.endswith(":::: ERRORS")]
    return "".join(f"\n  {line}" for line in list(dict.fromkeys(telling or lines[-6:]))[:6])


def trust_options(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """JVM options that make it trust what Python trusts; none where Python names no certificates.

    A company's own certificate is known to the machine, hence to pip, but not to a Java that came with pip.
    """
    certificates = trusted_certificates(environ)
    if not certificates:
        return []
    (folder / "trust.jks").write_bytes(trust_store(certificates, "changeit"))
    settings = {"": folder / "trust.jks", "Type": "jks", "Password": "changeit"}
    return [f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in settings.items()]


def proxy_options(environ: Mapping[str, str]) -> list[str]:
    """JVM options for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not."""
    options = []
    for scheme in ("https", "http"):
        proxy = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY")
        if proxy:
            parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
            options += [f"-D{scheme}.proxyHost={parts.hostname}", f"-D{scheme}.proxyPort={parts.port or 80}"]
    direct = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").replace(" ", "")
    hosts = [f"*{host}" if host.startswith(".") else host for host in direct.split(",") if host]
    return [*options, f"-Dhttp.nonProxyHosts={'|'.join(hosts)}"] if options and hosts else options
