"""Work of a session that takes long: in a thread and a folder of its own, ended when nobody looks."""

import contextlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path


class Stopped(Exception):  # noqa: N818  # no error: somebody wanted it
    """Somebody has asked the work to stop, or has gone."""


class Stoppable:
    """Does one thing at a time, which asks :meth:`check` between its pieces whether it goes on.

    What it keeps in its folder stays there between one start and the next, and is deleted when it is
    closed.
    """

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="twin_studio_")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._is_closed = False
        self.is_running = False
        """True from a start until what was started has ended."""

    @property
    def folder(self) -> Path:
        """Where it keeps what it has."""
        return Path(self._folder.name)

    def begin(self, work: Callable[[], None], then: Callable[[Exception | None], None]) -> None:
        """Do it, unless something is done already or nobody looks; `then` is told what went wrong."""
        with self._lock:
            if self.is_running or self._is_closed:
                return
            self.is_running = True
            self._stop.clear()
        threading.Thread(target=self._do, args=(work, then), daemon=True, name="studio").start()

    def stop(self) -> None:
        """End what is done, after its piece."""
        self._stop.set()

    def check(self) -> None:
        """Raise Stopped where the work is to end."""
        if self._stop.is_set():
            raise Stopped

    def close(self) -> None:
        """Nobody looks any more: what is done ends, and the folder is deleted after it."""
        with self._lock:
            self._is_closed = True
            self._stop.set()
            is_idle = not self.is_running
        if is_idle:
            self._folder.cleanup()

    def _do(self, work: Callable[[], None], then: Callable[[Exception | None], None]) -> None:
        problem: Exception | None = None
        try:
            with contextlib.suppress(Stopped):
                work()
        except Exception as error:  # whatever it raises: who began it says it
            problem = error
        with self._lock:
            self.is_running = False
            is_closed = self._is_closed
        if is_closed:
            self._folder.cleanup()
        else:
            then(problem)
