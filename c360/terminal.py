"""What every command does on its way out: lines as they are, errors as sentences, an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import typer
from rich.console import Console
from typer.exceptions import TyperException

from c360.errors import C360Error
from c360.output import visible

STOPPED = 130
"""Exit code of a command that Ctrl-C ended, as shells know it."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """`c360 show … | head`: left to `guarded`, since rich would end with 1."""
        raise BrokenPipeError


def new_console() -> Console:
    """Standard output: as wide as the terminal, or 160 characters in a log."""
    return _Console(width=None if sys.stdout.isatty() else 160)


def say(console: Console, text: str) -> None:
    """A line as it is: what looks like markup or moves the cursor in it came from a file name or a delivered value."""
    console.print(visible(text), markup=False, highlight=False, soft_wrap=True)


def guarded(command: Callable[[], Any], arguments: list[str]) -> int:
    """Run a command; an error becomes a sentence and an exit code, never a trace unless -v asks for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a log in ASCII is no reason to fail at a customer's name
    try:
        code = int(command() or 0)
        return _stopped() if code == STOPPED else code  # Typer makes this number of a Ctrl-C
    except typer.Exit as ended:
        return ended.exit_code
    except TyperException as problem:
        return _failed(_usage(problem), 2, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except BrokenPipeError:  # `c360 show … | head`
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except C360Error as problem:
        return _failed(str(problem), problem.exit_code, arguments)
    except Exception as problem:
        from c360.pipeline import sentence_of

        return _failed(sentence_of(problem), 1, arguments)


def leave(code: int) -> NoReturn:
    """End the process with this exit code."""
    if code == STOPPED:
        # Python ends by the signal instead, and without the code, where Ctrl-C came in the middle of an exec of text,
        # such as a dataclass being made, even though the exception was caught.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _stopped() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is undone: an impatient second Ctrl-C shall not hide that
    print("stopped; a table in progress was undone, run again to go on", file=sys.stderr)
    return STOPPED


def _failed(sentence: str, exit_code: int, arguments: list[str]) -> int:
    from c360.config.secrets import mask

    if "-v" in arguments or "--verbose" in arguments:
        Console(stderr=True).print_exception()
    for line in mask(sentence).splitlines():
        print(visible(line), file=sys.stderr)
    return exit_code


def _usage(problem: TyperException) -> str:
    """What is wrong with a command line, as one sentence that says where to look."""
    context = getattr(problem, "ctx", None)
    command = context.command_path if context else "c360"
    said = problem.format_message().replace("Value error, ", "").rstrip(".")
    return f"{command}: {said}; `{command} --help` says what there is"
