"""The page: whole, safe, without a network; and the command that writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from c360.docs.dictionary import dictionary
from c360.docs.html import Html, element, html
from c360.docs.page import Contents, page
from c360.docs.quality_history import of_rows, sparkline
from c360.docs.write import write_docs
from c360.errors import C360Error, ConfigError
from c360.lake import Lake
from c360.quality import QUALITY, SCHEMA
from tests.corner_shop import CONF
from tests.input.commands import Here

ROOT = Path(__file__).parents[2]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202e & \" '"


class Seen(HTMLParser):
    """Elements with their attributes, and the text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self._open = "", [""]
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"{tag} is closed where it is not the one that is open"

    def handle_data(self, data):
        if self._open[-1] not in ("script", "style"):
            self.text += data

    def named(self, attribute):
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def quality_row(table, run, day, read, quarantined, reasons="{}", hits="{}", waiting=0):
    counts = dict.fromkeys(("inserted", "updated", "unchanged", "duplicate", "stale"), 0)
    return counts | {
        "run_id": run,
        "source": "shop",
        "table_name": table,
        "read": read,
        "valid": read - quarantined,
        "quarantined": quarantined,
        "silver_rows": 7,
        "deleted_rows": 0,
        "quarantine_rows": waiting,
        "quarantine_reasons": reasons,
        "reference_hits": hits,
        "newest_delivered_at": datetime(2025, 3, day, 1, tzinfo=UTC),
        "at": datetime(2025, 3, day, 5, 30, tzinfo=UTC),
    }


RUNS = [
    quality_row(
        "orders", "run-2", 2, 4, 1, '{"rule:amount_positive": 1, "type:amount": 2}', '{"customer_id": 0.875}', 3
    ),
    quality_row("orders", "run-1", 1, 8, 4),
    quality_row("orders", "run-3", 3, 0, -1),
    quality_row("calls", "run-1", 1, 2, 0, hits='{"customer_id": null}'),
]


def of(config, quality=None):
    sources = {name: source.description for name, source in config.sources.items()}
    return page(Contents(dictionary(config), sources, quality))


def test_what_anybody_wrote_is_text_and_never_markup(configured, monkeypatch):
    monkeypatch.setenv("SHOP_WORD", "hush-hush")
    yml = """
        source: shop
        description: "EVIL"
        tables:
          orders:
            description: "EVIL"
            files: ["EVIL*.csv"]
            key: id
            columns:
              id: int
              note: {from: "EVIL", accepted: ["EVIL", "${env:SHOP_WORD}"], description: "EVIL"}
            rules: {fine: "note <> '<b>&'"}
        unified:
          orders: {from: orders, where: "note <> '<i>'", columns: {order_id: "concat(id, '<u>')"}}
        """
    written = EVIL.replace("\\", "\\\\").replace('"', '\\"').replace("\u202e", "\\u202e")
    text = of(configured({"sources/shop.yml": yml.replace("EVIL", written)}))
    seen = Seen(text)
    tags = {tag for tag, _ in seen.elements}
    assert tags.isdisjoint({"img", "b", "i", "u"})
    assert [tag for tag, _ in seen.elements].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in seen.elements for name in attributes)
    shown = EVIL.replace("\u202e", "\\u202e")
    assert seen.text.count(shown) >= 6, "but it is all there to be read"
    assert "note <> '<b>&'" in seen.text
    assert "concat(id, '<u>')" in seen.text
    assert "hush-hush" not in text
    assert "***" in seen.text


def test_elements_escape_text_and_leave_html_alone():
    assert html("a<b", None, 3, [Html("<i>"), "&"]) == "a&lt;b3<i>&amp;"
    assert element(
        "a", "x", html("<"), href='"&', class_="c", view_box="0 0", data_name="n", open=True, hidden=False
    ) == ('<a href="&quot;&amp;" class="c" viewBox="0 0" data-name="n" open>x&lt;</a>')
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert html("bell\x07, turned \u202e round") == "bell\\x07, turned \\u202e round"


def test_the_page_of_the_projects_own_conf_is_whole(tmp_path):
    from c360.config.load import load

    config = load(ROOT / "conf", check_sql=False)
    text = of(config)
    seen, tables = Seen(text), dictionary(config)
    ids = seen.named("id")
    assert len(ids) == len(set(ids))
    sections = [attributes["id"] for tag, attributes in seen.elements if tag == "section"]
    assert sorted(sections) == sorted(table.name for table in tables)
    assert {f"{table.name}.{column.name}" for table in tables for column in table.columns} <= set(ids)
    links = seen.named("href")
    assert [link for link in links if not (link.startswith("#") and link[1:] in ids)] == []
    assert "stg_sales_order_details" in seen.text
    assert of(config) == text, "the same conf gives the same page"


