"""Where a jump finds what it extrapolates: every state once, in one order."""

import numpy as np
import pytest

import twin
from twin import names
from twin.parameter_sets import load_cell
from twin.results.record import INTEGRALS
from twin.simulators.long_cycling.circuit_states import RELAXING
from twin.simulators.long_cycling.compiled_circuit import compiled
from twin.simulators.long_cycling.row_places import AGEING, places_in

CIRCUITS = {cell.structure: compiled(cell) for cell in map(load_cell, twin.cells())}


@pytest.mark.parametrize("circuit", CIRCUITS.values())
def test_every_state_has_one_place_and_comes_back_to_it(circuit):
    places, states = places_in(circuit), np.arange(circuit.size)
    np.testing.assert_array_equal(np.sort(places.states), states)
    np.testing.assert_array_equal(places.states[places.in_row], states)
    np.testing.assert_array_equal(places.states[: len(places.sums)], places.sums)
    np.testing.assert_array_equal(places.states[len(places.sums) :], places.values)
    np.testing.assert_array_equal(np.sort(places.sums[places.ageing]), circuit.places(*AGEING))
    np.testing.assert_array_equal(np.sort(places.sums[places.integrals]), circuit.places(*INTEGRALS))


@pytest.mark.parametrize("circuit", CIRCUITS.values())
def test_only_charges_of_capacitances_are_not_judged(circuit):
    places = places_in(circuit)
    left_out = np.setdiff1d(np.arange(circuit.size), places.states[places.judged])
    np.testing.assert_array_equal(left_out, circuit.places(*RELAXING))


@pytest.mark.parametrize("circuit", CIRCUITS.values())
def test_a_net_integral_is_judged_by_what_passed_both_ways(circuit):
    places = places_in(circuit)
    judged_by = dict(zip(places.sums[places.integrals], places.size_of_integrals, strict=True))
    (net,), (passed,) = (circuit.places(n) for n in (names.NET_CAPACITY, names.THROUGHPUT_CAPACITY))
    assert judged_by[net] == passed
    assert judged_by[passed] == passed
