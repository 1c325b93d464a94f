"""A cell that its twin follows: what is known of it now, and what each update has changed.

Nothing mutates: an update gives another state, and all earlier ones stay.
"""

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from twin.arguments import checked_count, checked_kind, checked_seed
from twin.cell import Cell
from twin.following.evidence import Observed
from twin.following.particles import Particles
from twin.following.this_cell import ThisCell, this_cell
from twin.forecasting import forecast_of, summarise
from twin.measured.file_rows import repeated
from twin.protocols import Protocol
from twin.results.intervals import QUANTILES
from twin.results.quantities import FOLLOWING

FORECAST_DRAWS = 200
"""Draws of the forecast that each update makes: as many as `twin.forecast` runs."""
FORECAST = (
    "capacity_retention",
    "cell_overpotential",
    "short_circuit_onset_cycle",
    "short_circuit_probability",
)
"""What an update may say of the future."""
NOTHING = Observed((), 0)
"""What is known of a cell that has not been measured."""
BETWEEN = "\n"
"""Between the alarms of an update, where they are one text."""
FEWEST_PARTICLES = 20
"""Fewest particles that a state may have: fewer have no covariance to move by."""
MOST_PARTICLES = 10_000
"""Most particles that a state may have: more take minutes."""


@dataclass(frozen=True)
class Update:
    """What one update took in, and what it changed.

    Attributes
    ----------
    measured_cycles : int
        The last cycle measured; 0 of the state before any.
    onset : int or None
        First cycle with a short that was measured.
    effective : float
        Particles that would have been left of those before, re-weighted in one go: few of them where
        the new cycles told much.
    resamplings, sweeps : int
    accepted : share of the steps, NaN where none was made
    seconds : float
    alarms : sentences
    forecast : name to (quantile,)
        `capacity_retention` at the horizon, `cell_overpotential` of symmetric cells,
        `short_circuit_onset_cycle`, and `short_circuit_probability` by the horizon.
    values : (parameter, quantile)
        Of what each drawn parameter of the cell is.
    """

    measured_cycles: int
    onset: int | None
    effective: float
    resamplings: int
    sweeps: int
    accepted: float
    seconds: float
    alarms: tuple[str, ...]
    forecast: dict[str, np.ndarray] = field(repr=False)
    values: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Followed:
    """What is known of one cell.

    Attributes
    ----------
    prior : ThisCell
    draws : xarray.Dataset
        Of the family (:func:`twin.fitting.draws.load_draws`).
    protocol : Protocol
        That the cell goes through, for ever.
    observed : Observed
    particles : Particles
    updates : tuple of Update
        From the state before any measurement on.
    horizon : int
        Cycle of the forecasts that updates make.
    seed : int
    """

    prior: ThisCell
    draws: xr.Dataset = field(repr=False)
    protocol: Protocol
    observed: Observed
    particles: Particles = field(repr=False)
    updates: tuple[Update, ...] = field(repr=False)
    horizon: int
    seed: int

    @property
    def cell(self) -> Cell:
        """Around which is drawn: the family's."""
        return self.prior.cell

    @property
    def alarms(self) -> tuple[str, ...]:
        """Of the last update: what the cell does that the model does not know."""
        return self.updates[-1].alarms

    @functools.cached_property
    def parameters(self) -> list[str]:
        """What updates tell of: each drawn parameter of the cell."""
        return [self.cell.label(key) for key in self._keys]

    @property
    def _keys(self) -> list[str]:
        prior = self.prior
        return list(dict.fromkeys((*prior.fitted, *prior.unseen, *prior.deviations)))

    def generator(self) -> np.random.Generator:
        """Random numbers of the next update: the same state and data give the same next state."""
        return np.random.default_rng([self.seed, len(self.updates)])

    def values(self) -> np.ndarray:
        """5, 50 and 95 % quantile of what each drawn parameter of the cell is, (parameter, quantile)."""
        found = self.prior.factors(self.particles.resampled(np.random.default_rng(self.seed)))
        keys = self._keys
        values = np.array([[self.cell.values[key] * own.get(key, 1.0) for key in keys] for own in found])
        return np.quantile(values, QUANTILES, axis=0).T

    def forecast(
        self,
        protocol: Protocol | None = None,
        *,
        cycles: int | None = None,
        draws: int = FORECAST_DRAWS,
        processes: int | None = None,
    ) -> xr.Dataset:
        """Run a protocol on draws of this very cell: as :func:`twin.forecast` of any cell of its kind.

        Parameters
        ----------
        protocol : Protocol, optional
            From the fresh cell on; by default what it goes through, for `cycles` (by default to the
            horizon of its updates).
        cycles : int, optional
        draws : int

        Returns
        -------
        xarray.Dataset over (draw, cycle)
            As :func:`twin.forecast` gives; :func:`twin.summarise` and the pictures take it.

        Raises ArgumentError: draws or cycles that are no such numbers, too many cycles in all.
        """
        draws = checked_count("draws", draws, most=MOST_PARTICLES)
        if cycles is not None:
            cycles = checked_count("cycles", cycles)
        if protocol is None:
            protocol = repeated(self.protocol, cycles or self.horizon)
        checked_kind("protocol", protocol, Protocol, "twin.Protocol([steps], cycles=…) makes one")
        points = self.particles.resampled(np.random.default_rng([self.seed, draws]), draws)
        about = {
            "seed": self.seed,
            "effective_draws": min(self.particles.effective, float(draws)),
            "doubt": self.draws.attrs["doubt"],
            "followed_cycles": self.observed.cycles,
        }
        return forecast_of(
            self.cell, protocol, self.prior.factors(points), self.draws, about, processes=processes
        )

    def told(self, *, processes: int | None = None) -> dict[str, np.ndarray]:
        """What an update says of the future: see :class:`Update`."""
        summary = summarise(self.forecast(processes=processes))
        last = summary.isel(cycle=-1)
        names = ("capacity_retention", "cell_overpotential")
        told = {name: last[name].values for name in names if name in last}
        told["short_circuit_onset_cycle"] = summary["short_circuit_onset_cycle"].values
        told["short_circuit_probability"] = last["short_circuit_probability_interval"].values
        return told

    @property
    def history(self) -> xr.Dataset:
        """What each update has changed.

        Returns
        -------
        xarray.Dataset over (update, quantile)
            Of the forecast that each update made, to cycle `horizon` (attribute): `capacity_retention`
            then [1] or, of a symmetric cell, `cell_overpotential` [V] too; `short_circuit_onset_cycle`;
            `short_circuit_probability` by then. Over update: `measured_cycles`, `measured_onset` (NaN:
            no short was), `effective`, `resamplings`, `sweeps`, `accepted`, `seconds`, `alarm`
            (sentences on a line each, "" without one). Over (update, parameter, quantile):
            `parameter_value`.
        """
        made = self.updates
        data: dict = {
            name: (("update", "quantile"), np.array([own.forecast[name] for own in made]))
            for name in made[0].forecast
        }
        data["parameter_value"] = (
            ("update", "parameter", "quantile"),
            np.array([own.values for own in made]),
        )
        data["measured_cycles"] = ("update", np.array([own.measured_cycles for own in made]))
        data["measured_onset"] = ("update", np.array([own.onset or np.nan for own in made]))
        for name in ("effective", "resamplings", "sweeps", "accepted", "seconds"):
            data[name] = ("update", np.array([getattr(own, name) for own in made], dtype=float))
        data["alarm"] = ("update", np.array([BETWEEN.join(own.alarms) for own in made], dtype=object))
        history = xr.Dataset(
            data,
            coords={
                "update": np.arange(len(made)),
                "quantile": list(QUANTILES),
                "parameter": self.parameters,
            },
            attrs={"cell": self.cell.name, "horizon": self.horizon},
        )
        for name, quantity in FOLLOWING.items():
            if name in history:
                history[name].attrs = quantity.attributes
        return history


