"""Impedance spectra of a cell at chosen cycles of a run, through PyBaMM's EISSimulation.

The circuit is linearised around where the cycle leaves it, after a rest, at zero current:

    (i omega M - J) x = b,      Z = -V/I

(Hallemans et al. 2025). In the order of falling frequency a spectrum shows the separator, one arc per
lithium interface, the arc of the cathode's charge transfer and the tail of its diffusion.
"""

import math
import numbers
from collections.abc import Sequence

import numpy as np
import pybamm
import xarray as xr

from twin import names
from twin.arguments import checked_kind, checked_number, checked_several
from twin.cell import Cell
from twin.errors import ObservationError, shown
from twin.inside_a_cycle.states import states_at
from twin.model import build, parameter_dict
from twin.results.form import RUN
from twin.results.provenance import protocol_of, provenance
from twin.results.quantities import SPECTRA
from twin.simulators.long_cycling.compiled_circuit import compiled

HIGHEST_FREQUENCY = 1e6
"""[Hz] of the default spectrum: where common potentiostats end."""
LOWEST_FREQUENCY = 1e-3
"""[Hz] of the default spectrum, unless an arc closes below: a quarter of an hour for a period."""
POINTS_PER_DECADE = 10
"""Points of the default spectrum in each decade of frequency, as instruments are set by default."""
BELOW_LAST_ARC = 100.0
"""The default spectrum goes on to where even the slowest arc has closed: by this factor below 1/RC."""
CURRENT_STATE = "Current variable [A]"
"""PyBaMM's, in a model whose current is an unknown."""
SHORTEST_REST = 1 / 3600
"""[h], in which the overpotentials of the last current die out: a spectrum has none."""
REST = 1.0
"""[h] at open circuit before a spectrum (assumed: common practice)."""


def impedance(
    cell: Cell,
    run: xr.Dataset,
    cycles: Sequence[int],
    frequencies: Sequence[float] | None = None,
    *,
    rest: float = REST,
) -> xr.Dataset:
    """Impedance spectra at the end of chosen cycles of a run, after a rest.

    A protocol that ends with a discharge is measured discharged. The rest lets currents and
    concentrations die out; voids in the contact heal only as fast as lithium creeps, which takes far
    longer than an hour, so that what a last strip has hollowed out still counts.

    Parameters
    ----------
    cell : Cell
        That of the run.
    run : xarray.Dataset
        What :func:`twin.simulate` gave.
    cycles : sequence of int
        From 1; 0 is the fresh cell before any current, which does not rest either.
    frequencies : sequence of float, optional
        [Hz]; by default 10 a decade from 1 MHz to 1 mHz, or to where the slowest arc has closed.
    rest : float
        [h] at open circuit before each spectrum, at least a second; 1 h is assumed to be common.

    Returns
    -------
    xarray.Dataset
        `impedance_real`, `impedance_imag` [Ohm m2] over (cycle, frequency [Hz]), capacitive arcs at
        negative imaginary parts. Per cycle, of the whole cell [Ohm]: `high_frequency_resistance`, where
        only the separator is left, and `total_resistance`, of separator, interfaces and charge
        transfer without diffusion. Both are the circuit's own resistances in that state, parallel
        to the short: where a spectrum starts, and where -Im has its minimum between the last arc and
        the diffusion tail (where it ends, without a cathode). Near an empty cathode the tail is so
        steep that it hides that minimum; the circuit's resistances are there all the same.

    Raises
    ------
    ArgumentError
        No Cell, no lists, a rest or a frequency that is no number.
    ObservationError
        A cycle that is not in the run or that the run does not complete (the last whole cycle is
        named), a run of another cell or of many, a frequency that is not positive, a cell that fails
        while it rests.
    """
    checked_kind("cell", cell, Cell, "twin.load_cell(name or path) gives one")
    cycles = checked_several("cycles", cycles)
    if frequencies is not None:
        frequencies = [
            checked_number("a frequency", value) for value in checked_several("frequencies", frequencies)
        ]
    rest = checked_number("rest", rest, least=0)
    _check(cell, run, cycles, frequencies, rest)
    soc = float(run.attrs["initial_soc"])
    pause = max(rest, SHORTEST_REST)
    states = states_at(cell, protocol_of(run), cycles, soc=soc, rest=pause)
    circuit = _circuit(cell)
    states = {number: states[number] for number in cycles}
    resistances = np.array([circuit.resistances(cell, state) for state in states.values()])
    swept = (
        default_frequencies(cell, float(resistances[:, 1].max()))
        if frequencies is None
        else np.asarray(frequencies, dtype=float)
    )
    spectra = np.array([circuit.spectrum(cell, state, swept) for state in states.values()])
    high, total = resistances.T / cell.area
    data = {
        "impedance_real": (("cycle", "frequency"), spectra.real * cell.area),
        "impedance_imag": (("cycle", "frequency"), spectra.imag * cell.area),
        "high_frequency_resistance": ("cycle", high),
        "total_resistance": ("cycle", total),
    }
    found = xr.Dataset(data, coords={"cycle": list(states), "frequency": swept})
    for name, variable in found.variables.items():
        variable.attrs = SPECTRA[str(name)].attributes
    kept = ("protocol", "repetitions", "protocol_settings", "initial_soc")
    said = {key: run.attrs[key] for key in kept if key in run.attrs}
    found.attrs = provenance(cell) | said | {"rest_hours": rest}
    return found


