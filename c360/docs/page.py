"""The page: every table with its columns, what is made of what, and how good the data were.

One file that needs nothing else: it is read without a network, searched by a small script and printed. The same conf,
code and lake give the same page to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from c360.docs.graph import arrange, drawn, edges
from c360.docs.html import Html, Part, element, html
from c360.docs.lineage import users
from c360.docs.model import LAYERS, SYNONYMS, Column, Fact, Table
from c360.docs.quality_history import Measured
from c360.docs.quality_part import quality_of_table, quality_part
from c360.output import counted

LAYER_SAYS = {
    "bronze": "Every record as received, as text, with where it came from; only ever added to.",
    "silver": "Typed and checked, one row per key, each source by itself.",
    "quarantine": "What was rejected, as received, with every reason.",
    "unified": "One model of customer, order, product and the like, filled by all sources. The facts are views over "
    "silver; who is who is kept in tables.",
    "gold": "Marts and models: what reports, the dashboard and audiences read.",
    "ops": "About the runs themselves: the ledger, and the quality of the data.",
}

_SMALL = ("unified", "gold")
"""Layers that most readers come for: listed open on a wide screen, with a picture of each table's neighbours."""


@dataclass(frozen=True)
class Contents:
    """What a page is made of.

    Attributes:
        tables: the dictionary.
        sources: source → its description.
        quality: silver table → its history; None where no lake was looked at.
    """

    tables: Sequence[Table]
    sources: Mapping[str, str]
    quality: Mapping[str, Sequence[Measured]] | None = None


