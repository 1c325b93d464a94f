"""What is computed of a dropped file: what it holds, what was expected of its cell, what it changes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

import twin
from twin.errors import DatasetError
from twin.following.followed import Followed
from twin.following.update import PARTICLES
from twin.measured.cycler.conventions import Conventions
from twin.measured.cycler.reading import read_file
from twin.measured.file_rows import repeated
from twin.protocols import Protocol
from twin.protocols.standard import CYCLES
from twin.results.provenance import protocol_of
from twin.results.quantities import ageing
from twin.results.readable import readable
from twin.studio.answers import DRAWS
from twin.studio.view import View, with_steps


@dataclass(frozen=True)
class OwnData:
    """A file, read as one of the view's cell.

    Attributes
    ----------
    view : View
        Whose cell was measured.
    name : str
        Of the file.
    measured : xarray.Dataset
        As ``twin.read_measurements`` gives it.
    """

    view: View
    name: str
    measured: xr.Dataset

    @property
    def has_cycles(self) -> bool:
        """True unless it is a spectrum."""
        return "cycle" in self.measured.dims and self.measured.sizes["cycle"] > 0

    @property
    def tells_protocol(self) -> bool:
        """True where the file says what the cell went through."""
        return "protocol" in self.measured.attrs

    @property
    def protocol(self) -> Protocol:
        """What the cell went through: as the file tells or, where it does not, as the page shows."""
        return protocol_of(self.measured) if self.tells_protocol else self.view.protocol

    @property
    def points(self) -> list[tuple[float, float]]:
        """Cycle and how the cell has aged by then, as the page draws it; none where it is not told."""
        if not self.has_cycles:
            return []
        name = "capacity_retention" if self.view.loaded.has_cathode else "cell_overpotential"
        if name not in self.measured:
            return []
        values = readable(self.measured[name]).values
        known = np.isfinite(values)
        cycles = self.measured["cycle"].values[known]
        return list(zip(cycles.astype(float), values[known].astype(float), strict=True))


def read(path: Path, view: View, current: str | None = None) -> OwnData:
    """Read a file as one of the view's cell. `current` says what a positive one does, where it must.

    Raises MeasurementError: a file that cannot be read, or in two ways.
    """
    return OwnData(view, path.name, read_file(path, Conventions(current=current), view.cell))


def expected(own: OwnData) -> xr.Dataset:
    """Quantiles of what cells of this kind do under the file's protocol, before it is taken in.

    Raises DatasetError: a spectrum. FittedSetError: nothing was fitted of the cell.
    """
    _check_cycles(own)
    protocol = repeated(own.protocol, max(CYCLES, int(own.measured["cycle"].max())))
    return _ages(twin.forecast(own.view.cell, protocol, draws=DRAWS, seed=0))


def under_its_protocol(own: OwnData, view: View) -> View:
    """The view under the steps of the file's last cycle, which are those that are cycled on.

    Raises StudioError: they are too many for the page.
    """
    return with_steps(view, "\n".join(own.protocol.block[-1].texts))


def updated(own: OwnData, known: Followed | None = None) -> Followed:
    """What is known of this very cell with the file's cycles.

    `known` is what an earlier file of the same cell has told. Raises DatasetError: no cycles, another
    cell, other values than before. FittedSetError: nothing was fitted of the cell.
    """
    _check_cycles(own)
    if known is not None:
        return twin.update(known, own.measured)
    return twin.update(
        own.view.cell, own.measured, protocol=own.protocol, particles=PARTICLES, horizon=CYCLES
    )


def now_expected(state: Followed) -> xr.Dataset:
    """Quantiles of what this very cell does after an update."""
    return _ages(state.forecast(draws=DRAWS))


def _ages(forecast: xr.Dataset) -> xr.Dataset:
    summary = twin.summarise(forecast)
    return summary[[ageing(summary).name]]


def _check_cycles(own: OwnData) -> None:
    if not own.has_cycles:
        raise DatasetError(
            f"{own.name} holds a spectrum and no cycles: it can enter a fit of your own folder "
            "(twin new FOLDER, twin fit FOLDER), not an update"
        )
