r"""A delivered file's bytes as UTF-8 text, whatever they were written in.

A byte that is not in the file's encoding is neither dropped nor replaced by U+FFFD. It becomes a mark of two characters
out of U+FDD0..U+FDEF, which Unicode keeps free for a program's own use. So parsing goes on, the row it stands in can be
found, and `show` gives the byte back as ``\xNN``. A file that contains such characters itself is treated likewise.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from types import TracebackType

import pyarrow as pa
import pyarrow.fs as fs

from c360.config.formats import ARCHIVES, CsvFormat, TextFormat
from c360.errors import InputFileError
from c360.ingest.archives import DAMAGED, member_of
from c360.ingest.spec import RawFile
from c360.store import is_remote, open_file

MARK_ERRORS = "c360.mark"
"""The error handler of Python's codecs that puts marks."""

HEAD_BYTES = 1024 * 1024
MARKS_PATTERN = r"[\x{FDD0}-\x{FDEF}]"  # for RE2, which pyarrow uses

_UTF8_OF_MARKS = b"\xef\xb7"  # the first two of the three bytes of every mark, and of some Arabic letters
HAS_MARK = re.compile("[\ufdd0-\ufdef]")
_ONE_MARK = re.compile("([\ufdd0-\ufddf])([\ufde0-\ufdef])|[\ufdd0-\ufdef]")

# The longer one first: the mark of UTF-32 begins with that of UTF-16.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ARCHIVES_BY_CONTENT = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
_NOT_TEXT = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"PAR1": "a Parquet file",
    b"ORC\x00": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "a SQLite database",
}


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Replaces each undecodable byte by its mark; registered as an error handler of Python's codecs."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xFDD0 + (byte >> 4)) + chr(0xFDE0 + (byte & 15)) for byte in bad), error.end


codecs.register_error(MARK_ERRORS, _mark)


def show(text: str) -> str:
    r"""Returns the text with each marked byte written as ``\xNN``."""

    def written(mark: re.Match[str]) -> str:
        high, low = mark.groups()
        if high is None:
            return f"\\u{ord(mark[0]):04x}"
        return f"\\x{ord(high) - 0xFDD0:x}{ord(low) - 0xFDE0:x}"

    return _ONE_MARK.sub(written, text)


def keeps_ascii(encoding: str) -> bool:
    """Tells whether a byte of ASCII always means itself, so that line ends can be found in the bytes."""
    every = bytes(range(128))
    try:
        return every.decode(encoding) == every.decode("ascii")
    except UnicodeDecodeError:
        return False


