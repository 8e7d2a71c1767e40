"""The frozen models of conf/, how they are read, and how they are checked."""

from c360.config.base import Model
from c360.config.formats import CsvFormat
from c360.config.models import (
    Column,
    Mapping,
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
