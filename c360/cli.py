"""The entries: the `c360` command, and jobs/*.py."""

from __future__ import annotations

import sys

from c360.commands import acting, app, asking, describing, seeing
from c360.terminal import guarded, leave

__all__ = ["acting", "app", "asking", "describing", "job", "main", "seeing"]


def job(*arguments: str) -> None:
    """The entry of jobs/*.py: a command with some of its options given, the others from the command line."""
    leave(guarded(lambda: app([*arguments, *sys.argv[1:]], standalone_mode=False), sys.argv[1:]))


def main() -> None:
    """The entry of the `c360` command."""
    leave(guarded(lambda: app(standalone_mode=False), sys.argv[1:]))


if __name__ == "__main__":
    main()