def updates_of(history: xr.Dataset) -> tuple[Update, ...]:
    """The updates that a history tells of: inverse of :attr:`Followed.history`."""
    told = [str(name) for name in FORECAST if name in history]
    made = []
    for place in range(history.sizes["update"]):
        own = history.isel(update=place)
        onset, alarm = float(own["measured_onset"]), str(own["alarm"].item())
        made.append(
            Update(
                measured_cycles=int(own["measured_cycles"]),
                onset=None if np.isnan(onset) else int(onset),
                effective=float(own["effective"]),
                resamplings=int(own["resamplings"]),
                sweeps=int(own["sweeps"]),
                accepted=float(own["accepted"]),
                seconds=float(own["seconds"]),
                alarms=tuple(alarm.split(BETWEEN)) if alarm else (),
                forecast={name: own[name].values for name in told},
                values=own["parameter_value"].values,
            )
        )
    return tuple(made)


def unmeasured(
    cell: Cell,
    draws: xr.Dataset,
    protocol: Protocol,
    *,
    particles: int,
    horizon: int,
    seed: int,
    processes: int | None = None,
) -> Followed:
    """The state of a cell before anything was measured on it: what its family says.

    Raises ArgumentError: particles, horizon or seed that are no such numbers.
    """
    count = checked_count("particles", particles, least=FEWEST_PARTICLES, most=MOST_PARTICLES)
    seed, horizon = checked_seed(seed), checked_count("horizon", horizon)
    prior = this_cell(cell, draws)
    points = prior.sample(count, np.random.default_rng(seed))
    known = Particles(points, np.zeros(count))
    state = Followed(prior, draws, protocol, NOTHING, known, (), horizon, seed)
    first = Update(
        0, None, float(count), 0, 0, np.nan, 0.0, (), state.told(processes=processes), state.values()
    )
    return dataclasses.replace(state, updates=(first,))


def largest_changes(state: Followed, count: int) -> Sequence[tuple[str, np.ndarray, np.ndarray]]:
    """The parameters that the last update moved or narrowed most: name, (quantile,) before and after."""
    if len(state.updates) < 2:
        return []
    before, after = state.updates[-2].values, state.updates[-1].values
    width = np.maximum(before[:, 2] - before[:, 0], 1e-300)
    moved = np.abs(after - before).max(axis=1) / width
    order = np.argsort(-moved, kind="stable")[:count]
    return [(state.parameters[place], before[place], after[place]) for place in order]
