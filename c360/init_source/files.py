"""Which files are given, what each of them is, and which of them are deliveries of one table."""

from __future__ import annotations

import fnmatch
import glob
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from c360.config.formats import ARCHIVES, Format, format_named
from c360.errors import C360Error, ConfigError, InputFileError
from c360.ingest.archives import is_archive, members
from c360.ingest.files import LandedFile, delivered_at, landed
from c360.init_source.delimited import delimited
from c360.init_source.encodings import encoding, first_bytes
from c360.init_source.evidence import Sample
from c360.init_source.names import snake
from c360.init_source.nested import nested
from c360.init_source.reading import NO_TIME
from c360.init_source.typed_files import typed_file
from c360.init_source.workbook import workbook

_DAY = r"\d{4}-\d{2}-\d{2}|\d{14}|\d{8}|\d{4}_\d{2}_\d{2}|\d{4}-\d{2}|\d{6}"
_STAMP = re.compile(rf"[-_. ]*(?<!\d)({_DAY})([T_-]?\d{{6}})?(?!\d)")
_PART = re.compile(r"([-_. ](part[-_]?)?\d{1,5}([-_]?of[-_]?\d+)?| ?\(\d+\))$", re.IGNORECASE)
_DELIVERED = (r"\d{4}-\d{2}-\d{2}[T_]\d{6}", r"\d{4}-\d{2}-\d{2}", r"\d{8}T\d{6}", r"\d{14}", r"\d{8}")
"""Forms of a date in a file's name that c360 reads, the longest first."""


@dataclass(frozen=True)
class Delivery:
    """A file, and the table it seems to be of.

    Attributes:
        file: the file.
        base: its name without date, number and endings.
        pattern: its name with a star for date and number.
    """

    file: LandedFile
    base: str
    pattern: str


def given(paths: Sequence[Path]) -> list[LandedFile]:
    """The files that are named, and those in the folders that are; an archive counts by its members.

    Raises:
        ConfigError: one is not there.
        InputFileError: an archive cannot be read.
    """
    whole = [path.absolute() for path in paths]
    for path in whole:
        if not path.exists():
            raise ConfigError(f"there is no file or folder {path}")
    above = [path if path.is_dir() and not _is_delta(path) else path.parent for path in whole]
    if not above:
        raise ConfigError("name one or more sample files, or a folder of them")
    root = Path(os.path.commonpath(above))
    found = {file.name: file for path in whole for file in _in(path, root)}
    return [found[name] for name in sorted(found)]


def _in(path: Path, root: Path) -> Iterator[LandedFile]:
    name = path.relative_to(root).as_posix()
    if _is_delta(path):
        try:
            version = DeltaTable(str(path)).version()
        except DeltaError as problem:
            raise InputFileError(f"{name} cannot be read as a Delta table: {problem}") from problem
        yield LandedFile(str(path), name, version, 0, is_delta=True)
    elif path.is_dir():
        prefix = "" if name == "." else f"{name}/"
        yield from (replace(file, name=prefix + file.name) for file in landed(path))
    elif is_archive(name):
        with path.open("rb") as opened:
            for member, size in members(opened, name):
                yield LandedFile(str(path), f"{name}/{member}", size, path.stat().st_mtime_ns, member)
    else:
        yield LandedFile(str(path), name, path.stat().st_size, path.stat().st_mtime_ns)


def _is_delta(path: Path) -> bool:
    return (path / "_delta_log").is_dir()


def sample_of(file: LandedFile) -> Sample:
    """What a file looks like.

    Raises:
        InputFileError: it holds no table that c360 reads; the message says why.
    """
    parts = file.raw("", NO_TIME)
    if file.is_delta:
        return typed_file(file, parts)
    raw = parts[0]
    if not file.size:
        raise InputFileError(f"{file.name} is empty.")
    try:
        kind = _kind(file, first_bytes(raw, 1024 * 1024))
        if kind == "parquet":
            return typed_file(file, parts)
        if kind == "excel":
            return workbook(file, raw)
        return nested(file, raw, kind, encoding(first_bytes(raw))) if kind != "csv" else delimited(file, raw)
    except OSError as problem:
        raise InputFileError(f"{file.name} cannot be read ({problem.strerror or problem}).") from problem


def _kind(file: LandedFile, head: bytes) -> Format:
    """A file's format by what it begins with, which may be another one than its name says."""
    named = format_named(file.name)
    if head.startswith(b"PAR1"):
        return "parquet"
    if named == "excel" or (head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) and named is None):
        return "excel"
    text = head.decode(_codec(head), "replace").lstrip("\ufeff \t\r\n")
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    if not text.startswith(("{", "[")) or (named == "csv" and not _is_json(lines[0], text)):
        return named if named in ("json", "jsonl") and text else "csv"
    if _is_object(lines[0]) and (_is_object(lines[1]) if len(lines) > 1 else named == "jsonl"):
        return "jsonl"
    return "jsonl" if named == "jsonl" and not _is_json(text, text) else "json"


