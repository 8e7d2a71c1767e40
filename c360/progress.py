"""What a person sees of a run: live on a terminal, one line a table in a log, and a summary that adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from c360.ledger import Counts, Step
from c360.output import counted, visible

WIDE = 140
"""Characters in which the summary fits with all its columns."""

_MARKS = {"done": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[yellow]–[/]"}


class Progress:
    """Reports a run to a console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def doing(self, name: str, number: int, total: int) -> Iterator[None]:
        """While a table is being made."""
        if self.console.is_terminal:
            with self.console.status(f"{number}/{total} {name}"):
                yield
        else:
            yield

    def done(self, step: Step) -> None:
        """A table's line."""
        text = f"{_MARKS[step.status]} {step.name}"
        if step.status == "done":
            text += f"  {_sentence(step.counts)}  [dim]{step.seconds:.1f} s[/]"
        # file names and delivered values are in the message, and are no markup
        message = f"  {escape(visible(step.message))}" if step.message else ""
        self.console.print(text + message, highlight=False, soft_wrap=True)

    def summary(self, steps: Sequence[Step], as_of: str, seconds: float) -> None:
        """The table at the end: per silver table what was read and what became of it, and all together."""
        shown = [s for s in steps if s.status != "done" or s.name.startswith("silver_")]
        if shown:
            total = sum((s.counts for s in shown if s.status == "done"), Counts())
            # where the columns do not fit, those that hold nothing but zeros say least
            names = [n for n, count in vars(total).items() if count or n == "read" or self.console.width >= WIDE]
            table = Table(title=f"as of {as_of}" if as_of else None, title_justify="left", header_style="bold")
            table.add_column("table", overflow="fold")
            for column in (*names, "seconds"):
                table.add_column(column, justify="right", no_wrap=True)
            for step in shown:
                numbers = [f"{getattr(step.counts, n):,}" for n in names]
                cells = numbers if step.status == "done" else [step.status, *[""] * (len(names) - 1)]
                table.add_row(step.name, *cells, f"{step.seconds:.1f}")
            table.add_section()
            table.add_row("all", *[f"{getattr(total, n):,}" for n in names], f"{sum(s.seconds for s in shown):.1f}")
            self.console.print(table)
        made = sum(s.status == "done" for s in steps)
        failed = [s.name for s in steps if s.status == "failed"]
        self.console.print(
            f"{counted(made, 'table')} made in {seconds:.1f} s" + (f"; failed: {', '.join(failed)}" if failed else ""),
            highlight=False,
        )


def _sentence(counts: Counts) -> str:
    parts = [f"{n:,} {name}" for name, n in vars(counts).items() if n and name not in ("valid", "read")]
    return counted(counts.read, "row") + (
        f": {', '.join(parts)}" if len(parts) > 1 or counts.inserted != counts.read else ""
    )
