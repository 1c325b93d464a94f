"""Where a run ended, for another that goes on from there: the states, and what was counted so far."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.errors import ArgumentError, CellError, DatasetError, shown
from twin.results.form import Form

NEEDED = (
    "final_state",
    "reference_capacity",
    "discharge_capacity",
    "time",
    "outcome",
    "short_circuit_onset_cycle",
    "short_circuit_onset_time",
    "end_of_life_cycle",
    "lifetime",
    "fresh_resistance",
)
"""Variables of a run that one which goes on from it takes up."""
FORM = Form(
    "a run that another goes on from",
    "twin.simulate",
    numbers={
        "final_state": ("state",),
        "reference_capacity": ("reference_kind",),
        "discharge_capacity": ("cycle",),
        "time": ("cycle",),
        "cycle": ("cycle",),
        "fresh_resistance": ("mechanism",),
    }
    | dict.fromkeys(
        ("short_circuit_onset_cycle", "short_circuit_onset_time", "end_of_life_cycle", "lifetime"), ()
    ),
    texts={"state": ("state",), "reference_kind": ("reference_kind",)},
    sizes={"mechanism": len(names.MECHANISMS)},
    optional={"cell": str, "initial_soc": float},
)
"""What a run holds that another goes on from."""
MAY_GO_ON = ("completed", "end_of_life", "soft_short")
"""Outcomes after which a cell still runs; any other one ended the run in the middle of a step."""
FEW = 3
"""States that an error names; the rest are counted."""


def state_labels(sizes: Mapping[str, int]) -> list[str]:
    """One label for each number of a state: the variable, with a number where it has several.

    `sizes` says how many numbers each PyBaMM variable has.
    """
    labels = []
    for name, size in sizes.items():
        labels += [name] if size == 1 else [f"{name} {place}" for place in range(1, size + 1)]
    return labels


@dataclass(frozen=True)
class Earlier:
    """What a run goes on from.

    Attributes
    ----------
    cell : name of the cell that ran
    state : label of :func:`state_labels` -> value at the end, in the unit of its variable
    cycles, time : counted from the very start; time in [s]
    initial_soc : the model's SoC at the very start
    outcome : the worst that happened so far
    onset_cycle, onset_time, end_of_life_cycle, lifetime : as a run has them, times in [h]
    references : kind -> discharge capacity [A.h] of its first cycle
    discharge : cycle -> discharge capacity [A.h], of the run itself
    fresh_resistance : (mechanism,) [Ohm.m2] before the very first cycle
    """

    cell: str
    state: Mapping[str, float]
    cycles: int
    time: float
    initial_soc: float
    outcome: str
    onset_cycle: float
    onset_time: float
    end_of_life_cycle: float
    lifetime: float
    references: Mapping[str, float]
    discharge: Mapping[int, float]
    fresh_resistance: np.ndarray

    @functools.cached_property
    def capacity_left(self) -> float:
        """Share of its accessible capacity that the calendar has left the cathode."""
        return 1 - self.state.get(names.CAPACITY_LOSS, 0.0)

    def values(self, labels: Iterable[str], cell: Cell) -> np.ndarray:
        """The state (state,) in the order of `labels`.

        Raises CellError: the states are those of another structure of cell.
        """
        wanted = list(labels)
        missing = [label for label in wanted if label not in self.state]
        foreign = [label for label in self.state if label not in set(wanted)]
        if missing or foreign:
            kind = "full cell" if cell.has_cathode else "symmetric cell"
            lacks = f" lacks {_few(missing)}" if missing else ""
            holds = f" holds {_few(foreign)}, which it has not" if foreign else ""
            raise CellError(
                f"initial_state comes from a cell of another structure: for {cell.name}, a {kind}, the "
                f"state of {self.cell}{lacks}{' and' if lacks and holds else ''}{holds}; go on from a "
                f"run of a {kind} with the same parts (other values of parameters do not matter)"
            )
        return np.array([self.state[label] for label in wanted])


def _few(labels: list[str]) -> str:
    more = f" and {len(labels) - FEW} more" if len(labels) > FEW else ""
    return ", ".join(map(repr, labels[:FEW])) + more


def earlier_of(run: xr.Dataset) -> Earlier:
    """What a run hands on.

    Raises
    ------
    DatasetError : no run of one cell, or one from before runs held their final state.
    ArgumentError : a run that ended in the middle of a step, or that has no whole cycle.
    """
    if not isinstance(run, xr.Dataset):
        raise DatasetError(
            f"initial_state takes a run, as twin.simulate gives and twin.load reads it, not {shown(run)}"
        )
    lacking = [name for name in NEEDED if name not in run.variables]
    if not lacking and run["final_state"].dims != ("state",):
        lacking = ["final_state"]
    if lacking:
        raise DatasetError(
            f"initial_state lacks {', '.join(lacking)}: it takes the whole Dataset of one run, as "
            "twin.simulate gives it (forecasts and simulate_many keep no final states)"
        )
    outcome = str(run["outcome"].item())
    if outcome not in MAY_GO_ON:
        raise ArgumentError(
            f"a run cannot go on from initial_state, which ended as {outcome}, in the middle of a step "
            f"({run['notes'].item() if 'notes' in run else 'no note'}); go on from a run that ended as "
            f"{', '.join(MAY_GO_ON)}, for example from the same one with fewer cycles"
        )
    if not run.sizes.get("cycle"):
        raise ArgumentError("a run cannot go on from initial_state: no cycle of it has run")
    FORM.check(run)
    state = dict(zip(run["state"].values.tolist(), run["final_state"].values.tolist(), strict=True))
    if not np.isfinite(list(state.values())).all():
        unknown = [label for label, value in state.items() if not np.isfinite(value)]
        raise DatasetError(f"final_state of initial_state holds no number for {_few(unknown)}")
    return Earlier(
        cell=str(run.attrs.get("cell", "a cell without a name")),
        state=state,
        cycles=int(run["cycle"][-1]),
        time=float(run["time"][-1]) * 3600,
        initial_soc=float(run.attrs.get("initial_soc", np.nan)),
        outcome=outcome,
        onset_cycle=float(run["short_circuit_onset_cycle"]),
        onset_time=float(run["short_circuit_onset_time"]),
        end_of_life_cycle=float(run["end_of_life_cycle"]),
        lifetime=float(run["lifetime"]),
        references=_mapping(run["reference_capacity"]),
        discharge=_mapping(run["discharge_capacity"]),
        fresh_resistance=run["fresh_resistance"].values,
    )


def _mapping(series: xr.DataArray) -> dict:
    return dict(zip(series[series.dims[0]].values.tolist(), series.values.tolist(), strict=True))
