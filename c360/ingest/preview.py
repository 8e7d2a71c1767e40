"""conf against what lies in the landing folders, before anything is run."""

from __future__ import annotations

from pathlib import Path

from c360.config.load import Config
from c360.ingest.files import landed, of_table


def findings(config: Config, landing: Path) -> list[str]:
    """Sentences a user would want to read first: tables without a file, files no table asks for."""
    said = []
    for name, source in config.sources.items():
        files = landed(landing / name)
        claimed: dict[str, list[str]] = {}
        for table, declared in source.tables.items():
            found = of_table(files, declared)
            for file in found:
                claimed.setdefault(file.name, []).append(table)
            if not found:
                said.append(f"{name}.{table}: no file in {landing / name} matches {' or '.join(declared.files)}")
        for file in files:
            if file.name not in claimed:
                said.append(f"{landing / name / file.name}: no table of {name} asks for it")
        for file_name, tables in claimed.items():
            if len(tables) > 1:
                said.append(f"{landing / name / file_name}: read by several tables: {', '.join(tables)}")
    return said
