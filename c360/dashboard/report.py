"""`c360 report`: the pages in one file that needs nothing else: no network, no server.

Nothing is computed in the browser. What a block shows is made for every choice that counts for it, and kept once where
two choices show the same; so distinct customers, medians and sentences are right for each of them.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

from c360.dashboard import charts, say
from c360.dashboard.blocks import Block, Content, Figure, Missing
from c360.dashboard.markup import html_of, sheet
from c360.dashboard.pages import PAGES
from c360.dashboard.slicers import ALL_TIME, LAST, Choices, Period, Slicers, as_of, choices
from c360.dashboard.tables import NotMadeError, Tables
from c360.errors import C360Error, ConfigError
from c360.whole import replace_whole

SLICERS = ("period", "source", "tier")
"""Those a report has. At most two of them count for a block: each more would multiply what is made."""

LARGEST = 5_000_000
"""Bytes of a report."""

_EVERYTHING = "All"
_ROWS = 60
"""Rows of a table in a report."""


def write_report(tables: Tables, out: Path) -> int:
    """Write the report; how many bytes it has.

    Raises:
        ConfigError: it cannot be written there.
        NotMadeError: a table that every page needs is not there.
        C360Error: it would be larger than 5 MB.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"{out} does not end in .html, which a report is")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {out.absolute().parent}; make it, or name another")
    page = html(tables).encode()
    if len(page) > LARGEST:
        raise C360Error(
            f"the report would have {len(page) / 1e6:.1f} MB, more than 5; use `c360 dashboard` for this lake"
        )
    replace_whole(out, page)
    return len(page)


def html(tables: Tables) -> str:
    """The report as HTML."""
    offered = choices(tables)
    options = _options(offered)
    contents: dict[str, int] = {}
    pages = [
        {
            "name": page.name,
            "title": page.title,
            "asks": page.asks,
            "blocks": [_block(tables, offered, block, contents) for block in page.blocks],
        }
        for page in PAGES
    ]
    content = {
        "options": options,
        "pages": pages,
        "contents": [json.loads(text) for text in contents],
        "config": charts.config(charts.CSS),
    }
    parts = {name: _file(name) for name in ("style.css", "script.js")}
    day = say.day(as_of(tables))
    filled = {
        "{{style}}": sheet() + parts["style.css"],
        "{{vega}}": _vega(),
        "{{content}}": packed(content),
        "{{script}}": parts["script.js"],
        "{{as_of}}": day,
    }
    page = _file("template.html")
    for mark, text in filled.items():
        page = page.replace(mark, text)
    return page


def packed(value: Any) -> str:
    """JSON, compressed, as letters and digits: a tenth of its size, and nothing in it can end a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def _options(offered: Choices) -> dict[str, list[str]]:
    """What each slicer of the report offers."""
    return {
        "period": [ALL_TIME, *LAST],
        "source": [_EVERYTHING, *offered.sources],
        "tier": [_EVERYTHING, *offered.tiers],
    }


def _block(tables: Tables, offered: Choices, block: Block, contents: dict[str, int]) -> dict[str, Any]:
    """A block: the slicers that count for it, and for each choice of them which content is shown."""
    by = [name for name in SLICERS if name in block.by][:2]
    shown = {}
    for key, slicers in _choices(offered, by):
        text = json.dumps(_content(tables, block, slicers), ensure_ascii=False, sort_keys=True)
        shown[key] = contents.setdefault(text, len(contents))
    return {"name": block.name, "by": by, "wide": block.wide, "shown": shown}


def _choices(offered: Choices, by: list[str]) -> Iterator[tuple[str, Slicers]]:
    options = _options(offered)
    for values in product(*(options[name] for name in by)):
        chosen: Mapping[str, str] = dict(zip(by, values, strict=True))
        period: Period = offered.periods[chosen.get("period", ALL_TIME)]
        picked = {n: (v,) for n, v in chosen.items() if n != "period" and v != _EVERYTHING}
        yield "|".join(values), Slicers(period, picked.get("source", ()), tier=picked.get("tier", ()))


def _content(tables: Tables, block: Block, slicers: Slicers) -> dict[str, Any]:
    try:
        found: Content = block.build(tables, slicers)
    except NotMadeError as problem:
        found = Missing(str(problem))
    shown: dict[str, Any] = {"html": html_of(found, rows=_ROWS)}
    if isinstance(found, Figure) and found.chart is not None:
        shown |= {"says": found.says, "spec": found.chart}
    return shown


def _file(name: str) -> str:
    return resources.files("c360.dashboard").joinpath("report_page", name).read_text("utf-8")


@cache
def _vega() -> str:
    """Vega, Vega-Lite and vega-embed as one script that needs nothing else.

    Raises:
        ConfigError: the package that carries them is not installed.
    """
    try:
        from altair import VEGALITE_VERSION
        from vl_convert import javascript_bundle
    except ModuleNotFoundError:
        raise ConfigError("a report needs vl-convert-python, which carries Vega; install c360[dashboard]") from None
    bundle: str = javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=".".join(VEGALITE_VERSION.split(".")[:2])
    )
    return bundle.replace("</script", "<\\/script")
