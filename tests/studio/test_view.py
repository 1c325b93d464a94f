"""A view goes to an address and back, and what an address may not say is answered in words."""

import pytest

import twin
from twin import names
from twin.errors import StudioError
from twin.protocols.standard import standard_protocol
from twin.studio.knobs import CHARGE, CURRENT, REST, THICKNESS, knobs_of
from twin.studio.view import DEFAULT_CELL, View, view_of, with_steps

SYMMETRIC = "Duan2023_Li_LPSCl_symmetric"
TYPED = "Charge at C/2 until 4.1 V\nDischarge at 0.3 mA/cm2 until 2.7 V"


@pytest.mark.parametrize("cell", [DEFAULT_CELL, SYMMETRIC])
def test_it_begins_with_the_standard_protocol(cell):
    view = View(cell)
    standard = standard_protocol(view.loaded)
    assert view.protocol.cycles == standard.cycles
    run, same = (twin.simulate(view.cell, own.first(2)) for own in (view.protocol, standard))
    assert run["time"].values == pytest.approx(same["time"].values)


@pytest.mark.parametrize("cell", [DEFAULT_CELL, SYMMETRIC])
def test_every_slider_and_typed_steps_go_to_the_address_and_back(cell):
    view = View(cell)
    for knob in knobs_of(view.loaded):
        view = view.turn(knob, knob.stops[len(knob.stops) // 3])
    assert view_of(view.query()) == view
    typed = with_steps(view, TYPED)
    assert view_of(typed.query()) == typed
    assert typed.steps == tuple(TYPED.splitlines())


def test_a_slider_changes_its_parameter_in_the_unit_that_it_shows():
    view = View().turn(THICKNESS, 100)
    assert view.cell.values[names.COATING_THICKNESS] == pytest.approx(100e-9)
    # back where it began, nothing is turned
    assert view.turn(THICKNESS, 200).turned == {}


def test_a_rest_stands_after_each_half_cycle():
    steps = View().turn(REST, 10).steps
    assert steps[1] == steps[3] == "Rest for 10 minutes"


def test_a_symmetric_cell_passes_the_charge_that_is_turned():
    view = View(SYMMETRIC).turn(CURRENT, 0.5).turn(CHARGE, 1.0)
    assert view.steps == (
        "Discharge at 0.5 mA/cm2 for 120 minutes",
        "Charge at 0.5 mA/cm2 for 120 minutes",
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"cell": "../../etc/passwd"}, "is not a cell that is shown here"),
        ({"cell": "<script>alert(1)</script>"}, "is not a cell that is shown here"),
        ({"thickness": "1e9"}, r"Coating thickness 1e\+09 nm lies outside 5 to 500 nm"),
        ({"thickness": "nan"}, "lies outside"),
        ({"thickness": "thick"}, "is no number"),
        ({"thicknes": "100"}, "did you mean 'thickness'"),
        ({"steps": "Charge at 1C until 4.2 W"}, "cannot read the step"),
        ({"steps": "x" * 5000}, "4000 at most"),
        ({"upper": "3.2", "lower": "3.2"}, "must lie below"),
    ],
)
def test_what_an_address_may_not_say_is_answered(query, words):
    with pytest.raises(StudioError, match=words):
        view_of(query)
