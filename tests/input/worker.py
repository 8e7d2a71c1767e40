"""Runs c360's commands one after another in one process with one session; started by `commands.py` with its engine.

Reads a line of JSON for each command (`cwd`, `argv`, `env`) and answers with one (`code`, `out`, `err`).
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from commands import APPENDED, answer

from c360.ingest import bronze
from c360.session import start


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
            print(json.dumps(asdict(answer(**json.loads(line)))), file=answers, flush=True)
