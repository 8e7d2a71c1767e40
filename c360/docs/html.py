"""HTML put together from elements; every text that is not HTML already is escaped on the way in.

So nothing that somebody wrote into conf, or that a delivered file is called, is ever taken for markup; and no secret
that conf refers to is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from c360.config.secrets import mask

VOID = frozenset(("br", "hr", "input", "link", "meta"))
"""Elements that hold nothing and are not closed."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Html(str):
    """A text that is HTML, and is not escaped again."""

    __slots__ = ()


Part = str | int | Html | None | Iterable["Part"]
"""What an element can hold: text, HTML, nothing, or several of these."""


def html(*parts: Part) -> Html:
    """The parts one after another; text is escaped, what turns text around or moves a cursor is written out."""
    return Html("".join(_parts(parts)))


def element(name: str, /, *parts: Part, **attributes: str | int | bool | None) -> Html:
    """An element.

    Args:
        name: its tag.
        parts: what it holds.
        attributes: `class_` stands for `class`, `view_box` for `viewBox`, other underscores for hyphens; None and False
            leave one out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    opened = f"<{name}{written}>"
    return Html(opened if name in VOID else f"{opened}{html(*parts)}</{name}>")


def _attribute(key: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = {"class_": "class", "view_box": "viewBox", "for_": "for"}.get(key, key.replace("_", "-"))
    return f" {name}" if value is True else f' {name}="{_safe(str(value))}"'


def _parts(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        if part is None:
            continue
        if isinstance(part, Html):
            yield part
        elif isinstance(part, str | int):
            yield _safe(str(part))
        else:
            yield from _parts(part)


def _safe(text: str) -> str:
    return escape(_UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), mask(text)))
