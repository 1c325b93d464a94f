"""Where what a jump extrapolates stands in the state vector of a circuit: what adds up, and all else."""

import functools
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.results.record import INTEGRALS
from twin.simulators.long_cycling.circuit_states import RELAXING
from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit

AGEING = (
    names.PLATED_CHARGE,
    names.LITHIATED_DEPTH,
    names.COATING_DAMAGE_SUM,
    names.INTERPHASE_THICKNESS,
    names.FILAMENT_DEPTH,
    names.CONVERTED_DEPTH,
    names.CAPACITY_LOSS,
    names.LOST_LITHIUM,
    names.STRIPPED_CHARGE,
    names.ISOLATED_AREA,
)
"""States that add up from cycle to cycle. A mechanism's own such state belongs here: one that is missing
is predicted by its value, with the same control of the error, only less far ahead. What ends within some
cycles, as a cathode's formation, is such a value: the change of one that has ended is rounding alone."""

SIZE_OF_INTEGRAL = {
    names.NET_CAPACITY: names.THROUGHPUT_CAPACITY,
    names.LEAKED_CHARGE: names.THROUGHPUT_CAPACITY,
    names.NET_ENERGY: names.THROUGHPUT_ENERGY,
}
"""An integral that may nearly cancel over a cycle is judged by the charge or the energy passed in it."""


@dataclass(frozen=True)
class Places:
    """Places in the state vector, and in a row: what the polynomials go through, the `sums` first.

    Attributes
    ----------
    sums, values : (place,)
        Of what adds up, and of all other states.
    states : (state,)
        Of all states in the order of a row: `sums`, then `values`.
    in_row : (state,)
        In a row, of each state.
    ageing, integrals : slice
        Of `sums`, in that order.
    judged : (place,)
        In a row, of the states that count in the error.
    size_of_integrals : (integral,)
        Place of what each integral is judged by.
    """

    sums: np.ndarray
    values: np.ndarray
    states: np.ndarray
    in_row: np.ndarray
    ageing: slice
    integrals: slice
    judged: np.ndarray
    size_of_integrals: np.ndarray


@functools.cache
def places_in(circuit: CompiledCircuit) -> Places:
    """The places in a circuit; found on first use, then shared by its runs."""
    ageing, integrals = circuit.places(*AGEING), circuit.places(*INTEGRALS)
    sums = np.concatenate([ageing, integrals])
    values = np.setdiff1d(np.arange(circuit.size), sums)
    states = np.concatenate([sums, values])
    # against what the change of each integral counts: the charge or the energy passed
    size_of = np.arange(circuit.size)
    for name, total in SIZE_OF_INTEGRAL.items():
        size_of[circuit.places(name)] = circuit.places(total)
    return Places(
        sums,
        values,
        states,
        np.argsort(states),
        slice(0, len(ageing)),
        slice(len(ageing), len(sums)),
        # charges of capacitances follow all others at once: the voltages answer for them
        np.flatnonzero(~np.isin(states, circuit.places(*RELAXING))),
        size_of[integrals],
    )
