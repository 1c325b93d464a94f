"""Protocols in TOML files: what they say, and what is said of those that cannot be read."""

import pytest

from twin.errors import ProtocolError
from twin.protocols import Block, Protocol, read_protocol

CHECK_UP = ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"]
AGEING = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
NESTED = f"""
cycles = 10

[[blocks]]
name = "check-up"
steps = {CHECK_UP}

[[blocks]]
name = "warm"
cycles = 2
temperature = "45 oC"
blocks = [
    {{ name = "ageing", cycles = 50, steps = {AGEING} }},
    {{ name = "pressed", pressure = "5 MPa", steps = {AGEING} }},
]
"""


def written(folder, text):
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_steps_alone_are_repeated(tmp_path):
    read = read_protocol(written(tmp_path, f"cycles = 3\nsteps = {CHECK_UP}"))
    assert read.block == Protocol(CHECK_UP).block
    assert read.number_of_cycles == 3


def test_blocks_stand_within_blocks_and_keep_what_they_say(tmp_path):
    read = read_protocol(written(tmp_path, NESTED))
    warm = Block(
        "warm",
        [Block("ageing", AGEING, 50), Block("pressed", AGEING, pressure=5e6)],
        cycles=2,
        temperature=318.15,
    )
    assert read.block == Protocol([Block("check-up", CHECK_UP), warm]).block
    assert read.number_of_cycles == 10 * (1 + 2 * 51)


def test_what_stands_at_the_top_holds_for_all(tmp_path):
    read = read_protocol(written(tmp_path, f"temperature = '60 oC'\ncycles = 2\nsteps = {AGEING}"))
    assert [cycle.temperature for cycle in read.block] == [333.15]
    assert read.number_of_cycles == 2


def test_drive_cycle_lies_beside_the_file(tmp_path):
    (tmp_path / "city.csv").write_text("Time [s],Current [A]\n0,0.001\n60,0.002\n", encoding="utf-8")
    read = read_protocol(written(tmp_path, 'steps = ["Rest for 1 hour", { drive_cycle = "city.csv" }]'))
    rest, driven = read.block[0].steps
    assert rest.direction == "rest"
    assert driven.profile.value == (0.001, 0.002)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no 'steps' and no 'blocks'"),
        (
            "\ncycle = 2\nsteps = ['Rest for 1 hour']",
            "line 2: .*'cycle' is not one.*did you mean 'cycles'",
        ),
        ("cycles = 0\nsteps = ['Rest for 1 hour']", "needs 1 to 100,000 under 'cycles', not 0"),
        ("cycles = 2.5\nsteps = ['Rest for 1 hour']", "needs a whole number under 'cycles'"),
        ("steps = 'Rest for 1 hour'", "needs a list of words under 'steps'"),
        ("steps = []", "needs a list of words under 'steps'"),
        ("steps = [1]", "or of tables"),
        (
            "steps = [\n'Rest for 1 hour',\n'Charg at 1C until 4 V',\n]",
            "line 3: .*did you mean 'charge'",
        ),
        ("steps = ['Rest for 1 hour']\nblocks = []", "has steps and blocks"),
        ("blocks = []", "needs a list of tables under 'blocks'"),
        ("[[blocks]]\nname = 5\nsteps = ['Rest for 1 hour']", "needs words under 'name'"),
        ("[[blocks]]\ntemprature = '5 oC'\nsteps = ['Rest for 1 hour']", "line 2: .*'temperature'"),
        (
            "[[blocks]]\ntemperature = '45'\nsteps = ['Rest for 1 hour']",
            "line 2: .*'45' is no temperature",
        ),
        ("[[blocks]]\ntemperature = '45 K'\nsteps = ['Rest for 1 hour']", "did you mean 45 oC"),
        ("[[blocks]]\npressure = 5\nsteps = ['Rest for 1 hour']", "needs words under 'pressure'"),
        ("steps = [{ drive_cycle = 'none.csv' }]", "line 1: .*none.csv: cannot be read"),
        (
            "steps = [{ drive = 'none.csv' }]",
            "'drive' is not one that is read; did you mean 'drive_cycle'",
        ),
        (
            "[[blocks]]\nname = 'a'\nsteps = ['Rest for 1 hour']\n"
            "[[blocks]]\nname = 'a'\nsteps = ['Rest for 2 hours']",
            "two different blocks are called 'a'",
        ),
        (
            f"[[{'.'.join(['blocks'] * 25)}]]\nsteps = ['Rest for 1 hour']",
            "needs a list of tables under 'blocks'",
        ),
        ("".join(f"[[{'.'.join(['blocks'] * n)}]]\n" for n in range(1, 30)), "more than 20 deep"),
        ("[a\n", "not readable as TOML"),
    ],
)
def test_files_that_cannot_be_read_name_their_place(text, message, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(ProtocolError, match=message) as raised:
        read_protocol(path)
    assert str(path) in str(raised.value)


def test_missing_file_is_told(tmp_path):
    with pytest.raises(ProtocolError, match=r"none\.toml: cannot be read"):
        read_protocol(tmp_path / "none.toml")
