"""Programs of a few lines that stand in for real ones."""

from __future__ import annotations

from pathlib import Path


def program(path: Path, text: str) -> Path:
    """Makes `path` a shell script and returns it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path
