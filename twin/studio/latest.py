"""Work of a session in a thread of its own: of its wishes the latest is done, the others are dropped."""

import threading
from collections.abc import Callable


class Latest:
    """Does one thing at a time; a wish that is overtaken before it begins is never begun."""

    def __init__(self):
        self._wish: Callable[[], None] | None = None
        self._is_closed = False
        self._changed = threading.Condition()
        self.begun = 0
        """Wishes that were begun."""
        threading.Thread(target=self._work, daemon=True, name="studio").start()

    def ask(self, wish: Callable[[], None]) -> None:
        """Do this next; whatever waits is dropped. `wish` tells its own errors."""
        with self._changed:
            self._wish = wish
            self._changed.notify()

    def close(self) -> None:
        """Nothing more is begun: whoever asked has gone."""
        with self._changed:
            self._is_closed, self._wish = True, None
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._wish is None and not self._is_closed:
                    self._changed.wait()
                if self._is_closed:
                    return
                wish, self._wish = self._wish, None
                self.begun += 1
            assert wish is not None  # or it would still wait
            wish()
