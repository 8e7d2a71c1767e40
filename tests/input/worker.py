"""Runs c360's commands one after another in one process with one session; started by `commands.py` with its engine.

Reads a line of JSON for each command (`cwd`, `argv`, `env`) and answers with one (`code`, `out`, `err`).
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from commands import APPENDED

from c360.cli import main
from c360.ingest import bronze
from c360.session import start


def answer(cwd: str, argv: list[str], env: dict[str, str]) -> dict[str, Any]:
    out, err, before = io.StringIO(), io.StringIO(), dict(os.environ)
    os.environ.update(env)
    sys.argv = ["c360", *argv]
    try:
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        return {"code": ended.code, "out": out.getvalue(), "err": err.getvalue()}
    finally:
        os.environ.clear()
        os.environ.update(before)
    raise AssertionError("the command's entry ends the process")


def read_and_append(lake: Any, shape: Any, files: Any) -> dict[str, int]:
    counts = append(lake, shape, files)
    if changing := os.environ.get(APPENDED):
        with Path(changing).open("a") as file:
            file.write("8,Hal,hal@x.org\n")
    return counts


append = bronze._append
bronze._append = read_and_append

if __name__ == "__main__":
    answers = sys.stdout
    with start(sys.argv[1]):
        for line in sys.stdin:
            print(json.dumps(answer(**json.loads(line))), file=answers, flush=True)