def test_the_page_needs_nothing_from_anywhere(configured):
    text = of(configured(CONF))
    assert re.findall(r"https?:|//[a-z]|@import|url\(|\bfetch\b|\bimport\b", text) == []
    assert Seen(text).named("src") == []
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    for wanted in ("prefers-color-scheme: dark", "@media print", "max-width: 900px"):
        assert wanted in text


def test_quality_is_told_table_by_table_and_run_by_run(configured):
    found = of_rows(RUNS)
    assert [(run.run_id, run.rejected_share) for run in found["silver_shop.orders"]] == [
        ("run-1", 0.5),
        ("run-2", 0.25),
        ("run-3", None),
    ]
    text = Seen(of(configured(CONF), found)).text.replace("\xa0", " ")
    assert "share rejected, run by run: 50.00 %, 25.00 %, none read" in text
    assert "silver_shop.orders7125 (41.67 %)" in text, "in silver, read by all runs, rejected of them"
    assert "2 type:amount" not in text, "the last run's reasons count, and it had none"
    assert "customer_id none read" in text
    assert "quality over 3 runs" in text
    assert "run-32025-03-03 05:3001-173" not in text
    one = Seen(of(configured(CONF), of_rows(RUNS[:1]))).text.replace("\xa0", " ")
    assert "32 reasons2 type:amount1 rule:amount_positivecustomer_id 87.50 %2025-03-02 01:00" in one


def test_a_page_without_a_lake_says_so_and_one_of_a_lake_without_runs_too(configured):
    config = configured(CONF)
    assert "No lake was looked at" in Seen(of(config)).text
    assert "No run has recorded any quality" in Seen(of(config, {})).text


def test_a_sparkline_goes_through_what_is_known():
    assert sparkline([0.5, None, 0.25, 0.0], "a < b") == (
        '<svg viewBox="0 0 120 24" width="120" height="24" role="img" class="spark"><title>a &lt; b</title>'
        '<path d="M3.0,3.0 M79.0,12.0 L117.0,21.0"></path><circle cx="3.0" cy="3.0" r="2"></circle>'
        '<circle cx="79.0" cy="12.0" r="2"></circle><circle cx="117.0" cy="21.0" r="2"></circle></svg>'
    )
    assert "<path" not in sparkline([None, None], "nothing")
    assert 'cy="21.0"' in sparkline([0.0], "one run without a rejected row")


def test_a_file_or_a_folder_is_written(configured, tmp_path):
    config = configured(CONF)
    assert write_docs(config, tmp_path / "new" / "d.html") == tmp_path / "new" / "d.html"
    assert write_docs(config, tmp_path / "folder") == tmp_path / "folder" / "index.html"
    assert (tmp_path / "new" / "d.html").read_text("utf-8") == (tmp_path / "folder" / "index.html").read_text("utf-8")


def test_what_cannot_be_written_or_read_is_a_sentence(configured, tmp_path):
    config = configured(CONF)
    (tmp_path / "d.html").mkdir()
    with pytest.raises(ConfigError, match=r"d\.html is a folder; name a file such as docs\.html"):
        write_docs(config, tmp_path / "d.html")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match=r"file/index\.html cannot be written: .*; name another place"):
        write_docs(config, tmp_path / "file")
    with pytest.raises(C360Error, match=r"there is no table in .*/lake yet"):
        write_docs(config, tmp_path / "out", str(tmp_path / "lake"))
    assert not (tmp_path / "out").exists()


def test_the_command_needs_no_engine_and_takes_a_lakes_quality_along(configured, tmp_path):
    configured(CONF)
    Lake(tmp_path / "lake").add_rows(QUALITY, SCHEMA, RUNS)
    said = Here().run(tmp_path, ["docs", "out", "--lake", "lake"], {})
    assert (said.code, said.err, said.out) == (0, "", "out/index.html is written; open it in a browser\n")
    text = Seen((tmp_path / "out/index.html").read_text("utf-8")).text
    assert "silver_shop.orders7125" in text
    assert "gold.customer_360" in text
    (tmp_path / "conf/sources/shop.yml").write_text("source: shop\n")
    wrong = Here().run(tmp_path, ["docs", "again.html"], {})
    assert (wrong.code, wrong.out) == (2, "")
    assert "tables" in wrong.err
    assert not (tmp_path / "again.html").exists()
