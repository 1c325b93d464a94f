"""Points of a study that are computed already: one small file each, written whole."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from twin.cell import Cell
from twin.files import check_writable, load_arrays, save_arrays
from twin.protocols import Protocol
from twin.results.fingerprint import fingerprint
from twin.studies import point


def point_fingerprint(cell: Cell, protocol: Protocol, drawn: Sequence[Mapping[str, float]]) -> str:
    """Same fingerprint, same numbers: all that those of a point depend on."""
    asked = [cell.hash, repr(protocol.block), protocol.cycles, list(drawn)]
    return fingerprint(asked, computed_by=(point.__name__,))


class FinishedPoints:
    """A folder of finished points, by fingerprint.

    A file that is not there, that is damaged or holds something else, is a point yet to be computed.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        check_writable(self.folder)

    def finished(
        self, keys: Iterable[str], *, names: Sequence[str], draws: int
    ) -> dict[str, dict[str, np.ndarray]]:
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
