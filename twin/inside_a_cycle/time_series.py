"""What happens within chosen cycles of a run: current and voltage over time.

The fast simulator goes to the start of each cycle; stock ``pybamm.Simulation`` runs that cycle from
there and keeps every point of its solver.
"""

from collections.abc import Sequence

import numpy as np
import pybamm
import xarray as xr

from twin import names
from twin.arguments import checked_count, checked_kind, checked_several
from twin.cell import Cell
from twin.errors import ObservationError
from twin.inside_a_cycle.states import states_at
from twin.model import parameter_values
from twin.protocols import Protocol
from twin.results.provenance import provenance
from twin.results.quantities import RESULTS, TIME_SERIES
from twin.results.record import REST_CURRENT_DENSITY
from twin.simulators.pybamm_segments import Quiet, simulation, turns
from twin.simulators.start import initial_soc, soc_window


def time_series(cell: Cell, protocol: Protocol, cycles: Sequence[int] = (1,)) -> xr.Dataset:
    """Time series of chosen cycles of a protocol.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    cycles : sequence of int
        Counted from 1.

    Returns
    -------
    xarray.Dataset over (cycle, point)
        `time` [h] since the start of the cycle, `current` [A] and `current_density` [A/m2] (positive
        discharges), `voltage` and `open_circuit_voltage` [V], `capacity` [A.h] passed since the current
        last changed direction, of a full cell `state_of_charge` [1] (0 at the lower cut-off, 1 at the
        upper one), `temperature` [K], `step` (counted from 1). Points are those of the solver; shorter
        cycles end in NaN.

    Raises
    ------
    ArgumentError : no Cell, no Protocol, or cycles that are no whole numbers.
    ObservationError : a cycle that is not in the protocol, or before which the run ends.
    """
    checked_kind("cell", cell, Cell, "twin.load_cell(name or path) gives one")
    checked_kind("protocol", protocol, Protocol, "twin.Protocol([steps], cycles=…) makes one")
    cycles = [checked_count("a cycle", number, least=0) for number in checked_several("cycles", cycles)]
    wrong = [number for number in cycles if not 1 <= number <= protocol.number_of_cycles]
    if wrong or not len(cycles):
        raise ObservationError(
            f"cycle {wrong[0] if wrong else 'none'} is not in the protocol, whose cycles are 1 to "
            f"{protocol.number_of_cycles}; name at least one of them"
        )
    soc = initial_soc(cell, protocol)
    states = states_at(cell, protocol, [number - 1 for number in cycles], soc=soc)
    columns = [_one_cycle(cell, protocol, number, states[number - 1]) for number in cycles]
    longest = max(len(column["time"]) for column in columns)
    data = xr.Dataset(
        {
            name: (("cycle", "point"), np.stack([_padded(column[name], longest) for column in columns]))
            for name in columns[0]
        },
        coords={"cycle": list(cycles), "point": np.arange(longest)},
    )
    for name in columns[0]:
        data[name].attrs = TIME_SERIES[name].attributes
    data["cycle"].attrs = RESULTS["cycle"].attributes
    data.attrs = provenance(cell) | {"initial_soc": soc}
    return data


def _one_cycle(
    cell: Cell, protocol: Protocol, number: int, state: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Every point of one cycle (from 1) that starts in `state`, step after step."""
    wanted = turns(Protocol([protocol.cycle(number - 1)]))
    with Quiet():
        solved = simulation(cell, wanted, parameter_values(cell), state, every_point=True).solve()
    cycle = solved.cycles[0]
    ran = [
        (place, step)
        for place, step in enumerate(cycle.steps, start=1)
        if not isinstance(step, pybamm.EmptySolution)
    ]
    joined = {
        name: np.concatenate([step[variable].entries for _, step in ran])
        for name, variable in RECORDED.items()
    }
    joined["time"] = joined["time"] - joined["time"][0]
    joined["step"] = np.concatenate([np.full(len(step.t), float(place)) for place, step in ran])
    joined["capacity"] = _since_reversal(joined.pop("throughput"), joined["current"], cell.area)
    soc = joined.pop("soc")
    if cell.has_cathode:
        low, high = soc_window(cell)
        joined["state_of_charge"] = (soc - low) / (high - low)
    return joined


RECORDED = {
    "time": "Time [h]",
    "current": names.CURRENT,
    "current_density": names.CURRENT_DENSITY,
    "voltage": names.VOLTAGE,
    "open_circuit_voltage": names.OPEN_CIRCUIT_VOLTAGE,
    "soc": names.SOC,
    "temperature": names.TEMPERATURE,
    "throughput": names.THROUGHPUT_CAPACITY,
}
"""Name here -> PyBaMM variable."""


def _since_reversal(throughput: np.ndarray, current: np.ndarray, area: float) -> np.ndarray:
    """Charge passed since the current last changed direction; a rest changes none."""
    direction = np.sign(np.where(np.abs(current) > REST_CURRENT_DENSITY * area, current, 0.0))
    start, last = throughput[0], 0.0
    passed = np.empty_like(throughput)
    for point, (total, sign) in enumerate(zip(throughput, direction, strict=True)):
        if sign and sign != last:
            start, last = total, sign
        passed[point] = total - start
    return passed


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    return np.concatenate([values, np.full(length - len(values), np.nan)])
