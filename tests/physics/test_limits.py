"""Closed-form limits of the physics, each run through the whole model."""

import math

import numpy as np
import pybamm
import pytest

import twin
from twin import names
from twin.physics.coating import breached_fraction

FARADAY = 96485.33
EXACT = 1e-4
"""Relative: the integration's own tolerance (3e-4 per step at worst) ends well below this."""


def one_half_cycle(cell, current="0.1 mA/cm2", hours=1.0, cycles=1):
    steps = [f"Discharge at {current} for {hours} hours"]
    return twin.simulate(cell, twin.Protocol(steps, cycles=cycles), jump=False)


def test_ohmic_cell_obeys_ohms_law(frozen):
    run = one_half_cycle(frozen)
    separator = frozen.values["Separator layer 1 thickness [m]"] / 0.4
    expected = 1.0 * (separator + 2 * frozen.values["Pristine interface resistance [Ohm.m2]"])
    assert run["cell_overpotential"].item() == pytest.approx(expected, rel=EXACT)


def test_interphase_grows_linearly_without_limits(bare):
    rate = 1e-13
    cell = bare.replace(
        {"Interphase growth rate [m.s-1]": rate, "Interphase passivation thickness [m]": 10.0}
    )
    run = one_half_cycle(cell, hours=20)
    assert run["interphase_thickness"].values == pytest.approx(rate * 20 * 3600, rel=EXACT)


def test_interphase_grows_parabolically_when_diffusion_limits_it(bare):
    limit = 1e-12
    cell = bare.replace(
        {
            "Interphase growth rate [m.s-1]": 1e-10,
            "Interphase diffusion-limited thickness [m]": limit,
            "Interphase passivation thickness [m]": 10.0,
        }
    )
    run = one_half_cycle(cell, hours=20)
    expected = math.sqrt(2 * 1e-10 * limit * 20 * 3600)  # L >> L*: dL/dt = k L*/L
    assert run["interphase_thickness"].values == pytest.approx(expected, rel=1e-3)  # L*/L = 4e-4


def test_interphase_grows_logarithmically_when_it_passivates(bare):
    rate, passivation = 1e-11, 5e-9
    cell = bare.replace(
        {
            "Interphase growth rate [m.s-1]": rate,
            "Interphase passivation thickness [m]": passivation,
        }
    )
    run = one_half_cycle(cell, hours=20)
    expected = passivation * math.log(1 + rate * 20 * 3600 / passivation)
    assert run["interphase_thickness"].values == pytest.approx(expected, rel=EXACT)


def test_interphase_grows_with_the_charge_by_faradays_law(frozen):
    share = 0.01
    cell = frozen.replace({"Interphase volume fraction of charge passed": share})
    run = one_half_cycle(cell, hours=10)
    volume = cell.values["Interphase molar volume [m3.mol-1]"]
    assert run["interphase_thickness"].values == pytest.approx(
        share * volume / FARADAY * 1.0 * 36000, rel=EXACT
    )


@pytest.mark.parametrize("exponent", [0.0, 1.0, 3.0])
def test_stripping_above_the_critical_current_loses_contact_until_creep_catches_up(frozen, exponent):
    critical = 0.5  # A/m2 against 1 A/m2 applied
    fraction = critical ** (1 / (1 + exponent))  # so that i R / theta is i^2 R / i_cs without feedback
    cell = frozen.replace(
        {
            "Critical stripping current density [A.m-2]": critical,
            "Contact pressure exponent": exponent,
            "Void formation charge [C.m-2]": 50.0,
            "Contact creep time [s]": 1e12,
            "Contact spot radius [m]": 0.0,
        }
    )
    run = one_half_cycle(cell)
    assert run["contact_fraction"].sel(interface="negative").item() == pytest.approx(fraction, rel=EXACT)
    separator = cell.values["Separator layer 1 thickness [m]"] / 0.4
    film = cell.values["Pristine interface resistance [Ohm.m2]"]
    assert run["stripping_overpotential"].item() == pytest.approx(
        separator / 2 + film * 1.0 / fraction, rel=EXACT
    )


