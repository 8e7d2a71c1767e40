"""Zip archives: to c360 one is a folder, and its members are the files in it."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO

from c360.errors import InputFileError

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a broken archive raises."""

_PROTECTED = 0x1


def is_archive(name: str) -> bool:
    """Whether a file is looked into; a workbook is not, though it is a zip archive too."""
    return name.lower().endswith(".zip")


def members(opened: IO[bytes], name: str) -> list[tuple[str, int]]:
    """The files in an archive, each with its size when unpacked; those that nobody delivered on purpose are left out.

    Args:
        opened: the archive, readable at any place.
        name: for messages.

    Raises:
        InputFileError: it is no archive, or damaged.
    """
    try:
        with zipfile.ZipFile(opened) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
    except DAMAGED as problem:
        raise damaged(name, problem) from problem
    hidden = (".", "_", "~$")
    return [(f.filename, f.file_size) for f in files if not any(p.startswith(hidden) for p in f.filename.split("/"))]


def member_of(opened: IO[bytes], name: str, member: str) -> IO[bytes]:
    """One file of an archive, readable at any place.

    Args:
        opened: the archive, readable at any place.
        name: of the member, for messages.
        member: what it is called in the archive.

    Raises:
        InputFileError: it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(opened)
        if archive.getinfo(member).flag_bits & _PROTECTED:
            raise InputFileError(f"{name} is protected by a password; deliver it without one")
        return archive.open(member)
    except KeyError:
        raise InputFileError(f"{name} is gone from its archive: it was there when it was listed.") from None
    except NotImplementedError as problem:
        raise InputFileError(f"{name} cannot be unpacked ({problem}); have it packed by deflate") from problem
    except DAMAGED as problem:
        raise damaged(name, problem) from problem


def damaged(name: str, problem: Exception) -> InputFileError:
    """What to say of it."""
    return InputFileError(f"{name} is a truncated or damaged zip archive ({problem}). Ask for the file again.")
