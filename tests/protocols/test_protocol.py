"""Protocols: PyBaMM's strings, current densities, cycles and bad input."""

import numpy as np
import pytest

import twin
from twin.errors import ProtocolError
from twin.protocols import Block


def test_list_of_strings_is_one_cycle_and_tuples_are_a_block():
    assert twin.Protocol(["Rest for 1 hour", "Rest for 2 hours"], cycles=3).number_of_cycles == 3
    block = twin.Protocol([("Rest for 1 hour",), ("Rest for 2 hours",)], cycles=3)
    assert block.number_of_cycles == 6
    assert block.cycle(3).texts == ("Rest for 2 hours",)


def test_named_blocks_repeat_and_lend_their_name_temperature_and_pressure():
    check_up = Block("check-up", ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"])
    ageing = Block("ageing", ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=3,
                   temperature="45 oC", pressure="5 MPa")  # fmt: skip
    protocol = twin.Protocol([check_up, Block("", [ageing, check_up], cycles=2)], cycles=np.int64(2))
    kinds = [protocol.cycle(n).kind for n in range(9)]
    assert kinds == ["check-up", *(["ageing"] * 3 + ["check-up"]) * 2]
    assert protocol.number_of_cycles == 18
    assert protocol.cycle(1).temperature == pytest.approx(318.15)
    assert protocol.cycle(1).pressure == 5e6
    assert protocol.cycle(0).temperature is None


def test_a_block_within_a_block_keeps_what_the_outer_one_keeps():
    inner = Block("inner", ["Rest for 1 hour"], temperature=300.0)
    outer = Block("outer", [inner, ("Rest for 2 hours",)], temperature="45 oC")
    cycles = twin.Protocol([outer]).block
    assert [cycle.temperature for cycle in cycles] == [300.0, pytest.approx(318.15)]
    assert [cycle.kind for cycle in cycles] == ["inner", "outer"]


def test_cycles_without_a_name_are_of_a_kind_by_their_steps():
    protocol = twin.Protocol([("Rest for 1 hour",), ("Rest for 2 hours",), ("Rest for 1 hour",)])
    kinds = [cycle.kind for cycle in protocol.block]
    assert kinds[0] == kinds[2] != kinds[1]


@pytest.mark.parametrize(
    ("steps", "cycles", "message"),
    [
        (["Charge at 1C untill 4.2 V"], 1, "'Charge at 1C untill 4.2 V'.*accepted are forms like"),
        ([], 1, "at least one step"),
        ([()], 1, "at least one step"),
        ("Charge at 1C until 4.2 V", 1, "must be a list"),
        ([5], 1, "a step must be a string"),
        (["Rest for 1 hour"], 0, "from 1, not 0"),
        (["Rest for 1 hour"], 1.5, "from 1, not 1.5"),
        (["Rest for 1 hour"], True, "from 1, not True"),
        (["Rest for 1 hour"], 10**9, "no cell lives so long"),
        ([Block("a", ["Rest for 1 hour"]), Block("a", ["Rest for 2 hours"])], 1, "two different blocks"),
    ],
)
def test_bad_protocols_are_refused_with_the_remedy(steps, cycles, message):
    with pytest.raises(ProtocolError, match=message):
        twin.Protocol(steps, cycles=cycles)


def test_start_follows_the_first_step_that_passes_current():
    charge, discharge = "Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"
    assert not twin.Protocol(["Rest for 1 hour", charge, discharge]).starts_charged
    assert twin.Protocol([discharge, charge]).starts_charged


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 25}, "did you mean 25 oC"),
        ({"temperature": "warm"}, "write 60 oC or 333 K"),
        ({"temperature": [300]}, "a number or words"),
        ({"pressure": 0}, "up to 1 GPa"),
        ({"pressure": "5 atmospheres"}, "write 5 MPa"),
        ({"cycles": 0}, "from 1, not 0"),
    ],
)
def test_bad_blocks_are_refused_with_the_remedy(options, message):
    with pytest.raises(ProtocolError, match=message):
        Block("ageing", ["Rest for 1 hour"], **options)
