"""A point makes a cell and its protocol, and of each run a study keeps few numbers."""

import numpy as np
import pytest

import twin
from twin.results.quantities import QUANTITIES
from twin.studies.factors import read_axis
from twin.studies.point import KEPT, Point, joined, quantities, reduced, run_draws, run_together
from twin.studies.templates import Template

STEPS = Template(["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"], cycles=2)


def test_a_point_sets_the_cell_and_fills_the_steps(full):
    thickness = read_axis("Coating thickness [m]", ["100 nm"], full, ())
    current = read_axis("current", ["0.2 mA/cm2"], full, ("current",))
    cell, protocol = Point(STEPS, {thickness: 100.0, current: 0.2}).cell_and_protocol(full)
    assert cell.values["Coating thickness [m]"] == 1e-7
    assert protocol.block[0].texts[0] == "Charge at 0.2 mA/cm2 until 4.2 V"
    assert protocol.number_of_cycles == 2


def test_cells_keep_what_they_have(full, bare):
    assert set(KEPT) - set(quantities(full)) == {
        "cell_overpotential", "critical_current_density", "cumulative_charge",
    }  # fmt: skip
    assert "energy_delivered" not in quantities(bare)
    assert set(KEPT) <= set(QUANTITIES)


def test_a_ramp_keeps_the_current_density_and_the_charge_of_its_short():
    cell = twin.load_cell("Duan2023_Li_LPSCl_symmetric")
    kept = run_draws((cell, twin.protocols.critical_current_density(), [{}]))
    assert kept["critical_current_density"] == pytest.approx(8.0, rel=1e-6)
    assert kept["cumulative_charge"] == pytest.approx(7.2, rel=1e-6)


def test_runs_side_by_side_are_those_of_each(full):
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=2)
    draws = [{"Interface resistance factor": 1.0}, {"Interface resistance factor": 1.5}]
    (together,) = run_together([(full, protocol, draws)])
    one_by_one = joined(run_draws((full, protocol, [draw])) for draw in draws)
    assert set(together) == {*quantities(full), "outcome"}
    for name, values in together.items():
        np.testing.assert_array_equal(values, one_by_one[name])


def run_of(outcome, retention):
    """The results of a made-up run."""
    kept, counted = np.array(retention), np.arange(1.0, len(retention) + 1)
    values = dict.fromkeys(("capacity_retention", "discharge_capacity"), (("cycle",), kept))
    values |= dict.fromkeys(("time", "charge_time", "cell_overpotential"), (("cycle",), counted))
    never = ("short_circuit_onset_cycle", "short_circuit_onset_time", "lifetime")
    return values | dict.fromkeys(never, ((), np.array(np.nan))) | {"outcome": ((), np.array(outcome))}


@pytest.mark.parametrize(
    ("outcome", "retention", "last", "ended"),
    [
        ("completed", [1.0, 0.9, 0.8], 0.8, 3.0),
        ("end_of_life", [1.0, 0.8, 0.7], 0.7, 3.0),
        ("hard_short", [1.0, 0.9], 0.0, 2.0),
        ("overpotential_limit", [1.0], 0.0, 1.0),
        ("infeasible", [1.0, 0.9, 0.8], np.nan, np.nan),
        ("solver_failure", [1.0], np.nan, np.nan),
    ],
)
def test_the_dead_keep_nothing_and_no_answer_is_none(outcome, retention, last, ended):
    protocol = twin.Protocol(["Rest for 1 hour"], cycles=3)
    kept = reduced(run_of(outcome, retention), protocol)
    assert kept["capacity_retention"] == pytest.approx(last, nan_ok=True)
    assert kept["cell_overpotential"] == pytest.approx(ended, nan_ok=True)
