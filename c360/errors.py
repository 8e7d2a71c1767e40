"""What can go wrong, one small class per cause.

A message says what is wrong, what was found and what to do; it names file, table and column.
"""

from __future__ import annotations


class C360Error(Exception):
    """An error whose message is meant for the user. The command exits with `exit_code`."""

    exit_code = 1


class ConfigError(C360Error):
    """The configuration, or the way the command was called, is wrong."""

    exit_code = 2


class InputFileError(C360Error):
    """A delivered file cannot be read as its table declares; the table stops, the run goes on."""


class StoreError(InputFileError):
    """An object store does not answer, or refuses."""


class SourceError(C360Error):
    """A system that is asked for data does not give it as declared; the table stops, the run goes on."""


class SchemaMismatchError(C360Error):
    """A frame or a stored table does not have the declared columns."""


class RejectRateError(C360Error):
    """More rows of a batch (`batch_id`) were rejected than its table allows; nothing of it was merged."""

    def __init__(self, message: str, batch_id: str = "") -> None:
        super().__init__(message)
        self.batch_id = batch_id


class CheckFailedError(C360Error):
    """The ledger does not add up."""


class LakeLockedError(C360Error):
    """Another run holds the lake."""


class EngineError(C360Error):
    """No engine can be started, or the wrong one is active in this process."""


class WriteConflictError(C360Error):
    """Another writer kept changing the table while this one tried to commit."""
