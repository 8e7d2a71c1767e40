"""The pages of an HTTP API: where one of them is, and what it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import starmap
from typing import Any
from urllib.parse import quote, unquote_plus, urldefrag, urljoin

from c360.config.http import Cursors, HttpTable, Links, Offsets, PageNumbers
from c360.config.paths import Step, parsed, written
from c360.ingest.records import Number, inside

Place = int | str | None
"""Where a request stands: the number of a page, an offset, a cursor or a URL; None is the beginning."""

Pairs = Sequence[tuple[str, str]]
"""Parameters of a query."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_LINK = re.compile(r"""<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)""")
_REL = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))""", re.IGNORECASE)
_NOTHING = object()


class NotAsDeclared(ValueError):
    """An answer is not what the table says. The message is the end of a sentence that begins with its URL."""


class NotJson(NotAsDeclared):
    """It is no JSON at all."""


@dataclass(frozen=True)
class Page:
    """What an answer holds.

    Attributes:
        document: its JSON; None if it has none.
        items: elements of the outermost array on the way to the records: what the server counts a page by.
        records: the records.
    """

    document: Any
    items: int
    records: list[Any]


def opened(body: bytes, steps: Sequence[Step]) -> Page:
    """The records in a body, numbers as they are written.

    Raises:
        NotAsDeclared: it is no JSON (NotJson), or has no array where the records should be.
    """
    try:
        document = json.loads(body, parse_int=Number, parse_float=Number, parse_constant=_refused)
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8 text, as JSON has to be") from None
    except (ValueError, RecursionError):
        raise NotJson("is no JSON") from None
    if isinstance(document, list):
        outer = [_outer(item, steps, document) for item in document] if steps else document
        return Page(document, len(outer), [r for item in document for r, _ in inside(item, steps)])
    if not steps and not isinstance(document, Mapping):
        raise NotAsDeclared("has neither an array nor an object at its top")
    items = len(_outer(document, steps, document)) if steps else 1
    return Page(document, items, [r for r, _ in inside(document, steps)])


def _outer(value: Any, steps: Sequence[Step], document: Any) -> list[Any]:
    """The outermost array on the way to the records."""
    for step in steps[: steps.index(None) if None in steps else len(steps)]:
        if not isinstance(value, Mapping) or step not in value:
            raise NotAsDeclared(f"has nothing at {written(tuple(steps))}; {_top(document)}")
        value = value[step]
    if not (value is None or isinstance(value, list)):
        raise NotAsDeclared(f"has no array at {written(tuple(steps))}; {_top(document)}")
    return value or []


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _top(document: Any) -> str:
    if isinstance(document, Mapping):
        return f"at its top it has {', '.join(list(document)[:30]) or 'nothing'}"
    return f"at its top it has {'an array' if isinstance(document, list) else 'no object'}"


def first(table: HttpTable) -> Place:
    """Where a pull begins."""
    match table.paging:
        case PageNumbers(first=number):
            return number
        case Offsets():
            return 0
        case _:
            return None


def address(base_url: str, table: HttpTable, own: Pairs, place: Place, since: str | None) -> str:
    """The URL of the page at a place."""
    paging = table.paging
    if isinstance(paging, Links) and place is not None:
        return unsealed(str(place), own)
    pairs = [(name, value) for name, values in table.params.items() for value in values]
    if table.since and since is not None:
        pairs.append((table.since.param, since))
    if isinstance(paging, PageNumbers | Offsets | Cursors) and place is not None:
        pairs.append((paging.param, str(place)))
    match paging:
        case PageNumbers(size_param=str(name), size=size) | Offsets(limit_param=str(name), limit=size):
            pairs.append((name, str(size)))
    path = quote(table.path, safe="/%:@!$&'()*+,;=~")
    url = f"{base_url}/{path}" if path else base_url
    return with_query(url, pairs)


def with_query(url: str, pairs: Pairs) -> str:
    """A URL with more parameters. A blank is %20, as `hide` knows it."""
    query = "&".join(starmap(_parameter, pairs))
    return url + ("&" if "?" in url else "?") + query if query else url


def _parameter(name: str, value: str) -> str:
    return f"{quote(name, safe='', errors='surrogatepass')}={quote(value, safe='', errors='surrogatepass')}"


