"""Several connections that read at once, and how all of them are ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from c360.errors import SourceError
from c360.pull.sql import Session

T = TypeVar("T")


class Running:
    """The sessions that are reading."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []
        self.is_over = threading.Event()

    @contextmanager
    def reads(self, session: Session) -> Iterator[None]:
        """Meanwhile the session can be cancelled."""
        self._sessions.append(session)
        try:
            if self.is_over.is_set():
                raise SourceError("the pull was stopped")
            yield
        finally:
            self._sessions.remove(session)

    def cancel(self) -> None:
        """Have all sessions end with an error, and no other begin."""
        self.is_over.set()
        for session in list(self._sessions):
            session.cancel()

    def apart(self, work: Callable[[], T]) -> T:
        """What some work comes to, done in another thread.

        A driver that waits in the main thread keeps Ctrl-C to itself. This way it is heard, and ends the work.
        """
        [result] = self.at_once([work], 1)
        return result

    def at_once(self, work: Sequence[Callable[[], T]], most: int) -> list[T]:
        """What each piece of work comes to; the first error of one ends all.

        Args:
            work: in this order.
            most: that may be done at the same time.
        """
        with ThreadPoolExecutor(min(most, len(work))) as pool:
            futures = [pool.submit(piece) for piece in work]
            try:
                for ended in wait(futures, return_when=FIRST_EXCEPTION).done:
                    ended.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self.cancel()
                raise
            return [future.result() for future in futures]