def _codec(head: bytes) -> str:
    found = encoding(head)
    return found.why.rsplit(" ", 1)[-1] if found.why.startswith("a byte-order mark") else found.name


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _is_json(line: str, text: str) -> bool:
    """Whether a line, or the whole text, is JSON."""
    for part in (line, text):
        try:
            json.loads(part)
        except ValueError:
            continue
        return True
    return False


def deliveries(files: Iterable[LandedFile]) -> list[Delivery]:
    """Each file with the base of its name."""
    found = [_delivery(file, numbered=True) for file in files]
    several = Counter(delivery.base for delivery in found)
    # orders_1 and orders_2 are parts of one table, but extract_1000 alone is called that
    return [one if several[one.base] > 1 else _delivery(one.file, numbered=False) for one in found]


def _delivery(file: LandedFile, numbered: bool) -> Delivery:
    *folders, own = file.name.split("/")
    ending = _ending(own) if not file.is_delta else ""
    pattern_ending = f"{ending}*" if ending.lower() not in (".xlsx", ".xls", ".parquet", "") else ending
    name = own.removesuffix(PurePosixPath(own).suffix) if _is_packed(own) else own
    stem = name.removesuffix(ending) if ending else name
    base, star = _without_stamp(stem, numbered)
    plain = [folder for folder in folders if "=" not in folder]
    if any("=" in folder for folder in folders) or base.lower() in ("", "part", "data"):
        if plain:  # a folder of parts: what it is called says what is in it
            base = _without_stamp(plain[-1], numbered)[0] or plain[-1]
            return Delivery(file, base, f"{glob.escape('/'.join(plain))}/*")
        base = base or stem
    return Delivery(file, base, f"{star}{glob.escape(pattern_ending[:-1])}*" if pattern_ending[-1:] == "*" else
                    f"{star}{glob.escape(pattern_ending)}")  # fmt: skip


def _is_packed(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in ARCHIVES


def _ending(name: str) -> str:
    path = PurePosixPath(name)
    ending = PurePosixPath(path.stem).suffix if path.suffix.lower() in ARCHIVES else path.suffix
    return ending if re.fullmatch(r"\.[A-Za-z]\w{0,7}", ending) else ""


def _without_stamp(stem: str, numbered: bool) -> tuple[str, str]:
    """A name without date and number, and with a star in the place of each."""
    match = _STAMP.search(stem)
    if match:
        before, after = stem[: match.start()], stem[match.end() :]
        sign = re.match(r"[-_. ]*", match[0])
        lead = sign[0] if sign and before else ""
        return (before + after).strip("-_. "), f"{glob.escape(before + lead)}*{glob.escape(after)}"
    part = _PART.search(stem) if numbered else None
    if part and part.start():
        return stem[: part.start()], f"{glob.escape(stem[: part.start()])}*"
    return stem, glob.escape(stem)


def patterns(own: Sequence[Delivery], every: Sequence[LandedFile]) -> tuple[str, ...]:
    """Patterns that name a table's files and no other one: loose where that is possible, so that later files fit."""
    wanted = {delivery.file.name for delivery in own}

    def named(pattern: str) -> set[str]:
        whole = "/" in pattern
        return {f.name for f in every if fnmatch.fnmatchcase(f.name if whole else f.name.rsplit("/", 1)[-1], pattern)}

    stars = tuple(dict.fromkeys(delivery.pattern for delivery in own))
    loose = tuple(p if "*" in p.rstrip("*") else _looser(p) for p in stars)
    exact = tuple(glob.escape(delivery.file.name) for delivery in own)
    for choice in (loose, stars):
        if set().union(*map(named, choice)) == wanted and not any(p == "*" for p in choice):
            return choice
    return exact


def _looser(pattern: str) -> str:
    """The pattern of a name without a date, as it may be delivered with one: Customers.csv* → Customers*.csv*."""
    at = pattern.rfind(".")
    return f"{pattern[:at]}*{pattern[at:]}" if at > 0 else pattern


def delivery_pattern(files: Sequence[LandedFile]) -> str | None:
    """The expression that finds the day of delivery in the files' names; None if there is none in them."""
    forms: list[str] = []
    dated = []
    for file in files:
        form = next((form for form in _DELIVERED if re.search(rf"(?<!\d){form}(?!\d)", file.name)), None)
        if form is not None:
            dated.append(file)
            forms.append(form)
    either = "|".join(form for form in _DELIVERED if form in forms)
    for pattern in (f"_({either})", rf"(?<!\d)({either})(?!\d)") if dated else ():
        if all(re.search(pattern, file.name) for file in dated) and all(_is_read(file, pattern) for file in files):
            return pattern
    return None


def _is_read(file: LandedFile, pattern: str) -> bool:
    try:
        delivered_at(file, pattern)
    except C360Error:
        return False
    return True


def table_base(base: str) -> tuple[str, str]:
    """A table's name in the lake, and without the schema in front: Sales.Customer → (sales_customer, customer)."""
    last = base.rsplit(".", 1)[-1]
    whole = snake(base)
    return whole or "table", snake(last) or whole or "table"
