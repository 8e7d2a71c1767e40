"""What `_rescued` says of a row: its undeclared fields, and what is wrong with it. JSON, or NULL if there is nothing.

An object that begins with the key `_error` belongs to a row that cannot be used as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from c360.ingest.encoding import MARKS_PATTERN, show

ERROR = "_error"
RAW = "_raw"
MISSING = "_missing"
"""The key under which a row of a file without some declared columns names them."""

_NOTHING = pa.scalar(None, pa.string())


def as_json(columns: Mapping[str, pa.Array], count: int) -> pa.Array:
    """Returns for each row the JSON object of its values that are not empty.

    Args:
        columns: String arrays by key.
        count: The number of rows.
    """
    if not columns:
        return pa.nulls(count, pa.string())
    members = []
    for key, received in columns.items():
        column = pc.fill_null(received, "")
        quoted = pc.binary_join_element_wise('"', column, '"', "")
        special = pc.match_substring_regex(column, r'[\x00-\x1f"\\]')
        if pc.any(special).as_py():
            texts = [_json(value) for value in column.filter(special).to_pylist()]
            quoted = pc.replace_with_mask(quoted, special, pa.array(texts, pa.string()))
        member = pc.binary_join_element_wise(f", {_json(key)}: ", quoted, "")
        members.append(pc.if_else(pc.equal(column, ""), "", member))
    inside = pc.ascii_ltrim(pc.binary_join_element_wise(*members, ""), characters=", ")
    return pc.if_else(pc.equal(inside, ""), _NOTHING, pc.binary_join_element_wise("{", inside, "}", ""))


def ragged_row(found: int, expected: int, text: str) -> str:
    """Returns `_rescued` of a record with too few or too many fields; `text` is the record as it stands in the file."""
    fields = "1 field" if found == 1 else f"{found} fields"
    return _json({ERROR: f"ragged_row: {fields} where {expected} were expected", RAW: show(text)})


def without_undecodable(
    declared: Mapping[str, pa.Array], others: Mapping[str, pa.Array], rescued: pa.Array, encoding: str, delimiter: str
) -> tuple[list[pa.Array], pa.Array]:
    """Replaces each declared value that holds undecodable bytes by NULL, and says so in `_rescued`.

    Args:
        declared: String arrays by column.
        others: The undeclared ones by their key in `_rescued`; their bad bytes are shown and do no harm.
        rescued: `_rescued` as `as_json(others)` made it.
        encoding: What the bytes should have been in.
        delimiter: Stands between the raw values if a row has several bad ones.

    Returns:
        The declared columns, and `_rescued`.
    """
    marked = {name: _has_mark(value) for name, value in declared.items()}
    others_marked = (_has_mark(value) for value in others.values())
    anywhere = reduce(pc.or_, others_marked, reduce(pc.or_, marked.values()))
    texts = []
    for values, bad, other in zip(
        _rows(declared, anywhere), _rows(marked, anywhere), _rows(others, anywhere), strict=True
    ):
        found = {key: show(value) for key, value in other.items() if value}
        texts.append(_json(undecodable({n: v for n, v in values.items() if bad[n]}, encoding, delimiter) | found))
    kept = [pc.if_else(marked[name], _NOTHING, value) for name, value in declared.items()]
    return kept, pc.replace_with_mask(rescued, anywhere, pa.array(texts, pa.string()))


def _has_mark(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(column, MARKS_PATTERN), False)


def undecodable(values: Mapping[str, str], encoding: str, delimiter: str) -> dict[str, str]:
    """Returns what `_rescued` says of a row's values that hold bytes not in the file's encoding; nothing of none."""
    if not values:
        return {}
    error = f"undecodable_bytes: {', '.join(values)} {'is' if len(values) == 1 else 'are'} not {encoding}"
    return {ERROR: error, RAW: delimiter.join(map(show, values.values()))}


def _rows(columns: Mapping[str, pa.Array], where: pa.Array) -> Iterator[dict[str, str]]:
    picked = [column.filter(where).to_pylist() for column in columns.values()]
    for at in range(pc.sum(where).as_py() or 0):
        yield {key: values[at] for key, values in zip(columns, picked, strict=True)}


def _json(value: str | dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False)
