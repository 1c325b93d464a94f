"""Protocols by the words of a command line."""

import inspect

import pytest

import twin
from twin import protocols
from twin.errors import ProtocolError
from twin.protocols.named import FORMS, LAB_TESTS, named_protocol

FULL = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
SYMMETRIC = twin.load_cell("Duan2023_Li_LPSCl_symmetric")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("gitt", protocols.gitt(FULL)),
        ("rate_test rates=0.1,0.5 cycles_each=3 back_to=none",
         protocols.rate_test(FULL, rates=[0.1, 0.5], cycles_each=3, back_to=None)),
        ("calendar_ageing temperature=60 oC  state_of_charge = 0.5 interval=7 days",
         protocols.calendar_ageing(FULL, temperature="60 oC", state_of_charge=0.5, interval="7 days")),
        ("check_ups ageing=Charge at 2C until 4.1 V; Discharge at 1C until 3 V every=20",
         protocols.check_ups(
             FULL, ageing=["Charge at 2C until 4.1 V", "Discharge at 1C until 3 V"], every=20)),
        ("critical_current_density step=0.2 mA/cm2 charge=0.5 mAh/cm2",
         protocols.critical_current_density("0.2 mA/cm2", charge="0.5 mAh/cm2")),
    ],
)  # fmt: skip
def test_words_say_what_the_call_says(words, meant):
    said = named_protocol(words, SYMMETRIC if words.startswith("critical") else FULL)
    assert (said.block, said.cycles) == (meant.block, meant.cycles)


def test_file_is_read(tmp_path):
    path = tmp_path / "own one.toml"
    path.write_text("steps = ['Rest for 1 hour']", encoding="utf-8")
    assert named_protocol(str(path), FULL).block == protocols.Protocol(["Rest for 1 hour"]).block


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("critical_current", "did you mean 'critical_current_density'"),
        ("rate_test rate=0.1", "'rate' is not an option of rate_test; did you mean 'rates'"),
        ("rate_test cell=other", "'cell' is not an option"),
        ("rate_test rates=fast", "rates of rate_test must be numbers with commas.*not 'fast'"),
        ("rate_test cycles_each=2.5", "must be a whole number"),
        ("one_way_plating", "a test of symmetric cells, and Chang2023_LiAlO2_LGPS_LCO has a cathode"),
        ("rate_test fast rates=1", "cannot read the options"),
        ("rate_test rates=1 rates=2", "cannot read the options"),
    ],
)
def test_words_that_say_nothing_are_refused(words, message):
    with pytest.raises(ProtocolError, match=message):
        named_protocol(words, FULL)


def is_test(thing) -> bool:
    return inspect.isfunction(thing) and thing is not protocols.read_protocol


def test_every_test_has_a_name_and_options_that_can_be_written():
    public = {name for name in protocols.__all__ if is_test(getattr(protocols, name))}
    assert set(LAB_TESTS) == public
    for test in LAB_TESTS.values():
        for name, option in inspect.signature(test, eval_str=True).parameters.items():
            written = str(option.annotation) in FORMS or option.annotation in (str, str | None)
            assert written or name == "cell", f"{test.__name__} {name}"
