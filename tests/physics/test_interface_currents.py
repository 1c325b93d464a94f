"""Plating and stripping: never at once, never negative; one electrode strips what the other plates."""

import pytest
from circuit import INTEGRATED, ROUNDING, Circuit, amperes, negative, positive, solved
from hypothesis import given
from hypothesis import strategies as st

from twin import names
from twin.parameter_sets import load_cell


@pytest.fixture(scope="module")
def symmetric():
    return Circuit(load_cell("Chang2023_Li_LGPS_symmetric", fitted=False))


@given(current=st.floats(-50, 50))
def test_an_interface_either_plates_or_strips(symmetric, current):
    moment = symmetric.at(current)
    faradaic = moment.value(names.FARADAIC_CURRENT_DENSITY)
    for side, sign in ((negative, 1), (positive, -1)):
        plating, stripping = (
            moment.value(side(name)) for name in (names.PLATING_CURRENT, names.STRIPPING_CURRENT)
        )
        assert min(plating, stripping) == 0 <= max(plating, stripping)
        assert stripping - plating == pytest.approx(sign * faradaic, rel=ROUNDING)


@given(current=st.floats(-50, 50))
def test_one_electrode_plates_what_the_other_strips(symmetric, current):
    moment = symmetric.at(current)
    assert moment.value(negative(names.PLATING_CURRENT)) == moment.value(
        positive(names.STRIPPING_CURRENT)
    )
    assert moment.rate(negative(names.PLATED_CHARGE)) == -moment.rate(positive(names.PLATED_CHARGE))


def test_discharging_strips_the_negative_electrode_of_the_charge_passed(frozen):
    solution = solved(
        frozen,
        [
            f"Discharge at {amperes(frozen, 1.0)} for 2 hours",
            f"Charge at {amperes(frozen, 0.5)} for 1 hour",
        ],
    )
    plated = solution[negative(names.PLATED_CHARGE)].entries
    after = [step[negative(names.PLATED_CHARGE)].entries[-1] for step in solution.cycles[0].steps]
    assert plated[0] == 0
    assert after == pytest.approx([-7200.0, -7200.0 + 1800.0], rel=INTEGRATED)


def test_what_leaks_moves_lithium_at_rest():
    """A short discharges a full cell that nobody touches: its anode is stripped by the leak."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    moment = Circuit(cell.replace({"Separator electronic conductivity [S.m-1]": 1e-6})).at(0.0)
    leak = moment.value(names.LEAK_CURRENT_DENSITY)
    assert leak > 0
    assert moment.value(negative(names.STRIPPING_CURRENT)) == leak