class TextStream:
    """A file, or the bytes [begin, end) of one, as UTF-8; file-like as far as pyarrow needs it.

    Attributes:
        name: The file's, for messages.
        encoding: What the bytes are in: by the byte-order mark if there is one, else as declared.
        suspect: Whether marks (or Arabic letters that look like one at first sight) have been met so far.
        quoted: Whether a quote or an escape has been met so far: without, no field holds a newline.
    """

    closed = False  # pyarrow asks

    def __init__(self, file: RawFile, written: TextFormat, begin: int = 0, end: int | None = None) -> None:
        self.suspect = self.quoted = False
        self._after = b""
        self._ends_line = True
        self.name = file.name
        self._kind = "a CSV" if isinstance(written, CsvFormat) else "a JSON"
        signs = (written.quote, written.escape) if isinstance(written, CsvFormat) else ()
        self._quotes = [sign.encode() for sign in signs if sign]
        self._left = end - begin if end is not None else None
        self._ready = b""
        self._undecoded = b""
        self._raw = open_bytes(file)
        self._compression: str | None = None
        with self._undamaged():
            head = self._raw.read_at(16, 0)
        self._compression = compression_of(file.name, written, head)
        self._raw.seek(begin)
        if self._compression:
            self._raw = pa.CompressedInputStream(self._raw, self._compression)
        if begin == 0:
            head = self._undecoded = self._raw_bytes(HEAD_BYTES)
            _refuse_other_formats(file.name, self._kind, head)
        self.encoding, mark = encoding_of(written, head)
        if begin == 0:
            while mark and self._undecoded.startswith(mark):  # some programs write it twice
                self._undecoded = self._undecoded[len(mark) :]
        self._is_utf8 = codecs.lookup(self.encoding).name == "utf-8"
        self._may_hold_nul = self.encoding.startswith(("utf-16", "utf-32"))
        self._decoder = codecs.getincrementaldecoder(self.encoding)(MARK_ERRORS)

    def read(self, size: int) -> bytes:
        """Returns about `size` bytes of UTF-8, and nothing at the end."""
        while len(self._ready) < size:
            more = self._next_text(size - len(self._ready))
            if not more:
                more, self._after = self._after, b""
                if more and not self._ends_line:
                    more = b"\n" + more
            if not more:
                break
            self._ready += more
        end = size
        if self._ready[:size].endswith(b"\r") and len(self._ready) > 1:
            end = min(size, len(self._ready)) - 1  # pyarrow loses the \n of a quoted \r\n that is cut in two
        text, self._ready = self._ready[:end], self._ready[end:]
        return text

    def enclose(self, first: bytes, last: bytes) -> None:
        """Puts a line before and a line after what is still to be read.

        The last one begins a line of its own; no line end is added where there is one, so that an escape in front of
        that line end shows.
        """
        self._ready, self._after = first + self._ready, last

    def close(self) -> None:
        """Closes the file."""
        self._raw.close()
        self.closed = True

    def __enter__(self) -> TextStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _next_text(self, size: int) -> bytes:
        """Decodes the next bytes; what comes back is empty at the end only, and never ends inside a character."""
        while True:
            read = self._raw_bytes(max(1, size - len(self._undecoded)))
            data, self._undecoded = self._undecoded + read, b""
            if not self._may_hold_nul and b"\0" in data:
                raise InputFileError(
                    f"{self.name} is not {self._kind} text file: it contains NUL bytes. "
                    "If it is text in UTF-16, declare `encoding: utf-16`."
                )
            text = self._decoded(data, final=not read)
            self._ends_line = text.endswith((b"\n", b"\r")) if text else self._ends_line
            self.quoted = self.quoted or any(sign in text for sign in self._quotes)
            if text or not read:
                return text

    def _decoded(self, data: bytes, final: bool) -> bytes:
        if not self._is_utf8:
            text = self._decoder.decode(data, final).encode("utf-8", "backslashreplace")
        elif data.isascii():
            return data
        else:
            try:
                _, used = codecs.utf_8_decode(data, "strict", final)
                text = data[:used]
            except UnicodeDecodeError:
                marked, used = codecs.utf_8_decode(data, MARK_ERRORS, final)
                text = marked.encode()
            self._undecoded = data[used:]
        self.suspect = self.suspect or _UTF8_OF_MARKS in text
        return text

    def _raw_bytes(self, size: int) -> bytes:
        if self._left is not None:
            size = min(size, self._left)
        with self._undamaged():
            data: bytes = self._raw.read(size)
        if self._left is not None:
            self._left -= len(data)
        return data

    @contextmanager
    def _undamaged(self) -> Iterator[None]:
        try:
            yield
        except (OSError, *DAMAGED) as error:
            packed = self._compression or ("zip" if isinstance(error, DAMAGED) else None)
            if not packed:
                raise
            raise InputFileError(
                f"{self.name} is a truncated or damaged {packed} archive ({error}). "
                "Ask for the file again; if it is not compressed at all, declare `compression: none`."
            ) from error


def compression_of(name: str, written: TextFormat, head: bytes) -> str | None:
    """Returns pyarrow's name of the file's compression: as declared, else by its extension, else by its content.

    Args:
        name: The file's name.
        written: The declaration.
        head: The file's first bytes, at least four.
    """
    if not head or written.compression == "none":
        return None
    if written.compression != "auto":
        return written.compression
    by_content = (kind for magic, kind in _ARCHIVES_BY_CONTENT.items() if head.startswith(magic))
    return ARCHIVES.get(PurePosixPath(name.lower()).suffix) or next(by_content, None)


def encoding_of(written: TextFormat, head: bytes) -> tuple[str, bytes]:
    """Returns the file's encoding and the byte-order mark that says so (empty if the declaration does).

    Args:
        written: The declaration.
        head: The file's first bytes, at least four.
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding, mark
    declared = codecs.lookup(written.encoding).name
    if declared in ("utf-16", "utf-32"):
        # Without a mark: text begins with a delimiter, a quote, a letter or a digit, whose high byte is zero.
        return f"{declared}-{'be' if head.startswith(bytes(1)) else 'le'}", b""
    return "utf-8" if declared == "utf-8-sig" else declared, b""


def open_bytes(file: RawFile) -> pa.NativeFile:
    """Opens the file as it lies there, for reading at any place.

    Raises:
        InputFileError: It is not there any more.
    """
    try:
        if is_remote(file.path):
            opened = pa.PythonFile(open_file(file.path), mode="r")
        else:
            opened = fs.LocalFileSystem().open_input_file(file.path)
        return opened if file.member is None else pa.PythonFile(member_of(opened, file.name, file.member), mode="r")
    except FileNotFoundError as error:
        raise InputFileError(f"{file.name} is gone from {file.path}: it was there when it was listed.") from error


def _refuse_other_formats(name: str, kind: str, head: bytes) -> None:
    kinds = [kind for magic, kind in _NOT_TEXT.items() if head.startswith(magic)]
    kinds += [f"a {kind} archive" for magic, kind in _ARCHIVES_BY_CONTENT.items() if head.startswith(magic)]
    start = head[:256].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        kinds.append("an HTML page (an error page that was saved instead of the data?)")
    elif start.startswith(b"<?xml"):
        kinds.append("an XML document")
    if kinds:
        raise InputFileError(f"{name} is not {kind} text file: it looks like {kinds[0]}.")
