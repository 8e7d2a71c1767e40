"""A run: which tables are due, in which order they are made, what is recorded, and what a failure stops."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from c360.alerts import Alerts
from c360.config.load import Config
from c360.config.secrets import mask
from c360.errors import C360Error, ConfigError
from c360.journal import Journal
from c360.lake import Lake
from c360.ledger import Ledger, Step
from c360.lock import LakeLock
from c360.plan import Options, new_run_id, plan, selected
from c360.progress import Progress
from c360.quality import QUALITY, record
from c360.session import choose, start
from c360.silver.shape import Shape
from c360.steps import BronzeStep, Context, Outcome, PullStep, SilverStep
from c360.steps.base import Step as TableStep
from c360.store import is_remote

NOTHING_NEW = "nothing new: every table is up to date"


class Pipeline:
    """Runs steps on one lake.

    Args:
        config: what conf says.
        lake: where the tables lie.
        landing: where files are delivered, a folder per source.
        console: where progress goes.

    Attributes:
        kept: may hold a session that outlives a run.
    """

    def __init__(self, config: Config, lake: str, landing: str, console: Console) -> None:
        self.config = config
        self.lake = Lake(lake)
        self.landing = landing.rstrip("/") if is_remote(landing) else str(Path(landing))
        self.progress = Progress(console)
        self.console = console
        self.kept = ExitStack()
        self._has_session = False
        self.alerts = Alerts(config, lake, console)

    def keep_session(self, options: Options) -> None:
        """Start the engine if it is not, for several runs."""
        if not self._has_session:
            self.kept.enter_context(start(options.engine))
            self._has_session = True

    def run(self, options: Options, command: str = "run") -> int:
        """Make every table that is due; the exit code: 0 done, 1 a table or a check failed."""
        return self.run_steps(selected(self.config, options), options, command)

    def watch(self, options: Options, every: float) -> int:
        """Run whenever something is due, until Ctrl-C; see `c360.watch`.

        Raises:
            ConfigError: something else was asked for that goes with one run only.
        """
        from c360.watch import watch

        for name in ("full", "dry_run", "as_of"):
            if getattr(options, name):
                raise ConfigError(f"--watch goes on from what is there; leave --{name.replace('_', '-')} out")
        steps = selected(self.config, options)
        self._demand_landing(steps)
        return watch(self, steps, options, every)

    def run_steps(self, steps: Sequence[TableStep], options: Options, command: str) -> int:
        """The same for given steps.

        Raises:
            ConfigError: files are to be read, but there is no landing folder.
        """
        self._demand_landing(steps)
        run_id = new_run_id()
        if options.dry_run:
            for step, reason in plan(steps, self._context(self.lake, Ledger(self.lake, run_id), options)):
                self.console.print(f"{step.name}  {reason}", highlight=False, soft_wrap=True)
            return 0

        def work(ledger: Ledger, journal: Journal) -> int:
            code = self._run(steps, options, ledger, journal, command)
            self.alerts.stale(ledger, datetime.now(UTC))
            return code

        return self.locked(run_id, work)

    def tell_what_is_stale(self) -> None:
        """Alert where nothing has come for too long, without a run."""

        def work(ledger: Ledger, journal: Journal) -> int:
            self.alerts.stale(ledger, datetime.now(UTC))
            return 0

        if self.config.settings.alerts.on_stale:
            self.locked(new_run_id(), work)

    def outstanding(self, steps: Sequence[TableStep], options: Options) -> tuple[str, ...]:
        """What a run would have to do, and with which files: the same again means that nothing has changed."""
        run = self._context(self.lake, Ledger(self.lake, ""), options)
        files = [str(file) for step in steps if isinstance(step, BronzeStep) for file in step.fresh(run)]
        return tuple(files + [f"{step.name}: {reason}" for step, reason in plan(steps, run)])

    def _demand_landing(self, steps: Sequence[TableStep]) -> None:
        if is_remote(self.landing) or Path(self.landing).is_dir():
            return
        if not any(isinstance(s, BronzeStep) and s.shape.table.files for s in steps):
            return
        found = "is a file" if Path(self.landing).exists() else "is not there"
        folders = ", ".join(f"{self.landing}/{source}" for source in self.config.sources)
        raise ConfigError(f"the landing folder {self.landing} {found}; put delivered files into {folders}")

    def _point_out_missing(self, steps: Sequence[TableStep], run: Context) -> None:
        """Say for which sources nothing was ever delivered: most often the files lie elsewhere, or have other names."""
        shapes: dict[str, list[Shape]] = {}
        for step in steps:
            if isinstance(step, BronzeStep) and step.shape.table.files:
                shapes.setdefault(step.shape.source.source, []).append(step.shape)
        for source, tables in shapes.items():
            if not any(run.files(shape) or run.ledger.files(source, shape.name) for shape in tables):
                self.console.print(
                    f"{self.landing}/{source} holds no file that a table of {source} asks for; `c360 check` says which",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )

    def locked(self, run_id: str, work: Callable[[Ledger, Journal], int]) -> int:
        """Do work as the lake's one writer, after undoing what a dead one left half done."""
        with LakeLock(self.lake.root).held(run_id) as note:
            ledger = Ledger(self.lake, run_id)
            journal = Journal(self.lake, ledger)
            if note:
                self.console.print(note, highlight=False, soft_wrap=True)
            if undone := journal.recover():
                self.console.print(f"undid {undone}, which a run left half done", highlight=False)
            self.lake.unstage()
            return work(ledger, journal)

    def _context(self, lake: Lake, ledger: Ledger, options: Options) -> Context:
        return Context(
            self.config,
            lake,
            ledger,
            self.landing,
            options.as_of,
            options.full,
            options.force,
            settled_only=options.settled_only,
        )

    def _run(self, steps: Sequence[TableStep], options: Options, ledger: Ledger, journal: Journal, command: str) -> int:
        began = time.monotonic()
        asked = self._context(self.lake, ledger, options)
        self._point_out_missing(steps, asked)
        pulls = [step for step in steps if isinstance(step, PullStep) and step.due(asked)]
        if not pulls and not plan(steps, asked):
            self.console.print(NOTHING_NEW)
            return 0
        engine = choose(options.engine)
        ledger.started(command, engine)
        lines: list[Step] = []
        stopped: dict[str, str] = {}
        try:
            lines += self._make(pulls, asked, journal, options.verbose, stopped)
            rest = [step for step in steps if not isinstance(step, PullStep)]
            if plan(rest, self._context(self.lake, ledger, options)):
                with start(options.engine) as session:
                    run = self._context(self.lake.with_session(session.spark), ledger, options)
                    lines += self._make(rest, run, Journal(run.lake, ledger), options.verbose, stopped)
                    run.lake.unstage()
            else:
                self.console.print(NOTHING_NEW)
        except KeyboardInterrupt:
            self.kept.close()  # only when the engine has ended does nothing come after that it was still writing
            undone = journal.recover()
            self.lake.unstage()
            if undone:
                self.console.print(f"undid {undone}, which was half done", highlight=False)
            ledger.finished("stopped", f"{undone} was undone" if undone else "", command=command, engine=engine)
            raise
        known = ledger.last("as_of")
        as_of = str(options.as_of or (known["message"] if known else ""))
        failed = [line.name for line in lines if line.status == "failed"]
        self.progress.summary(lines, as_of, time.monotonic() - began)
        ledger.finished(
            "failed" if failed else "done",
            ", ".join(failed),
            command=command,
            engine=engine,
            as_of=date.fromisoformat(as_of) if as_of else None,
        )
        record(self.lake, ledger, steps, lines)
        self._tidy(self.lake)
        self.alerts.after_run(ledger.run_id, command, engine, lines)
        return 1 if failed else 0

    def _make(
        self, steps: Sequence[TableStep], run: Context, journal: Journal, verbose: bool, stopped: dict[str, str]
    ) -> list[Step]:
        """The lines of what was made; `stopped` tells, and is told, which tables were not and because of which."""
        lines: list[Step] = []
        for number, step in enumerate(steps, 1):
            cause = next((name for name in step.needs if name in stopped), None)
            if cause:
                stopped[step.name] = cause
                line = Step(step.name, "skipped", message=f"because {cause} failed")
                run.ledger.add_step(line)
            else:
                with self.progress.doing(step.name, number, len(steps)):
                    made = self._step(step, run, journal, verbose)
                if made is None:
                    continue
                line = made
                if line.status == "failed":
                    stopped[step.name] = step.name
            self.progress.done(line)
            lines.append(line)
        return lines

    def _step(self, step: TableStep, run: Context, journal: Journal, verbose: bool) -> Step | None:
        """Its line; None if it is up to date."""
        began = time.monotonic()
        try:
            step.create(run)
            if step.due(run) is None:
                return None
            with journal.step(step.name, step.tables()):
                inputs, fingerprint = step.inputs(run), step.fingerprint(run)
                outcome: Outcome = step.do(run)
                outcome.counts.check(step.name)
                seconds = time.monotonic() - began
                line = Step(
                    step.name,
                    "done",
                    fingerprint,
                    inputs,
                    run.lake.version(step.name),
                    outcome.counts,
                    seconds,
                    outcome.message,
                )
                run.ledger.add_step(line)
            return line
        except Exception as problem:
            if verbose:
                self.console.print_exception()
            message = mask(sentence_of(problem))
            line = Step(step.name, "failed", message=message, seconds=time.monotonic() - began)
            run.ledger.add_step(line)
            return line
        finally:
            run.lake.unstage(run_ends=False)

    def _tidy(self, lake: Lake) -> None:
        """Keep the small `ops` tables quick to read: every run adds a few tiny files to them."""
        for name in ("ops.files", "ops.batches", "ops.steps", "ops.runs", QUALITY):
            if lake.version(name) is not None and len(lake.files(name)) > 200:
                lake.compact(name)


def sentence_of(problem: Exception) -> str:
    """An error as one sentence: our own as they are, an engine's by its first line."""
    if isinstance(problem, C360Error):
        return str(problem)
    if isinstance(problem, OSError) and problem.strerror:
        at = f"{problem.filename}: " if problem.filename else ""
        return f"{at}{problem.strerror} (run with -v for the whole trace)"
    first = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {first[0] if first else ''} (run with -v for the whole trace)"


def silver_step(steps: Sequence[TableStep], name: str) -> SilverStep:
    """The silver step called `silver_retail.orders`, or `retail.orders` for short.

    Raises:
        ConfigError: there is none.
    """
    for step in steps:
        if not isinstance(step, SilverStep):
            continue
        if name in (step.name, step.name.removeprefix("silver_"), step.shape.quarantine):
            return step
    known = ", ".join(step.name for step in steps if isinstance(step, SilverStep))
    raise ConfigError(f"no such silver table: {name}; there are {known}")
