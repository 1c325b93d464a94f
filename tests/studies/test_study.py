"""What a study asks is one object, checked when it is made."""

import dataclasses

import pytest

import twin
from twin.errors import ArgumentError, ParameterError, ProtocolError, StudyError

STEPS = ["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"]
THICKNESS = "Coating thickness [m]"
CURRENT = {"current": ["0.1 mA/cm2", "0.3 mA/cm2"]}
CHOOSE = {"current": {"field": "current", "low": 0.1, "high": 2, "unit": "mA/cm2"}}


def test_the_point_of_comparison_is_the_cell_at_the_first_value_of_each_field(full):
    study = twin.Study(full, {THICKNESS: ["100 nm", "300 nm"]} | CURRENT, STEPS)
    cell, protocol = study.baseline_point.cell_and_protocol(study.cell)
    assert cell.values == full.values
    assert protocol.block[0].texts[0] == "Charge at 0.1 mA/cm2 until 4.2 V"


def test_the_point_of_comparison_may_be_anywhere(full):
    two = {"slow": STEPS, "fast": ["Charge at 1C until 4.2 V", "Discharge at {current} until 2.6 V"]}
    baseline = {"protocol": "fast", "current": 0.2, "temperature": 330, THICKNESS: 150}
    vary = CURRENT | {THICKNESS: ["100 nm", "300 nm"]}
    study = twin.Study(full, vary, two, baseline=baseline)
    cell, protocol = study.baseline_point.cell_and_protocol(study.cell)
    assert cell.values[THICKNESS] == 1.5e-7
    assert cell.values["Ambient temperature [K]"] == 330
    assert protocol.block[0].texts == ("Charge at 1C until 4.2 V", "Discharge at 0.2 mA/cm2 until 2.6 V")


def test_the_same_may_be_asked_of_another_cell_or_for_other_cycles(full):
    study = twin.Study(full, CURRENT, STEPS, cycles=7)
    thin = dataclasses.replace(study, cell=full.replace({THICKNESS: 1e-7}), cycles=2)
    cell, protocol = thin.grid.point(0).cell_and_protocol(thin.cell)
    assert cell.values[THICKNESS] == 1e-7
    assert protocol.number_of_cycles == 2
    fixed = twin.Study(full, {}, twin.Protocol(["Rest for 1 hour"], cycles=3), cycles=7)
    assert fixed.template.cycles == 3  # a Protocol says itself how often


def test_without_steps_it_is_the_protocol_of_a_forecast(full):
    _, protocol = twin.Study(full, cycles=5).baseline_point.cell_and_protocol(full)
    assert protocol.block[0].texts == ("Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V")
    assert protocol.number_of_cycles == 5


def test_a_search_chooses_within_its_ranges(full):
    study = twin.Study(full, CHOOSE, STEPS, objective=["charge_time", "minimise current"])
    assert study.is_search
    assert [one.quantity for one in study.objectives] == ["charge_time", "current"]
    _, protocol = study.chosen({"current": 0.5}).cell_and_protocol(full)
    assert protocol.block[0].texts[0] == "Charge at 0.5 mA/cm2 until 4.2 V"


def test_what_a_call_says_comes_before_what_the_file_says(full):
    study = twin.Study(full, CURRENT, STEPS, settings={"draws": 7})
    assert study.setting("draws", 9, 50) == 9
    assert study.setting("draws", None, 50) == 7
    assert study.setting("seed", None, 3) == 3
    with pytest.raises(ArgumentError, match="draws must be"):
        study.setting("draws", 0, 50)


def test_a_study_shows_what_it_is(full):
    assert repr(twin.Study(full, CURRENT, STEPS)) == (
        "Study('study', what if, Chang2023_LiAlO2_LGPS_LCO, vary: current)"
    )


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"cell": "Chang2023_LiAlO2_LGPS_LCO"}, StudyError, r"of a Cell.*twin\.load_cell"),
        ({"vary": ["current"]}, StudyError, "vary is a mapping"),
        ({"baseline": [3]}, StudyError, "baseline is a mapping"),
        ({"vary": {}}, ProtocolError, r"the field \{current\} of the steps has no values"),
        ({"vary": CURRENT | {"a": {"field": "current", "values": [1]}}}, StudyError, "varied twice"),
        ({"vary": CURRENT | {THICKNESS: [-1]}}, ParameterError, "zero or more"),
        ({"cycles": 0}, ArgumentError, "cycles must be"),
        ({"cycles": 2.0}, ArgumentError, "cycles must be"),
        ({"mode": "gird"}, StudyError, "mode must be"),
        ({"baseline": {"protocol": "other"}}, StudyError, "'other' is not a protocol of"),
        ({"baseline": {"curent": 3}}, ParameterError, "'curent' is not a parameter"),
        ({"protocol": ["Rest for 1 hour"]}, ParameterError, "'current' is not .* a field of the steps"),
        ({"vary": {}, "protocol": []}, ProtocolError, "at least one step"),
        ({"vary": {}, "protocol": ["Charge until it is full"]}, ProtocolError, "until it is full"),
        ({"vary": {}, "protocol": [3]}, ProtocolError, "a step must be a string"),
        ({"constraint": {"quantity": "lifetime"}}, StudyError, "constraints need an objective"),
        ({"settings": {"draw": 3}}, StudyError, "did you mean 'draws'"),
        ({"settings": {"draws": -3}}, ArgumentError, "draws must be"),
    ],
)
def test_a_study_without_sense_is_refused_when_it_is_made(said, error, message, full):
    with pytest.raises(error, match=message):
        twin.Study(**({"cell": full, "vary": CURRENT, "protocol": STEPS} | said))


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"vary": {}}, StudyError, "needs something to choose"),
        ({"vary": CURRENT}, StudyError, "takes no values"),
        ({"vary": CHOOSE | {"b": CHOOSE["current"]}}, StudyError, "varied twice"),
        ({"baseline": {"current": 1}}, StudyError, "no baseline"),
        ({"objective": "speed"}, StudyError, "'speed' is not an objective"),
        ({"constraint": {"quantity": "speed"}}, StudyError, "'speed' is not a quantity"),
        ({"protocol": {"a": STEPS, "b": ["Rest for 1 hour"]}}, StudyError, "has one protocol"),
        (
            {"protocol": [*STEPS, "Rest for {rest}"]},
            ProtocolError,
            r"the field \{rest\} of the steps has no values",
        ),
    ],
)
def test_a_search_without_sense_is_refused_when_it_is_made(said, error, message, full):
    sound = {"cell": full, "vary": CHOOSE, "protocol": STEPS, "objective": "charge_time"}
    assert twin.Study(**sound).is_search
    with pytest.raises(error, match=message):
        twin.Study(**(sound | said))
