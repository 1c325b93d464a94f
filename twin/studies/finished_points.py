"""Points of a study that are computed already: one small file each, written whole."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from twin.cell import Cell
from twin.errors import OutputError
from twin.files import write_whole
from twin.protocols import Protocol
from twin.results.fingerprint import fingerprint
from twin.studies import point


def point_fingerprint(cell: Cell, protocol: Protocol, drawn: Sequence[Mapping[str, float]]) -> str:
    """Same fingerprint, same numbers: all that those of a point depend on."""
    asked = [cell.hash, protocol.block, protocol.cycles, list(drawn)]
    return fingerprint(asked, computed_by=(point.__name__,))


class FinishedPoints:
    """A folder of finished points, by fingerprint.

    A file that is not there, or that cannot be read, is a point that is yet to be computed.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make the folder {folder}: {error.strerror or error}") from None

    def finished(self, keys: Iterable[str]) -> dict[str, dict[str, np.ndarray]]:
        """Those of the points that are finished."""
        found = {key: self.get(key) for key in keys}
        return {key: numbers for key, numbers in found.items() if numbers is not None}

    def get(self, key: str) -> dict[str, np.ndarray] | None:
        """The numbers of a point over (draw,), None where it is not finished."""
        try:
            with np.load(self._path(key), allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def keep(self, key: str, numbers: Mapping[str, np.ndarray]) -> None:
        """Write a finished point. Raises OutputError: not writable."""

        def write(beside: Path):
            with beside.open("wb") as file:
                np.savez(file, allow_pickle=False, **numbers)

        write_whole(self._path(key), write)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"
