"""Steps with fields become protocols."""

import pytest

import twin
from twin.errors import ProtocolError, StudyError
from twin.studies.templates import Template, read_templates

STEPS = ["Charge at {current} until {upper}", "Rest for {rest}", "Discharge at {current} until 2.6 V"]


def test_filled_fields_make_a_protocol():
    template = Template(STEPS, cycles=3)
    assert template.fields == ("current", "upper", "rest")
    protocol = template.filled({"current": "0.25 mA/cm2", "upper": "4.2 V", "rest": "1 hour"})
    assert tuple(cycle.texts for cycle in protocol.block) == (
        ("Charge at 0.25 mA/cm2 until 4.2 V", "Rest for 1 hour", "Discharge at 0.25 mA/cm2 until 2.6 V"),
    )
    assert protocol.number_of_cycles == 3


@pytest.mark.parametrize("nothing", ["0 hours", "0.0 minutes"])
def test_a_rest_of_no_time_is_left_out(nothing):
    filled = Template(STEPS).filled({"current": "1C", "upper": "4.2 V", "rest": nothing})
    assert len(filled.block[0].steps) == 2


def test_a_short_rest_stays():
    filled = Template(STEPS).filled({"current": "1C", "upper": "4.2 V", "rest": "0.5 hours"})
    assert filled.block[0].texts[1] == "Rest for 0.5 hours"


@pytest.mark.parametrize(
    "step", ["Charge at {} until 4.2 V", "Charge at {current", "Charge at {a.b}", "Charge at {a:.3f}"]
)
def test_braces_hold_a_plain_name(step):
    with pytest.raises(ProtocolError, match="cannot read the fields"):
        Template([step])


def test_a_field_without_values_is_named():
    with pytest.raises(ProtocolError, match=r"\{upper\} of the steps has no values"):
        Template(STEPS).filled({"current": "1C", "rest": "1 hour"})


def test_several_protocols_keep_their_names_and_their_cycles(full):
    fast = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=7)
    read = read_templates({"fast": fast, "slow": STEPS}, full, cycles=9)
    assert {name: template.cycles for name, template in read.items()} == {"fast": 7, "slow": 9}
    assert len(read_templates([fast, Template(STEPS)], full, cycles=9)) == 2
    with pytest.raises(StudyError, match="same steps"):
        read_templates([fast, fast], full, cycles=9)


def test_blocks_keep_their_names_and_may_have_fields():
    check_up = twin.protocols.Block(
        "check-up", ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"]
    )
    ageing = twin.protocols.Block("ageing", STEPS, cycles=50, temperature="45 oC")
    template = Template([check_up, ageing], cycles=2)
    assert template.fields == ("current", "upper", "rest")
    protocol = template.filled({"current": "1C", "upper": "4.2 V", "rest": "0 hours"})
    assert protocol.number_of_cycles == 102
    assert {cycle.name for cycle in protocol.block} == {"check-up", "ageing"}
    assert protocol.block[1].texts == ("Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V")
    assert template.words[1].startswith("ageing (50 times, 45 oC): Charge at {current} until {upper} / ")


def test_step_objects_stand_beside_texts_with_fields():
    import pybamm

    template = Template([pybamm.step.current(-1e-4, duration="1 hour"), "Rest for {rest}"])
    protocol = template.filled({"rest": "2 hours"})
    assert len(protocol.block[0].steps) == 2
    assert protocol.block[0].texts[1] == "Rest for 2 hours"


@pytest.mark.parametrize("steps", ["Rest for 1 hour", {"steps": []}, 3])
def test_steps_are_a_list(steps, full):
    with pytest.raises(ProtocolError, match="steps must be a list"):
        read_templates(steps if steps != {"steps": []} else {"a": steps}, full, 1)
