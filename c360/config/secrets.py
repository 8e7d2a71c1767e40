"""`${env:NAME}` and `${file:PATH}` in conf/, the .env file, and keeping what they held out of every output.

So passwords stay in the environment or in files of their own, and conf/ can be shown to anybody.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

MASK = "***"
SHORTEST = 4
"""A shorter value is not masked. Three characters protect nothing, and masking a value such as `1` or `eu` would blot
out every 1 and `eu` of what is printed, so that nobody could read it. Give a real secret at least four."""

_REFERENCE = re.compile(r"\$\{(?:(\w+):([^}]*)|([A-Za-z_]\w*))\}")
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")
_QUOTED = re.compile(r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?""")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

_hidden: set[str] = set()


class UnresolvedError(ValueError):
    """A reference leads nowhere. The message is a sentence without any value in it."""


@dataclass(frozen=True)
class Secrets:
    """Looks up what conf/ refers to.

    Attributes:
        root: where relative paths of `${file:PATH}` begin: the folder that holds conf/.
        variables: the environment.
    """

    root: Path
    variables: Mapping[str, str] = field(repr=False)

    def resolve(self, text: str) -> str:
        """`text` with every reference replaced by its value, which `mask` hides from then on.

        Raises:
            UnresolvedError: a variable is not set, a file cannot be read, or a reference is of another form.
        """
        return _REFERENCE.sub(self._value, text) if "${" in text else text

    def _value(self, reference: re.Match[str]) -> str:
        kind, name, bare = reference.groups()
        if kind == "env":
            value = self._variable(name)
        elif kind == "file":
            value = self._file(name)
        else:
            meant = f"; write ${{env:{bare}}}" if bare else ""
            raise UnresolvedError(
                f"{reference[0]} is no reference{meant}; allowed: ${{env:NAME}} (an environment variable), "
                "${file:PATH} (the text of a file)"
            )
        hide(value)
        return value

    def _variable(self, name: str) -> str:
        if name not in self.variables:
            raise UnresolvedError(f"the environment variable {name} is not set; set it, or add {name}=… to .env")
        return self.variables[name]

    def _file(self, name: str) -> str:
        path = self.root / Path(name).expanduser()
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
            raise UnresolvedError(f"the file {name} of ${{file:{name}}} cannot be read: {why} ({path})") from None
        return text.removesuffix("\n").removesuffix("\r")


def environment(env_file: Path) -> tuple[dict[str, str], list[int]]:
    r"""The environment, supplemented by a .env file that never overrides it.

    The file has lines `NAME=value`, also with `export ` in front; blank lines and `#` comments are skipped. In single
    quotes a value is literal; in double quotes `\n`, `\t`, `\"` and `\\` are escapes; without quotes it ends
    before ` #`. Nothing in a value is expanded.

    Args:
        env_file: need not exist.

    Returns:
        The variables, and the numbers of the lines that cannot be read. Their text is left out: it may be a secret.
    """
    found: dict[str, str] = {}
    unreadable = []
    lines = env_file.read_text("utf-8-sig").splitlines() if env_file.is_file() else []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        value = _unquoted(match[2]) if match else None
        if match is None or value is None:
            unreadable.append(number)
        else:
            found[match[1]] = value
    return found | os.environ, unreadable


def hide(value: str) -> None:
    """Have `mask` replace a value from now on: as it is, line by line, and as JSON and URLs would write it."""
    for part in {value, *value.splitlines()}:
        if len(part) >= SHORTEST:
            in_json = (json.dumps(part, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
            _hidden.update((part, *in_json, quote(part, safe="")))


def mask(text: str) -> str:
    """`text` with the value of every secret resolved so far, if it has four characters or more, replaced by `***`."""
    for value in sorted(_hidden, key=lambda value: (-len(value), value)):
        text = text.replace(value, MASK)
    return text


def _unquoted(text: str) -> str | None:
    """The value that a line gives; None if its quote does not close or something follows it."""
    if text[:1] not in ("'", '"'):
        return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].rstrip()
    match = _QUOTED.fullmatch(text)
    if match is None:
        return None
    literal, escaped = match.groups()
    return literal if literal is not None else re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), escaped)
