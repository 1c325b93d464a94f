"""Lithium that runs out, and an alloy on and off the plateau of its potential."""

import warnings

import pytest
from circuit import FARADAY, negative, solved

import twin
from twin import names
from twin.errors import ExtrapolationWarning
from twin.parameter_sets import load_cell


@pytest.fixture
def alloy():
    """Li-In against NCM622, in which nothing ages."""
    return load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False).replace(
        {
            "Interphase growth rate [m.s-1]": 0.0,
            "Filament growth coefficient [m3.C-1]": 0.0,
            "Separator electronic conductivity [S.m-1]": 0.0,
            "Calendar fade rate [s-1]": 0.0,
        }
    )


def rested_voltage(cell):
    """Open-circuit voltage of a charged cell."""
    run = twin.simulate(cell, twin.Protocol(["Discharge at 1e-6C for 1 minute"]))
    return run["mean_discharge_voltage"].item()


def test_alloy_holds_its_plateau_and_lithium_plates_beyond_it(alloy):
    """At the same cathode, the cell's voltage is lower by 0.62 V while the alloy is on its plateau."""
    full = 262140.0
    # the charged cathode has given 0.58 lithium per host atom more
    on = alloy.replace({"Lithium inventory [C.m-2]": 0.2 * full})
    beyond = alloy.replace({"Lithium inventory [C.m-2]": 1.2 * full})
    with pytest.warns(ExtrapolationWarning):
        difference = rested_voltage(beyond) - rested_voltage(on)
    assert difference == pytest.approx(0.62, abs=1e-4)


def test_beyond_the_plateau_a_run_says_so_and_warns_once(alloy):
    cell = alloy.replace({"Lithium inventory [C.m-2]": 150000.0})
    protocol = twin.Protocol(["Charge at 0.2C until 4.25 V", "Discharge at 0.2C until 2.1 V"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        runs = [twin.simulate(cell, protocol) for _ in range(3)]
    assert [w.category for w in caught].count(ExtrapolationWarning) == 1
    assert all("leaves its plateau" in run["notes"].item() for run in runs)


def test_on_the_plateau_a_run_says_nothing(alloy):
    protocol = twin.Protocol(["Charge at 0.2C until 3.68 V", "Discharge at 0.2C until 2.1 V"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = twin.simulate(alloy, protocol)
    assert "plateau" not in run["notes"].item()
    host = alloy.values["Anode host capacity [C.m-2]"]
    # Luo2021: Li/In from 0.34 to 0.89 at 4 mAh/cm2; back where it was when discharged
    assert run["lithium_left"].item() / host == pytest.approx(0.34, abs=0.02)


def test_what_the_interphase_has_eaten_of_thin_lithium_is_missing_from_the_discharge():
    """A charged cell can give back what its cathode gave, less what ageing took beyond the foil."""
    foil, eaten = 7200.0, 43200.0  # 0.2 and 1.2 mAh/cm2
    cell = load_cell("Luo2021_Li_LPSCl_NCM622", fitted=False)
    # 2 F/V_m of lithium in an interphase of that thickness, grown in a linear law within 100 h
    thickness = eaten * cell.values["Interphase molar volume [m3.mol-1]"] / (2 * FARADAY)
    thin = cell.replace(
        {
            "Filament growth coefficient [m3.C-1]": 0.0,
            "Separator electronic conductivity [S.m-1]": 0.0,
            "Calendar fade rate [s-1]": 0.0,
            "Interphase conductivity [S.m-1]": 1.0,
            "Interphase diffusion-limited thickness [m]": 1.0,
            "Interphase growth rate [m.s-1]": thickness / 360000,
            "Lithium inventory [C.m-2]": foil,
        }
    )
    rich = thin.replace({"Lithium inventory [C.m-2]": 1e6})
    steps = ["Rest for 100 hours", "Discharge at 1 mA/cm2 until 2.72 V"]
    delivered, of_all = (
        twin.simulate(one, twin.Protocol(steps), initial_soc=1.0)["areal_discharge_capacity"].item()
        for one in (thin, rich)
    )
    # the potential's rise ends the strip over the last 0.1 mAh/cm2; some growth goes on meanwhile
    assert of_all - delivered == pytest.approx((eaten - foil) / 36000, abs=0.15)


def test_lithium_left_is_the_foil_minus_interphase_and_stripped_charge(bare):
    run_cell = bare.replace({"Interphase growth rate [m.s-1]": 1e-12})
    solution = solved(run_cell, ["Discharge at 1e-4 A for 5 hours"])

    def last(name):
        return solution[negative(name)].entries[-1]

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


def test_lithium_that_runs_out_ends_the_strip(frozen):
    cell = frozen.replace({"Lithium inventory [C.m-2]": 3600.0, "Lithium depletion width [C.m-2]": 36.0})
    protocol = twin.Protocol(["Discharge at 0.1 mA/cm2 for 5 hours or until -0.5 V"])
    run = twin.simulate(cell, protocol)
    assert run["time"].item() == pytest.approx(1.0, rel=0.02)  # 3600 C/m2 at 1 A/m2, to a width
