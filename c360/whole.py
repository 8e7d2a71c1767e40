"""Small files that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from c360.crash import wrote


def replace_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it, not even after a power cut."""
    draft = path.with_name(f"{path.name}.tmp")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    wrote()
    draft.replace(path)
    wrote()
