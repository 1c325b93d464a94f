"""Lithium that each cycle costs: unseen beside a thick foil, the end of a cell with none to spare."""

import numpy as np
import pytest
import tomli_w

import twin
from twin import names
from twin.parameter_sets import load_cell

SHARE = 2e-3
"""Of the charge passed, what turns into interphase; two lithium per formula unit."""
LITHIUM = 2.0
CYCLE = ["Charge at 0.1C until 4.3 V", "Discharge at 0.1C until 2.8 V"]
WHOLE_LIFE = 1000
"""Cycles after which the anode of Lee et al. 2020 was told of."""
FOILS = [2e-6, 5e-6, 10e-6]
"""[m] of lithium."""
CHARGE_OF_LITHIUM = 534.0 / 6.94e-3 * 96485.0
"""[C.m-3], of its density and molar mass."""


@pytest.fixture
def losing():
    """Lithium against NCM622, of which each cycle takes some; nothing else ages."""
    return load_cell("Luo2021_Li_LPSCl_NCM622", fitted=False).replace(
        {
            "Interphase growth rate [m.s-1]": 0.0,
            "Interphase volume fraction of charge passed": SHARE,
            "Interphase conductivity [S.m-1]": 1.0,
            "Filament growth coefficient [m3.C-1]": 0.0,
            "Critical stripping current density [A.m-2]": 1e6,
            "Separator electronic conductivity [S.m-1]": 0.0,
            "Calendar fade rate [s-1]": 0.0,
            "Lithium depletion width [C.m-2]": 36.0,
        }
    )


def efficiency(run):
    return (run["discharge_capacity"] / run["charge_capacity"]).values


def test_without_lithium_to_spare_the_efficiency_is_what_a_cycle_costs(losing):
    run = twin.simulate(
        losing.replace({"Lithium inventory [C.m-2]": 0.0}), twin.Protocol(CYCLE, cycles=20), jump=False
    )
    lost = LITHIUM * SHARE
    # what has been charged is plated less the loss, and each part stripped costs it once more; the first
    # cycle leaves the last of it, a few widths of the depletion, in the anode
    assert efficiency(run)[5:] == pytest.approx((1 - lost) / (1 + lost), abs=2e-4)
    fade = run["discharge_capacity"].values[6:] / run["discharge_capacity"].values[5:-1]
    assert fade == pytest.approx((1 - lost) / (1 + lost), abs=2e-4)


def test_a_thick_foil_makes_up_for_the_loss(losing):
    run = twin.simulate(
        losing.replace({"Lithium inventory [C.m-2]": 1e6}), twin.Protocol(CYCLE, cycles=20)
    )
    assert efficiency(run)[1:] == pytest.approx(1.0, abs=1e-3)
    assert run["capacity_retention"].values[-1] == pytest.approx(1.0, abs=1e-3)
    # yet it shrinks by what the charge passed has cost
    passed = (run["charge_capacity"] + run["discharge_capacity"]).sum().item() * 3600 / losing.area
    net = (run["charge_capacity"] - run["discharge_capacity"]).sum().item() * 3600 / losing.area
    left = run["lithium_left"].isel(interface=0, cycle=-1).item()
    assert 1e6 + net - left == pytest.approx(LITHIUM * SHARE * passed, rel=1e-2)


def test_the_thinner_the_foil_the_sooner_a_cell_fades_and_when_its_charge_is_used_up(losing):
    protocol = twin.Protocol(CYCLE, cycles=150)
    ends = []
    for foil in FOILS:
        charge = foil * CHARGE_OF_LITHIUM
        run = twin.simulate(losing.replace({"Lithium inventory [C.m-2]": charge}), protocol)
        retention = run["capacity_retention"].values
        faded = int(np.argmax(retention < 0.99)) + 1
        a_cycle = (run["charge_capacity"] + run["discharge_capacity"]).values[0] * 3600 / losing.area
        # the cathode keeps some lithium from the first cycle on: that much less is lost, later
        assert faded == pytest.approx(charge / (LITHIUM * SHARE * a_cycle), rel=0.25, abs=4)
        ends.append(faded)
    assert ends == sorted(set(ends))


def test_a_cell_of_the_shipped_anode_without_lithium_keeps_what_was_published(tmp_path):
    """89 % after 1000 cycles at 60 C; its cathode is another here, and nothing else ages."""
    content = {
        "interfaces": "negative",
        "parts": {"anode_interface": "AgC_LPSCl", "separator": "LPSCl", "cathode": "NCM622"},
    }
    areal = {"Electrode area [m2]": 1e-4, "Nominal cell capacity [A.h]": 6.8e-3}
    heated = dict.fromkeys(("Ambient temperature [K]", "Initial temperature [K]"), 333.15)
    values = {
        **areal,
        **heated,
        "Cathode active mass [kg]": 6e-5,
        "Cell capacity [A.h]": 0.01218,
        "Separator layer 1 thickness [m]": 3e-5,
        "Calendar fade rate [s-1]": 0.0,
    }
    content |= {key: {"value": value, "source": "made up"} for key, value in values.items()}
    path = tmp_path / "no_lithium.toml"
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    cell = load_cell(path, fitted=False)
    assert cell.values[names.LITHIUM_INVENTORY] == 0
    protocol = twin.Protocol(
        ["Charge at 0.5C until 4.25 V", "Discharge at 0.5C until 2.72 V"], cycles=WHOLE_LIFE
    )
    run = twin.simulate(cell, protocol)
    assert run["outcome"].item() == "completed"
    assert run["capacity_retention"].sel(cycle=WHOLE_LIFE).item() == pytest.approx(0.89, abs=0.02)