def default_frequencies(cell: Cell, resistance: float) -> np.ndarray:
    """[Hz], falling: from 1 MHz to 1 mHz, or to where an arc of all the `resistance` [Ohm m2] closes."""
    capacitances = (names.INTERFACE_CAPACITANCE, names.CATHODE_CAPACITANCE)
    largest = max(cell.values[name] for name in capacitances if name in cell.values)
    closed = 1 / (2 * math.pi * resistance * largest * BELOW_LAST_ARC)
    decades = math.log10(HIGHEST_FREQUENCY / min(LOWEST_FREQUENCY, closed))
    steps = math.ceil(decades * POINTS_PER_DECADE)
    return HIGHEST_FREQUENCY * 10.0 ** (-np.arange(steps + 1) / POINTS_PER_DECADE)


class _Circuit:
    """PyBaMM's impedance simulation of one structure of cell: built once, every number an input."""

    def __init__(self, cell: Cell):
        self.parameters = compiled(cell).parameters
        values = {**parameter_dict(cell), **dict.fromkeys(self.parameters, "[input]")}
        self.simulation = pybamm.EISSimulation(
            build(cell),
            parameter_values=pybamm.ParameterValues(values),
            skip_surface_form_check=True,
        )
        self.simulation.build()
        self.model = self.simulation.built_model

    def spectrum(self, cell: Cell, state: dict[str, np.ndarray], frequencies) -> np.ndarray:
        """Impedance [Ohm], complex, over frequency."""
        inputs = self._start_from(cell, state)
        return self.simulation.solve(frequencies, inputs=inputs).impedance

    def resistances(self, cell: Cell, state: dict[str, np.ndarray]) -> tuple[float, float]:
        """Of the separator, and of everything but diffusion [Ohm m2], each parallel to the short."""
        inputs = self._start_from(cell, state)
        y = self.model.concatenated_initial_conditions.evaluate(0, inputs=inputs)
        separator, total, shunt = (
            float(np.squeeze(self.model.get_processed_variable(name).evaluate(0, y, inputs=inputs)))
            for name in (names.SEPARATOR_RESISTANCE, names.INTERNAL_RESISTANCE, names.SHORT_CONDUCTANCE)
        )
        return separator / (1 + separator * shunt), total / (1 + total * shunt)

    def _start_from(self, cell: Cell, state: dict[str, np.ndarray]) -> dict[str, float]:
        """Put the model into `state`, at zero current; returns the cell's inputs."""
        inputs = {name: cell.values[name] for name in self.parameters}
        at_rest = {**state, CURRENT_STATE: np.zeros((1, 1))}
        self.model.set_initial_conditions_from(at_rest, inputs=inputs)
        return inputs


_CIRCUITS: dict[tuple, _Circuit] = {}


def _circuit(cell: Cell) -> _Circuit:
    """The circuit of a cell's structure; built on first use, then shared."""
    if cell.structure not in _CIRCUITS:
        _CIRCUITS[cell.structure] = _Circuit(cell)
    return _CIRCUITS[cell.structure]


def _check(cell: Cell, run: xr.Dataset, cycles, frequencies, rest: float) -> None:
    needed = ("parameter_hash", "protocol", "repetitions", "initial_soc")
    RUN.check(run)
    if any(name not in run.attrs for name in needed) or "draw" in run.dims:
        raise ObservationError(
            "this Dataset is not the run of one cell: give what twin.simulate(cell, protocol) returned"
        )
    if run.attrs["parameter_hash"] != cell.hash:
        raise ObservationError(
            f"the run is of another cell: {run.attrs['cell']} with parameter hash "
            f"{run.attrs['parameter_hash']}, not {cell.name} with {cell.hash}; give the cell that ran"
        )
    if run.sizes["cycle"] and run["cycle"][0] != 1:
        raise ObservationError(
            "this run goes on from another one (initial_state), whose protocol it does not hold; give "
            "the run of the whole protocol"
        )
    count = protocol_of(run).number_of_cycles
    for number in cycles:
        if not isinstance(number, numbers.Real) or number not in range(count + 1):
            raise ObservationError(
                f"cycle {shown(number)} is not in the run, whose protocol has cycles 1 to {count} (0 is "
                "the fresh cell)"
            )
    if not len(cycles):
        raise ObservationError("no cycles: name at least one, e.g. cycles=[1, 100]")
    wrong = [value for value in ([] if frequencies is None else frequencies) if not 0 < value < math.inf]
    if wrong:
        raise ObservationError(f"a frequency must be more than 0 Hz and finite, not {wrong[0]:g}")
    if math.isinf(rest):
        raise ObservationError("the rest must end: give a number of hours")
