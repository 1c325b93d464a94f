"""Points of a study that are computed already: one small file each, written whole."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from twin.arguments import checked_path
from twin.cell import Cell
from twin.files import check_writable, load_arrays, save_arrays
from twin.fitting.widening import model_error
from twin.protocols import Protocol
from twin.results.fingerprint import fingerprint
from twin.studies import point
from twin.studies.point import Draws, Numbers


def key_of_points(draws: Draws) -> Callable[[Cell, Protocol], str]:
    """Gives a point the key that it is kept under: the fingerprint of all that its numbers depend on."""
    drawn = fingerprint(list(draws), computed_by=(point.__name__,))

    def key(cell: Cell, protocol: Protocol) -> str:
        asked = [drawn, cell.hash, repr(protocol.block), protocol.cycles, model_error(cell, protocol)]
        return fingerprint(asked, computed_by=())

    return key


class FinishedPoints:
    """A folder of finished points, by key.

    A file that is not there, that is damaged or holds something else, is a point yet to be computed.
    """

    def __init__(self, folder: str | Path):
        self.folder = checked_path(folder)
        check_writable(self.folder)

    def finished(self, keys: Iterable[str], *, names: Sequence[str], draws: int) -> dict[str, Numbers]:
        """Those of the points that are finished: the numbers of these names over (draw,)."""
        found = {key: load_arrays(self._path(key)) for key in keys}
        return {
            key: numbers
            for key, numbers in found.items()
            if numbers is not None
            and all(name in numbers and numbers[name].shape == (draws,) for name in names)
        }

    def keep(self, key: str, numbers: Mapping[str, np.ndarray]) -> None:
        """Write a finished point. Raises OutputError: not writable."""
        save_arrays(self._path(key), numbers)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"
