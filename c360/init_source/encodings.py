"""In which encoding a text file is, by its bytes."""

from __future__ import annotations

import codecs
from typing import NamedTuple

import pyarrow as pa

from c360.config.formats import TextFormat
from c360.ingest.encoding import MARK_ERRORS, compression_of, encoding_of, open_bytes
from c360.ingest.spec import RawFile

LOOKED_AT = 16 * 1024 * 1024
"""Bytes that are looked at for the encoding: a letter with an accent may come late."""

_UNDEFINED = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))  # in cp1252


class Encoding(NamedTuple):
    """What to declare, and why; an empty reason where there is nothing to say.

    `is_open`: whether any other encoding would do as well, since there is only ASCII, or a mark that decides.
    """

    name: str
    why: str = ""
    is_open: bool = False


def first_bytes(file: RawFile, size: int = LOOKED_AT) -> bytes:
    """What a file begins with, unpacked if it is compressed."""
    with open_bytes(file) as raw:
        kind = compression_of(file.name, TextFormat(), raw.read_at(16, 0))
        raw.seek(0)
        if kind is None:
            return bytes(raw.read(size))
        with pa.CompressedInputStream(raw, kind) as unpacked:
            return bytes(unpacked.read(size))


def encoding(head: bytes) -> Encoding:
    """The encoding of a text that begins with some bytes; a byte-order mark needs no declaration."""
    by_mark, mark = encoding_of(TextFormat(), head)
    if mark:
        return Encoding("utf-8", f"a byte-order mark says {by_mark}", is_open=True)
    even, odd = head[:4096:2], head[1:4096:2]
    if len(odd) > 1:
        zeros = even.count(0) / len(even), odd.count(0) / len(odd)
        if max(zeros) > 0.4 and min(zeros) < 0.1:
            return Encoding(f"utf-16-{'le' if zeros[1] > zeros[0] else 'be'}", "every second byte is zero")
    whole = len(head) < LOOKED_AT
    try:
        codecs.utf_8_decode(head, "strict", whole)
    except UnicodeDecodeError:
        text, _ = codecs.utf_8_decode(head, MARK_ERRORS, whole)
    else:
        return Encoding("utf-8", is_open=head.isascii())
    bad = sum("\ufdd0" <= sign <= "\ufddf" for sign in text)
    good = sum(sign > "\x7f" for sign in text) - 2 * bad
    if good > 4 * bad:
        said = f"bytes that are not UTF-8: {bad}; the values they stand in will be rejected"
        return Encoding("utf-8", said)
    if any(byte in _UNDEFINED for byte in set(head)):
        return Encoding("latin-1", "it is not UTF-8, and has bytes that cp1252 does not know")
    return Encoding("cp1252", "it is not UTF-8")
