"""Films on the lithium: hopping conduction in a high field, lithiation, incubation, ALD cycles."""

import math

import numpy as np
import pytest
from circuit import ROUNDING, THERMAL_VOLTAGE, Circuit, arrhenius, negative, unlike_energies

import twin
from twin import names
from twin.errors import ParameterError
from twin.parameter_sets import load_cell
from twin.physics.coating import breached_fraction

ONE_SIDE = 0.1
"""[A/m2], the current of Liu2018."""


@pytest.fixture
def insulated():
    """15 nm of Al2O3 that never lithiate, on a bare interface that resists nothing else."""
    cell = load_cell("Liu2018_Al2O3_LATP_symmetric", fitted=False)
    return cell.replace(
        {
            "Coating lithiation time constant [s]": 1e15,
            "Interphase growth rate [m.s-1]": 0.0,
            "Pristine interface resistance [Ohm.m2]": 1e-9,
            "Separator electronic conductivity [S.m-1]": 0.0,
        }
    )


def overpotential(cell, current, minutes=20):
    protocol = twin.Protocol([f"Discharge at {current} mA/cm2 for {minutes} minutes"])
    return twin.simulate(cell, protocol)["cell_overpotential"].item()


@pytest.mark.parametrize("milliamperes", [1e-6, 0.001, 0.01, 0.1])
def test_insulating_film_conducts_by_hopping_over_its_sites(insulated, milliamperes):
    field = 2 * THERMAL_VOLTAGE / insulated.values["Coating hopping distance [m]"]
    resistivity = insulated.values["Coating insulating resistivity [Ohm.m]"]
    separator = insulated.values["Separator layer 1 thickness [m]"] / 0.015
    current = milliamperes * 10
    per_face = field * 15e-9 * math.asinh(current * resistivity / field)
    cell = insulated.replace({"Overpotential limit [V]": 1e3})
    expected = 2 * per_face + current * separator
    # the interface's capacitance has charged through a film that conducts ever better: 1e-4
    assert overpotential(cell, milliamperes, minutes=240) == pytest.approx(expected, rel=1e-4)


def test_a_spectrum_reads_the_low_field_resistance(insulated):
    run = twin.simulate(insulated, twin.Protocol(["Discharge at 0.01 mA/cm2 for 1 minute"]))
    resistivity = insulated.values["Coating insulating resistivity [Ohm.m]"]
    fresh = run["fresh_resistance"].sel(mechanism="coating").item()
    assert fresh == pytest.approx(2 * resistivity * 15e-9, rel=1e-9)
    assert fresh > 3 * run["cell_overpotential"].item() / ONE_SIDE


def test_film_lithiates_exponentially_up_to_its_depth():
    cell = load_cell("Liu2018_Al2O3_LATP_symmetric", fitted=False).replace(
        {"ALD cycles": 200, "Interphase growth rate [m.s-1]": 0.0, "Coating hopping distance [m]": 1e-15}
    )  # a hop that short makes the film ohmic
    depth, thickness = cell.values["Coating lithiation depth [m]"], 20e-9
    assert thickness > depth
    time = 10 * 3600.0
    protocol = twin.Protocol(["Rest for 1 hour"], cycles=10)
    run = twin.simulate(cell, protocol)
    lithiated = depth * (1 - math.exp(-time / cell.values["Coating lithiation time constant [s]"]))
    expected = 2 * (
        cell.values["Coating lithiated resistivity [Ohm.m]"] * lithiated
        + cell.values["Coating insulating resistivity [Ohm.m]"] * (thickness - lithiated)
    )
    found = run["resistance"].sel(mechanism="coating").isel(cycle=-1).item()
    assert found == pytest.approx(expected, rel=1e-4)


def test_thickness_follows_the_ald_cycles_and_they_it():
    cell = load_cell("Liu2018_Al2O3_LATP_symmetric", fitted=False)
    assert cell.replace({"ALD cycles": 25}).values["Coating thickness [m]"] == pytest.approx(2.5e-9)
    assert cell.replace({"Coating thickness [m]": 2e-8}).values["ALD cycles"] == pytest.approx(200)
    assert cell.replace({"ALD cycles": 100, "Coating thickness [m]": 1e-8}).has_coating
    with pytest.raises(ParameterError, match=r"contradicts 'ALD cycles' = 100, which deposit 1e-08 m"):
        cell.replace({"ALD cycles": 100, "Coating thickness [m]": 2e-8})


def test_interphase_of_li3po4_waits_for_the_film_to_fail():
    cell = load_cell("Liu2018_Li3PO4_LATP_symmetric", fitted=False)
    protocol = twin.Protocol(
        ["Discharge at 0.01 mA/cm2 for 1 hour", "Charge at 0.01 mA/cm2 for 1 hour"], cycles=200
    )
    run = twin.simulate(cell, protocol)
    failure = int(run["lifetime"].item() / 2)
    assert 40 < failure < 110
    grown = run["interphase_thickness"].isel(interface=0)
    per_hour = cell.values["Interphase growth rate [m.s-1]"] * 3600
    # protected but for the rounding of the breach, f_b = 1e-30; then at the bare rate
    assert grown.sel(cycle=failure - 10).item() < 1e-3 * per_hour * 2 * (failure - 10)
    after = grown.sel(cycle=200).item() - grown.sel(cycle=failure + 10).item()
    assert after == pytest.approx(per_hour * 2 * (190 - failure), rel=1e-3)


