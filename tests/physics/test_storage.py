"""A year of storage runs to its end, whatever the voltage does, and its ageing is in the states."""

import pytest

import twin
from twin import names
from twin.parameter_sets import cells, load_cell

YEAR = 8760.0
FULL = [name for name in cells() if load_cell(name).has_cathode]


@pytest.mark.parametrize("celsius", [25, 45, 60])
@pytest.mark.parametrize("name", FULL)
def test_a_year_of_storage_runs_to_its_end_and_ages(name, celsius):
    temperature = celsius + 273.15
    cell = load_cell(name).replace(
        {names.AMBIENT_TEMPERATURE: temperature, names.INITIAL_TEMPERATURE: temperature}
    )
    run = twin.simulate(cell, twin.Protocol([f"Rest for {YEAR:g} hours"]), initial_soc=0.0)
    assert run.sizes["cycle"] == 1
    assert run["time"].item() == pytest.approx(YEAR)
    fresh = twin.simulate(cell, twin.Protocol(["Rest for 1 second"]), initial_soc=0.0)
    assert run["interphase_thickness"].item() > fresh["interphase_thickness"].item()


def test_a_cell_that_has_sagged_can_be_charged_again():
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622")
    cycle = ("Charge at 0.1C until 3.68 V", "Discharge at 0.1C until 2.1 V")
    run = twin.simulate(cell, twin.Protocol([cycle, (f"Rest for {YEAR:g} hours",), cycle]))
    before, _, after = run["discharge_capacity"].values
    assert 0.8 * before < after < before
