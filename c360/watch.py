"""`c360 run --watch`: look for new files again and again, and run when there are some."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from c360.errors import C360Error
from c360.pipeline import Pipeline
from c360.plan import Options
from c360.steps.base import Step
from c360.terminal import say

LOOK_FOR_STALE_SECONDS = 60.0


def watch(pipeline: Pipeline, steps: Sequence[Step], options: Options, every: float) -> int:
    """Run whenever something is due, until Ctrl-C.

    The engine is started when it is needed first, and kept. Files still being written wait for a later look. What
    failed is tried again when something about it has changed.

    Args:
        pipeline: what runs.
        steps: what it is about.
        options: what was asked for.
        every: seconds from one look to the next; a run that takes longer is followed by the next look at once.

    Returns:
        The exit code: 1 if the last run had a failure.
    """
    options = replace(options, settled_only=True)
    say(pipeline.console, f"watching {pipeline.landing} every {every:g} s; Ctrl-C stops")
    code, said, is_idle = 0, "", True
    given_up: tuple[str, ...] = ()
    next_look = 0.0
    with pipeline.kept:
        try:
            while True:
                began = time.monotonic()
                try:
                    due = pipeline.outstanding(steps, options)
                    if due and due != given_up:
                        is_idle = False
                        pipeline.keep_session(options)
                        code = pipeline.run_steps(steps, options, "watch")
                        given_up = pipeline.outstanding(steps, options) if code else ()
                    elif began >= next_look:
                        pipeline.tell_what_is_stale()
                        next_look = began + LOOK_FOR_STALE_SECONDS
                    said = ""
                except C360Error as problem:  # another run holds the lake, a folder cannot be listed: it may pass
                    if str(problem) != said:
                        said = str(problem)
                        say(pipeline.console, said)
                is_idle = True
                time.sleep(max(0.0, every - (time.monotonic() - began)))
        except KeyboardInterrupt:
            if not is_idle:
                raise
            say(pipeline.console, "stopped watching")
    return code