@pytest.mark.parametrize("name", ["Liu2018_LATP_symmetric", "Liu2018_Al2O3_LATP_symmetric"])
def test_heat_lowers_overpotentials_on_latp_fresh_and_aged(name):
    """As Liu2018 saw at 60 C."""
    steps = ["Discharge at 0.01 mA/cm2 for 1 hour", "Charge at 0.01 mA/cm2 for 1 hour"]
    warm = {"Ambient temperature [K]": 333.15, "Initial temperature [K]": 333.15}
    cell = load_cell(name, fitted=False)
    cold, hot = (
        twin.simulate(version, twin.Protocol(steps, cycles=300))["cell_overpotential"]
        for version in (cell, cell.replace(warm))
    )
    for cycle in (1, 100, 300):
        assert hot.sel(cycle=cycle) < 0.75 * cold.sel(cycle=cycle)


def test_bare_fraction_is_one_without_a_film_and_none_where_the_film_is_thick(full):
    def breached(thickness):
        values = twin.parameter_values(full.replace({"Coating thickness [m]": thickness}))
        return float(values.process_symbol(breached_fraction()).evaluate())

    assert breached(0.0) == pytest.approx(1.0, abs=1e-12)
    assert breached(2e-6) < 1e-12
    thicknesses = np.linspace(0, 1e-6, 30)
    assert np.all(np.diff([breached(h) for h in thicknesses]) <= 0)


def test_a_film_fails_about_a_damage_sum_of_one():
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    circuit = Circuit(cell.replace({"Coating lithiation depth [m]": 50e-9}))  # nothing is breached
    bare = [
        circuit.at(states={negative(names.COATING_DAMAGE_SUM): damage}).value(
            negative(names.BARE_FRACTION)
        )
        for damage in (0.0, 0.9, 1.0, 1.1, 2.0)
    ]
    # the step is 0.02 wide: a tenth away it is done within (1 + tanh 5)/2 = 5e-5
    assert bare == pytest.approx([0, 0, 0.5, 1, 1], abs=1e-4)


def test_a_breached_film_leaves_a_power_of_what_is_missing():
    """Half of the lithiation depth, to the power 2, leaves a quarter bare."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    for exponent, left in ((1.0, 0.5), (2.0, 0.25)):
        changes = {"Coating lithiation depth [m]": 400e-9, "Coating breach exponent": exponent}
        circuit = Circuit(cell.replace(changes))
        # the smooth corner at zero reaches e^(-0.5/0.02)
        assert circuit.at().value(negative(names.BARE_FRACTION)) == pytest.approx(left, rel=1e-9)
        failed = circuit.at(states={negative(names.COATING_DAMAGE_SUM): 2.0})
        assert failed.value(negative(names.BARE_FRACTION)) == pytest.approx(1.0, rel=1e-9)


def test_a_film_that_conducts_from_the_start_stays_lithiated():
    """LiAlO2 of 200 nm, lithiated beyond any depth that lithium would reach from the metal."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    moment = Circuit(cell.replace({"Coating lithiation depth [m]": 50e-9})).at(1.0)
    assert moment.rate(negative(names.LITHIATED_DEPTH)) == 0
    resistivity = cell.values["Coating lithiated resistivity [Ohm.m]"]
    assert moment.value(negative(names.COATING_RESISTANCE)) == pytest.approx(
        200e-9 * resistivity, rel=ROUNDING
    )


def test_heat_makes_a_film_conduct_and_lithiate_faster(insulated):
    circuit = Circuit(unlike_energies(insulated))
    cool, warm = (circuit.at(celsius=celsius) for celsius in (25, 60))
    resistance, depth = negative(names.COATING_RESISTANCE), negative(names.LITHIATED_DEPTH)
    expected = arrhenius(circuit.cell.values["Coating resistivity activation energy [J.mol-1]"], 60)
    assert cool.value(resistance) / warm.value(resistance) == pytest.approx(expected, rel=ROUNDING)
    assert warm.rate(depth) / cool.rate(depth) == pytest.approx(expected, rel=ROUNDING)


def test_from_half_a_nanometre_to_a_hundred_a_film_protects_first_and_insulates_then():
    """Cycle 300: less overpotential the thicker the film, up to its lithiation depth; then ever more."""
    cell = load_cell("Liu2018_Al2O3_LATP_symmetric", fitted=False).replace(
        {
            "Overpotential limit [V]": 500.0,
            "Upper voltage cut-off [V]": 900.0,
            "Lower voltage cut-off [V]": -900.0,
        }
    )
    steps = ["Discharge at 0.01 mA/cm2 for 1 hour", "Charge at 0.01 mA/cm2 for 1 hour"]
    nanometres = np.array([0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 25.0, 30.0, 50.0, 100.0])
    first, last = np.transpose(
        [
            twin.simulate(
                cell.replace({"Coating thickness [m]": film * 1e-9}), twin.Protocol(steps, cycles=300)
            )["cell_overpotential"].values[[0, -1]]
            for film in nanometres
        ]
    )
    assert np.all(np.diff(first) > 0)  # fresh, it only insulates
    assert nanometres[np.argmin(last)] == 15.0 < cell.values["Coating lithiation depth [m]"] * 1e9
    assert np.all(np.diff(last[nanometres <= 15]) < 0)
    beyond = nanometres >= 25
    assert np.all(np.diff(last[beyond]) > 0)
    # each further nanometre costs the same, in the field that the current asks for
    field = 2 * THERMAL_VOLTAGE / cell.values["Coating hopping distance [m]"]
    resistivity = cell.values["Coating insulating resistivity [Ohm.m]"]
    slope = 2 * field * math.asinh(ONE_SIDE * resistivity / field) * 1e-9
    assert np.diff(last[beyond]) / np.diff(nanometres[beyond]) == pytest.approx(slope, rel=1e-3)