def changed_query(url: str, change: Callable[[str, str], str | None]) -> str:
    """A URL with the parameters that `change` makes of name and value; None leaves one as it is, "" takes it out."""
    bare, mark, query = url.partition("?")
    parts = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        new = change(unquote_plus(name), unquote_plus(value))
        parts += [part if new is None else new] if new != "" else []
    query = "&".join(parts)
    return bare + mark + query if query else bare


def sealed(url: str, own: Pairs) -> str:
    """A URL in which our own values, which may be secret, are `$0`, `$1`, …; the rest as the server wrote it."""
    return changed_query(url, lambda *pair: f"{quote(pair[0], safe='')}=${own.index(pair)}" if pair in own else None)


def unsealed(url: str, own: Pairs) -> str:
    """A URL as it was before it was sealed."""

    def change(name: str, value: str) -> str | None:
        known = re.fullmatch(r"\$([0-9]+)", value)
        if known and int(known[1]) < len(own) and own[int(known[1])][0] == name:
            return _parameter(*own[int(known[1])])
        return None

    return changed_query(url, change)


def is_short(table: HttpTable, page: Page) -> bool:
    """Whether the page has fewer records than were asked for."""
    match table.paging:
        case PageNumbers(size=int(size)) | Offsets(limit=int(size)):
            return page.items < size
        case _:
            return False


def following(table: HttpTable, place: Place, page: Page, url: str, links: Sequence[str]) -> Place:
    """Where the next page is; None if there is none.

    A short page is the last one, unless it is the first: the server might never send as many as it is asked for.

    Args:
        table: whose page it is.
        place: where it is.
        page: what it holds.
        url: where it came from; links may be relative to it.
        links: its Link headers.

    Raises:
        NotAsDeclared: the answer does not say it as declared.
    """
    paging = table.paging
    if isinstance(paging, PageNumbers | Offsets):
        if not page.items or (is_short(table, page) and place != first(table)):
            return None
        return int(place or 0) + (1 if isinstance(paging, PageNumbers) else page.items)
    after: str | None = None
    if isinstance(paging, Cursors):
        after = _named(page.document, paging.next)
        if paging.more is not None and page.document is not None:
            more = found(page.document, parsed(paging.more))
            if not isinstance(more, bool):
                raise NotAsDeclared(f"has neither true nor false at {paging.more}; {_top(page.document)}")
            if more and after is None:
                raise NotAsDeclared(f"says at {paging.more} that there is more, but has no cursor at {paging.next}")
            after = after if more else None
    elif isinstance(paging, Links):
        target = _named(page.document, paging.next) if paging.next else next_link(links)
        after = urldefrag(urljoin(url, target)).url if target else None
    return after


def _named(document: Any, path: str) -> str | None:
    value = found(document, parsed(path))
    if value is _NOTHING or value is None or value is False or value == "":
        return None
    if not isinstance(value, str):
        raise NotAsDeclared(f"has an array, an object or true at {path}, where a text or number should be")
    return str(value)


def next_link(headers: Sequence[str]) -> str | None:
    """The target of the relation `next` in Link headers (RFC 8288)."""
    for target, parameters in _LINK.findall(", ".join(headers)):
        # only the first rel of a link counts
        if (rel := _REL.search(parameters)) and "next" in (rel[1] or rel[2] or "").lower().split():
            return str(target)
    return None


def found(value: Any, steps: Sequence[Step]) -> Any:
    """The value at a path to a single one; something that is no JSON if the way ends before."""
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step, _NOTHING)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return _NOTHING
    return value


def mark_of(records: Sequence[Any], path: str, mark: str | None) -> str | None:
    """The greatest value at a path in records, and of what it was before; nulls do not count.

    Raises:
        NotAsDeclared: no record has the path and there was no value before, or a value is no text or number.
    """
    values = [found(record, parsed(path)) for record in records]
    if values and mark is None and all(value is _NOTHING for value in values):
        raise NotAsDeclared(f"has no record with {path}, whose greatest value is where the next pull goes on")
    for value in values:
        if isinstance(value, str):
            mark = greatest(mark, str(value) or None)
        elif value is not None and value is not _NOTHING:
            raise NotAsDeclared(f"has a record whose {path} is neither a text nor a number, so it is no mark")
    return mark


def greatest(one: str | None, other: str | None) -> str | None:
    """The greater one: as numbers if both are, else as text; anything is greater than nothing."""
    if one is None or other is None:
        return other if one is None else one
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return other if Decimal(other) > Decimal(one) else one
    return max(one, other)
