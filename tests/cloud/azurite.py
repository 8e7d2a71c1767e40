"""An Azure Blob store of the tests' own (azurite): in an empty folder, on a free port, gone when they end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, which everybody knows."""

DEMAND = "C360_DEMAND_AZURITE"
"""With 1 in this variable the tests that need azurite fail where it is not installed, instead of being skipped."""

_PATIENCE = 60.0


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fs.AzureFileSystem]:
    """The store, its address and key in the environment, where a user would put them."""
    program = shutil.which("azurite-blob")
    if program is None:
        said = "no azurite-blob on the path; npm's package is azurite"
        if os.environ.get(DEMAND) == "1":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("azurite")
    options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--blobPort", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, *options, "--location", str(folder)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait_for(port, process, folder / "log")
        with pytest.MonkeyPatch.context() as environment:
            for name, value in {
                "AZURE_STORAGE_USE_EMULATOR": "true",  # it lists files in another way than Azure
                "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{port}",
                "AZURE_STORAGE_ACCOUNT_KEY": KEY,
            }.items():
                environment.setenv(name, value)
            at = f"127.0.0.1:{port}"
            yield fs.AzureFileSystem(
                ACCOUNT,
                account_key=KEY,
                blob_storage_authority=at,
                blob_storage_scheme="http",
                dfs_storage_authority=at,
                dfs_storage_scheme="http",
            )
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def put(azure: fs.AzureFileSystem, path: str, data: bytes) -> None:
    """Write a file: `<container>/<path>`."""
    with azure.open_output_stream(path, compression=None) as file:
        file.write(data)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"azurite did not start: {log.read_text()}", pytrace=False)