def test_constriction_is_that_of_contact_spots_in_parallel(frozen):
    radius, conductivity = 1e-5, 0.4
    cell = frozen.replace(
        {
            "Critical stripping current density [A.m-2]": 0.3,
            "Contact pressure exponent": 0.0,
            "Void formation charge [C.m-2]": 1000.0,
            "Contact spot radius [m]": radius,
        }
    )
    run = one_half_cycle(cell)
    fraction = run["contact_fraction"].sel(interface="negative").item()
    assert 0.3 < fraction < 0.6
    spots_per_area = fraction / (math.pi * radius**2)
    single = 1 / (4 * radius * conductivity)
    film = cell.values["Pristine interface resistance [Ohm.m2]"]
    expected = film * (1 / fraction - 1) + single / spots_per_area * (1 - fraction)
    assert run["resistance"].sel(mechanism="contact").item() == pytest.approx(expected, rel=1e-6)


def test_leak_fraction_sets_the_coulombic_efficiency(full):
    cell = full.replace({"Separator electronic conductivity [S.m-1]": 2e-5})
    protocol = twin.Protocol(["Charge at 0.5C until 4.2 V", "Discharge at 0.5C until 2.6 V"], cycles=4)
    run = twin.simulate(cell, protocol, jump=False).isel(cycle=-1)
    leak = run["leak_fraction"].item()
    assert leak > 0.02
    # charge and discharge see the shunt at voltages a few per cent apart
    assert run["coulombic_efficiency"].item() == pytest.approx((1 - leak) / (1 + leak), abs=0.05 * leak)


def test_lithium_left_is_the_foil_minus_interphase_and_stripped_charge(bare):
    run_cell = bare.replace({"Interphase growth rate [m.s-1]": 1e-12})
    solution = pybamm.Simulation(
        twin.SolidStateCell(options={"interfaces": "both"}),
        parameter_values=twin.parameter_values(run_cell),
        experiment=pybamm.Experiment(["Discharge at 1e-4 A for 5 hours"]),
    ).solve()

    def last(name):
        return solution[names.at(names.NEGATIVE, name)].entries[-1]

    consumed = (
        2.0
        * FARADAY
        / bare.values["Interphase molar volume [m3.mol-1]"]
        * last(names.INTERPHASE_THICKNESS)
    )
    stripped = 1e-4 * 5 * 3600 / bare.area
    # the leak through the separator adds a billionth
    assert last(names.LITHIUM) == pytest.approx(
        bare.values["Lithium inventory [C.m-2]"] - consumed - stripped, rel=1e-7
    )


def test_symmetric_cycle_returns_the_lithium(frozen, shallow):
    run = twin.simulate(frozen, shallow)
    assert run["discharge_capacity"].values == pytest.approx(run["charge_capacity"].values, rel=1e-9)


def test_zero_current_rests_at_open_circuit_voltage(full):
    cell = full.replace({"Separator electronic conductivity [S.m-1]": 0.0})
    solution = pybamm.Simulation(
        twin.SolidStateCell(),
        parameter_values=twin.parameter_values(cell),
        experiment=pybamm.Experiment(["Rest for 10 hours"]),
    ).solve()
    assert solution["Voltage [V]"].entries[-1] == pytest.approx(
        solution["Open-circuit voltage [V]"].entries[-1], abs=1e-6
    )


def test_calendar_fade_is_exponential_in_time(full):
    rate = 1e-6
    cell = full.replace({"Calendar fade rate [s-1]": rate})
    run = twin.simulate(cell, twin.Protocol(["Rest for 100 hours"]))
    assert run["time"].item() == pytest.approx(100)
    simulation = pybamm.Simulation(
        twin.SolidStateCell(),
        parameter_values=twin.parameter_values(cell),
        experiment=pybamm.Experiment(["Rest for 100 hours"]),
    )
    accessible = simulation.solve()[names.ACCESSIBLE_CAPACITY].entries
    assert accessible[-1] / accessible[0] == pytest.approx(math.exp(-rate * 360000), rel=1e-4)


