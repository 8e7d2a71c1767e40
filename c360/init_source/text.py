"""Values as YAML writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ./*()-]*(?<! )")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}  # which some readers of YAML take for others
_ODD = re.compile(
    r"[^\x20-\x7e\u00a1-\u024f\u0370-\u058f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u4e00-\u9fff]"
)


def scalar(value: str) -> str:
    """A text, in quotes where YAML needs them."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if _ODD.search(value):
        return json.dumps(value)
    return "'" + value.replace("'", "''") + "'"


def flow(value: Any) -> str:
    """A value on one line: a mapping, a list, a truth value, a number or a text."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value) if isinstance(value, int) else scalar(value)


def listed(values: Sequence[Any]) -> str:
    """One value without brackets, several with."""
    return flow(values[0]) if len(values) == 1 else flow(list(values))


def comment(text: str) -> str:
    """A text that may stand behind a #: on one line, and without what YAML does not allow."""
    return _ODD.sub(lambda sign: " " if sign[0].isspace() else json.dumps(sign[0])[1:-1], text).strip()
