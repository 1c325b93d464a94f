"""Steps that stop where a voltage is read, and go on: nothing else about them changes."""

import pytest

import twin
from twin import names
from twin.errors import ProtocolError
from twin.parameter_sets import load_cell
from twin.protocols import Block
from twin.protocols.half_cycle_voltages import (
    HalfCycleVoltage,
    spelled_out,
    stopping_at,
    voltage_named,
    voltages_named,
    voltages_read,
)
from twin.protocols.in_cell import asked_charge

STEPS = ["Charge at 1C until 3.68 V", "Hold at 3.68 V for 15 minutes", "Discharge at C/2 until 2.1 V"]
HALF, TENTH = HalfCycleVoltage("discharge", 50), HalfCycleVoltage("discharge", 10)


@pytest.fixture(scope="module")
def cell():
    return load_cell("Luo2021_LiIn_LPSCl_NCM622")


@pytest.mark.parametrize("voltage", [HALF, HalfCycleVoltage("charge", 5)])
def test_a_voltage_is_found_by_its_name_and_by_its_words(voltage):
    assert voltage_named(voltage.name) == voltage_named(voltage.words) == voltage


@pytest.mark.parametrize(
    "name", ["discharge_voltage", "discharge_voltage_at_0_percent", "rest_voltage_at_5_percent", ""]
)
def test_other_names_are_none(name):
    assert voltage_named(name) is None


def test_without_a_percentage_the_usual_ones_are_meant():
    names_of = spelled_out(["discharge_capacity", "charge_voltage", HALF.name])
    assert names_of == (
        "discharge_capacity",
        *(f"charge_voltage_at_{percent}_percent" for percent in (20, 50, 80)),
        "discharge_voltage_at_50_percent",
    )


def test_the_first_step_of_the_half_is_broken_and_no_other(cell):
    protocol = stopping_at(twin.Protocol(STEPS, cycles=7), voltages_named([HALF.name, TENTH.name]), cell)
    (cycle,) = protocol.block
    assert [step.reads for step in cycle.steps] == ["", "", TENTH.name, HALF.name, ""]
    assert protocol.number_of_cycles == 7
    nominal = cell.values[names.NOMINAL_CAPACITY]
    first, second, rest = cycle.steps[2:]
    assert [first.ends[0].value, second.ends[0].value] == pytest.approx([0.1 * nominal, 0.4 * nominal])
    assert first.ends[1:] == second.ends[1:] == rest.ends == twin.Protocol(STEPS).block[0].steps[2].ends
    assert voltages_read(protocol) == (TENTH, HALF)


def test_cycles_stay_of_the_kind_that_they_were(cell):
    block = Block("check-up", STEPS)
    protocol = twin.Protocol([block, tuple(STEPS)])
    stopping = stopping_at(protocol, [HALF], cell)
    assert [own.kind for own in stopping.block] == [own.kind for own in protocol.block]


def test_what_a_cycle_is_to_pass_stays_what_it_was(cell):
    protocol = twin.Protocol(STEPS)

    def asked(own):
        return sum(asked_charge(step, cell) for step in own.block[0].steps)

    assert asked(stopping_at(protocol, [TENTH, HALF], cell)) == pytest.approx(asked(protocol))


@pytest.mark.parametrize("step", ["Discharge at C/2 for 1 hour", "Discharge at C/2 until 2 mAh/cm2"])
def test_a_time_or_a_charge_of_the_step_ends_where_it_did(cell, step):
    protocol = twin.Protocol([step, "Charge at 1C until 3.68 V"], cycles=2)
    whole, stopping = (
        twin.simulate(cell, own) for own in (protocol, stopping_at(protocol, [TENTH], cell))
    )
    assert stopping["discharge_capacity"].values == pytest.approx(
        whole["discharge_capacity"].values, 1e-5
    )


def test_no_stop_stands_beyond_the_end_of_the_step(cell):
    protocol = twin.Protocol(["Discharge at C/2 for 30 minutes", "Charge at 1C until 3.68 V"])
    # half an hour at C/2 passes a quarter of the capacity
    assert voltages_read(stopping_at(protocol, [TENTH, HALF], cell)) == (TENTH,)


def test_a_half_without_constant_current_is_refused(cell):
    protocol = twin.Protocol(["Discharge at 10 mW until 2.1 V"])
    with pytest.raises(ProtocolError, match="holds no constant current"):
        stopping_at(protocol, [HALF], cell)


def test_a_symmetric_cell_has_no_shares(cell):
    symmetric = load_cell("Chang2023_Li_LGPS_symmetric")
    with pytest.raises(ProtocolError, match="cell_overpotential"):
        stopping_at(twin.Protocol(["Discharge at 0.1 mA/cm2 for 1 hour"]), [HALF], symmetric)
