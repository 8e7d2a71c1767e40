"""The frozen models of conf/, how they are read, and how they are checked."""

from c360.config.models import (
    Column,
    CsvFormat,
    Mapping,
    Model,
    Reference,
    Settings,
    SourceConfig,
    SourceTable,
)

__all__ = [
    "Column",
    "CsvFormat",
    "Mapping",
    "Model",
    "Reference",
    "Settings",
    "SourceConfig",
    "SourceTable",
]