def page(contents: Contents) -> str:
    """The whole page."""
    known = {table.name: table for table in contents.tables}
    made_from = users(contents.tables)
    layers = {layer: [t for t in contents.tables if t.layer == layer] for layer in LAYERS}
    main = element(
        "main",
        element("div", element("h2", "Layers", id="layers"), _overview(layers), data_part=True),
        element("div", element("h2", "Lineage", id="lineage"), _lineage(contents.tables), data_part=True),
        element("div", element("h2", "Quality", id="quality"), quality_part(contents.quality), data_part=True),
        [_layer(layer, tables, contents, known, made_from) for layer, tables in layers.items()],
    )
    search = element(
        "input", type="search", placeholder="search tables, columns, descriptions ( / )", aria_label="search"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", "c360: data dictionary and lineage"),
        element("style", _asset("page.css")),
    )
    body = element(
        "body",
        element("header", element("h1", "Data dictionary and lineage"), search, element("output")),
        element("div", _navigation(layers), main, class_="sides"),
        element("script", _asset("page.js")),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _asset(name: str) -> Html:
    return Html(files("c360.docs").joinpath(name).read_text("utf-8"))


def _navigation(layers: Mapping[str, Sequence[Table]]) -> Html:
    tops = [element("li", element("a", title, href=f"#{title.lower()}")) for title in ("Layers", "Lineage", "Quality")]
    parts = [
        element(
            "details",
            element("summary", element("a", layer, href=f"#layer-{layer}"), f" {len(tables)}"),
            element("ul", [element("li", element("a", table.name, href=f"#{table.name}")) for table in tables]),
            data_wide=layer in _SMALL,
        )
        for layer, tables in layers.items()
    ]
    return element("nav", element("ul", tops), parts, aria_label="tables")


def _overview(layers: Mapping[str, Sequence[Table]]) -> Html:
    rows = [
        (
            element("a", layer, href=f"#layer-{layer}"),
            LAYER_SAYS[layer],
            len(tables),
            sum(len(t.columns) for t in tables),
        )
        for layer, tables in layers.items()
    ]
    cells = [
        element("tr", element("td", link), element("td", says), _number("tables", n), _number("columns", m))
        for link, says, n, m in rows
    ]
    heads = [
        element("th", "layer"),
        element("th", "what is in it"),
        *(element("th", t, class_="number") for t in ("tables", "columns")),
    ]
    return element("table", element("thead", element("tr", heads)), element("tbody", cells), class_="stacked")


def _number(label: str, value: int) -> Html:
    return element("td", f"{value:,}", class_="number", data_label=label)


def _lineage(tables: Sequence[Table]) -> Html:
    """The whole picture, without quarantine and ops, of which nothing is made."""
    shown = [t for t in tables if t.layer not in ("quarantine", "ops")]
    return html(
        element(
            "p",
            "What is made of what, from the rows of files on the left to the marts on the right. A table that is "
            "pointed at lights up with all it comes from and all that comes from it; a click leads to its columns.",
        ),
        element(
            "div",
            drawn(arrange(shown), edges(shown), "lineage of all tables"),
            class_="scroll",
            tabindex=0,
            aria_label="lineage",
        ),
    )


def _layer(
    layer: str,
    tables: Sequence[Table],
    contents: Contents,
    known: Mapping[str, Table],
    made_from: Mapping[str, Sequence[str]],
) -> Html:
    parts: list[Html] = []
    for number, table in enumerate(tables):
        if table.source and (number == 0 or tables[number - 1].source != table.source):
            said = contents.sources.get(table.source)
            parts.append(element("h3", table.source, f": {said}" if said else None, class_="quiet"))
        runs = (contents.quality or {}).get(table.name, ())
        parts.append(_section(table, known, made_from.get(table.name, ()), runs))
    said = element("p", LAYER_SAYS[layer])
    return element("div", element("h2", layer, id=f"layer-{layer}"), said, parts, data_part=True)


def _section(table: Table, known: Mapping[str, Table], used_by: Sequence[str], runs: Sequence[Measured]) -> Html:
    grain = ("grain", html(", ".join(table.grain)))
    synonym = SYNONYMS.get(table.name)
    lines = [
        ("also called", element("code", synonym)) if synonym else None,
        grain,
        ("made from", _links(table.inputs, known)) if table.inputs else None,
        ("read by", _links(used_by, known)) if used_by else None,
    ]
    kind = " view" if table.is_view else ""
    return element(
        "section",
        element("h3", table.name, element("small", kind, f" · {counted(len(table.columns), 'column')}")),
        [element("p", _prose(paragraph)) for paragraph in table.says.split("\n\n")],
        [_line(label, said) for label, said in filter(None, lines)],
        [_fact(fact, known) for fact in table.facts],
        quality_of_table(runs),
        _picture(table, known, used_by),
        _columns(table, known),
        id=table.name,
        class_=f"table {table.layer}",
    )


def _columns(table: Table, known: Mapping[str, Table]) -> Html:
    has_origins = any(column.facts for column in table.columns)
    said = ("column", "type", "what it says", *(["where it comes from and goes to"] if has_origins else []))
    heads = [element("th", head) for head in said]
    body = [_column(table, column, known, has_origins) for column in table.columns]
    return element("table", element("thead", element("tr", heads)), element("tbody", body), class_="columns stacked")


def _column(table: Table, column: Column, known: Mapping[str, Table], has_origins: bool) -> Html:
    badges = [
        element("span", "key", class_="badge") if column.name in table.grain else None,
        element("span", "PII", class_="badge pii", title="personal: says who somebody is") if column.is_pii else None,
    ]
    unit = element("span", column.unit, class_="badge") if column.unit else None
    return element(
        "tr",
        element("td", element("code", column.name), badges),
        element("td", element("code", column.sql_type), unit),
        element("td", _prose(column.says)),
        element("td", [_fact(fact, known) for fact in column.facts]) if has_origins else None,
        id=f"{table.name}.{column.name}",
    )


def _fact(fact: Fact, known: Mapping[str, Table]) -> Html:
    if fact.is_code and "\n" in fact.text:
        return element(
            "details", element("summary", fact.label), element("pre", element("code", fact.text)), class_="query"
        )
    text: Part = element("code", fact.text) if fact.is_code else fact.text
    refs = [" ← " if fact.is_code else " ", _links(fact.refs, known)] if fact.refs else None
    return _line(fact.label, html(text, refs))


def _line(label: str, said: Html) -> Html:
    return element("div", element("span", label, class_="label"), said, class_="fact")


def _links(names: Sequence[str], known: Mapping[str, Table]) -> Html:
    """Tables, and columns of tables, each leading to where it is described, if it is."""
    return html([[", " if number else None, _link(name, known)] for number, name in enumerate(names)])


def _link(name: str, known: Mapping[str, Table]) -> Part:
    table = ".".join(name.split(".")[:2])
    return element("a", name, href=f"#{name}") if table in known else name


def _prose(text: str) -> list[Part]:
    """Text with what stands between backticks as code."""
    return [element("code", part) if number % 2 else part for number, part in enumerate(re.split("`([^`]+)`", text))]


def _picture(table: Table, known: Mapping[str, Table], used_by: Sequence[str]) -> Html | None:
    inputs = [name for name in table.inputs if name in known]
    if table.layer not in _SMALL or not (inputs or used_by):
        return None
    columns = [column for column in (inputs, [table.name], used_by) if column]
    links = [*((name, table.name) for name in inputs), *((table.name, name) for name in used_by)]
    picture = drawn(columns, links, f"what {table.name} is made from, and what is made from it", table.name)
    return element("details", element("summary", "drawn"), element("div", picture, class_="scroll"), class_="near")
