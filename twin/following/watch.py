"""Look at the files of a folder again and again, and say which have grown."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

EVERY = 30.0
"""Seconds between two looks: a cycle takes hours."""


def pause(seconds: float) -> None:
    """Wait until the next look."""
    time.sleep(seconds)


def grown(
    files: Sequence[Path],
    *,
    every: float = EVERY,
    rest: Callable[[float], object] = pause,
    looks: int | None = None,
) -> Iterator[list[Path]]:
    """At each look the files that have changed since, once they have stopped changing.

    All of them at the first look. A file that is being written changes from look to look and is told of
    when it has been the same twice. One that is not there is waited for.

    Parameters
    ----------
    files : paths
    every : seconds between two looks
    rest : waits so many seconds
    looks : how many; by default for ever
    """
    told: dict[Path, tuple[int, int] | None] = {}
    seen: dict[Path, tuple[int, int] | None] = {}
    count = 0
    while looks is None or count < looks:
        now = {path: _size_and_time(path) for path in files}
        ready = [
            path
            for path, own in now.items()
            if own is not None and told.get(path) != own and (count == 0 or seen.get(path) == own)
        ]
        told |= {path: now[path] for path in ready}
        seen = now
        yield ready
        count += 1
        if looks is None or count < looks:
            rest(every)


def _size_and_time(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