def test_bare_fraction_is_one_without_a_film_and_none_where_the_film_is_thick(full):
    def breached(thickness):
        values = twin.parameter_values(full.replace({"Coating thickness [m]": thickness}))
        return float(values.process_symbol(breached_fraction()).evaluate())

    assert breached(0.0) == pytest.approx(1.0, abs=1e-12)
    assert breached(2e-6) < 1e-12
    thicknesses = np.linspace(0, 1e-6, 30)
    assert np.all(np.diff([breached(h) for h in thicknesses]) <= 0)


def test_damage_per_cycle_follows_coffin_and_manson():
    from twin.parameter_sets import load_cell

    exponent = 1.5
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    cell = cell.replace({"Coating fatigue exponent": exponent})

    def per_cycle(hours):
        run = twin.simulate(
            cell,
            twin.Protocol(
                [f"Discharge at 0.1 mA/cm2 for {hours} hours", f"Charge at 0.1 mA/cm2 for {hours} hours"]
            ),
        )
        return run["coating_damage"].sel(interface="negative").item()

    # smoothing at w = 0 costs a few 1e-4 at the smaller charge
    assert per_cycle(4) / per_cycle(1) == pytest.approx(4**exponent, rel=2e-3)


def test_arrhenius_acts_on_the_separator(frozen):
    run = one_half_cycle(frozen)
    warm = frozen.replace({"Initial temperature [K]": 333.15, "Ambient temperature [K]": 333.15})
    hot = one_half_cycle(warm)
    energy = frozen.values["Separator layer 1 activation energy [J.mol-1]"]
    expected = math.exp(energy / 8.314462618 * (1 / 333.15 - 1 / 298.15))
    ratio = hot["resistance"].sel(mechanism="separator") / run["resistance"].sel(mechanism="separator")
    assert ratio.item() == pytest.approx(expected, rel=1e-5)


def test_insulating_film_lithiates_exponentially_to_its_depth():
    from twin.parameter_sets import load_cell

    thickness, depth, time_constant = 20e-9, 15e-9, 36000.0
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False).replace(
        {
            "Coating thickness [m]": thickness,
            "Coating lithiation depth [m]": depth,
            "Coating lithiation time constant [s]": time_constant,
            "Coating initial lithiated fraction": 0.0,
            "Coating lithiated resistivity [Ohm.m]": 1e4,
            "Coating insulating resistivity [Ohm.m]": 1e6,
        }
    )
    run = one_half_cycle(cell, hours=10)
    lithiated = depth * (1 - math.exp(-36000 / time_constant))
    expected = 2 * (1e4 * lithiated + 1e6 * (thickness - lithiated))
    assert run["resistance"].sel(mechanism="coating").item() == pytest.approx(expected, rel=1e-3)


def test_filament_accelerates_with_its_depth(frozen):
    length, exponent = 1e-5, 1.0
    cell = frozen.replace(
        {
            "Filament growth coefficient [m3.C-1]": 1e-8,
            "Filament initiation current density [A.m-2]": 0.0,
            "Filament acceleration length [m]": length,
            "Filament acceleration exponent": exponent,
        }
    )
    run = one_half_cycle(cell, hours=1)
    rate = 1e-8 * 1.0 * (1.0 / 5.0)  # kappa i (i/i_ref) at full contact
    expected = length * (math.exp(rate * 3600 / length) - 1)
    found = run["filament_depth"].sel(interface="positive").item()
    assert found == pytest.approx(expected, rel=1e-3)


def test_lithium_that_runs_out_ends_the_strip(frozen):
    cell = frozen.replace({"Lithium inventory [C.m-2]": 3600.0, "Lithium depletion width [C.m-2]": 36.0})
    protocol = twin.Protocol(["Discharge at 0.1 mA/cm2 for 5 hours or until -0.5 V"])
    run = twin.simulate(cell, protocol)
    assert run["time"].item() == pytest.approx(1.0, rel=0.02)  # 3600 C/m2 at 1 A/m2, to a width
