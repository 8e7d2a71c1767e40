"""The part of the page about quality: one line a table, and run by run with the table itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from c360.docs.html import Html, Part, element, html
from c360.docs.quality_history import Measured, sparkline
from c360.output import counted

HEADS = (
    "table",
    "in silver",
    "read, all runs",
    "rejected",
    "share by run",
    "in quarantine",
    "references",
    "newest delivery",
)


def quality_part(quality: Mapping[str, Sequence[Measured]] | None) -> Html:
    """One line per silver table: what came, what was rejected and why, which references lead somewhere."""
    if quality is None:
        return element(
            "p", "No lake was looked at: c360 docs OUT --lake PATH shows how good its data were, run by run."
        )
    if not quality:
        return element("p", "No run has recorded any quality in the lake yet; c360 run does.")
    rows = [_line(table, runs) for table, runs in quality.items()]
    heads = [element("th", head) for head in HEADS]
    return html(
        element("p", "Each line is a silver table after its last run; the runs one by one stand with the table."),
        element("table", element("thead", element("tr", heads)), element("tbody", rows), class_="stacked"),
    )


def quality_of_table(runs: Sequence[Measured]) -> Html | None:
    """What each run found of one table, the newest first; None where none is recorded."""
    if not runs:
        return None
    heads = [
        element("th", head) for head in ("run", "at (UTC)", "read", "valid", "rejected", "in silver", "in quarantine")
    ]
    rows = [
        element(
            "tr",
            _cells(
                ("", element("code", run.run_id)),
                ("", _moment(run.at)),
                ("read", f"{run.read:,}"),
                ("valid", f"{run.valid:,}"),
                ("rejected", f"{run.quarantined:,}"),
                ("in silver", f"{run.silver_rows:,}"),
                ("in quarantine", f"{run.quarantine_rows:,}"),
            ),
        )
        for run in reversed(runs)
    ]
    return element(
        "details",
        element("summary", "quality over ", counted(len(runs), "run"), " ", _shares(runs)),
        element("table", element("thead", element("tr", heads)), element("tbody", rows), class_="stacked"),
        class_="near",
    )


def _line(table: str, runs: Sequence[Measured]) -> Html:
    last = runs[-1]
    read, rejected = sum(run.read for run in runs), sum(max(run.quarantined, 0) for run in runs)
    return element(
        "tr",
        _cells(
            ("", element("a", table, href=f"#{table}")),
            ("in silver", f"{last.silver_rows:,}"),
            ("read", f"{read:,}"),
            ("rejected", f"{rejected:,} ({_percent(rejected / read)})" if read else f"{rejected:,}"),
            ("", _shares(runs)),
            ("in quarantine", html(f"{last.quarantine_rows:,}", _reasons(last.reasons))),
            ("references", [element("div", _hits(column, share)) for column, share in last.reference_hits.items()]),
            ("newest delivery", _moment(last.newest_delivered_at)),
        ),
    )


def _cells(*cells: tuple[str, Part]) -> list[Html]:
    return [element("td", said, data_label=label or None) for label, said in cells]


def _reasons(reasons: Mapping[str, int]) -> Html | None:
    if not reasons:
        return None
    most_first = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    lines = [element("div", f"{number:,} ", element("code", reason)) for reason, number in most_first]
    return element("details", element("summary", counted(len(lines), "reason")), lines, class_="near")


def _shares(runs: Sequence[Measured]) -> Html:
    shares = [None if run.rejected_share is None else max(run.rejected_share, 0.0) for run in runs]
    return sparkline(shares, "share rejected, run by run: " + ", ".join(map(_percent, shares)))


def _hits(column: str, share: float | None) -> Part:
    return [element("code", column), f" {_percent(share)}"]


def _percent(share: float | None) -> str:
    return "none read" if share is None else f"{100 * share:.2f}\N{NO-BREAK SPACE}%"


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
