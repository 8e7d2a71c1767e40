"""Paths into nested records: `address.city`, `items[0].sku`, `["odd.name"].x`; `^.id` is a field of what encloses."""

from __future__ import annotations

import re

Step = str | int | None
"""A key, a position in an array, or (None) every element of one."""

UP = -1
"""The step to the enclosing record."""

_STEP = re.compile(r"""(?P<key>[^.\[\]"^]+)|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<position>\d*)\]|(?P<up>\^)""")


def parsed(path: str) -> tuple[Step, ...]:
    """The steps of a path.

    Raises:
        ValueError: it is none.
    """
    steps: list[Step] = []
    at, after_dot = 0, True
    while at < len(path):
        if path[at] == "." and not after_dot:
            at, after_dot = at + 1, True
            continue
        match = _STEP.match(path, at)
        bare = match is not None and (match["key"] is not None or match["up"] is not None)
        if match is None or (bare and not after_dot) or (match["up"] and any(s != UP for s in steps)):
            break
        if match["key"] is not None:
            steps.append(match["key"])
        elif match["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        elif match["up"]:
            steps.append(UP)
        else:
            steps.append(int(match["position"]) if match["position"] else None)
        at, after_dot = match.end(), False
    if at < len(path) or after_dot:
        raise ValueError(f'{path!r} is no path; for example address.city, items[0].sku, ["odd.name"], ^.order_id')
    return tuple(steps)


def written(steps: tuple[Step, ...]) -> str:
    """A path as text; `parsed` reads it back."""
    text = ""
    for step in steps:
        bare = "^" if step == UP else step
        if isinstance(bare, str) and (step == UP or re.fullmatch(r'[^.\[\]"^]+', bare)):
            text += f".{bare}" if text else bare
        elif isinstance(step, str):
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
        else:
            text += "[]" if step is None else f"[{step}]"
    return text
