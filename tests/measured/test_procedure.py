"""What was done to cells: blocks, what some cells go through first, and which cycle runs when."""

import pytest

import twin
from twin.errors import ObservationError
from twin.measured.procedure import cycle_running_at, read_procedures

BLOCKS = """
["two rates"]
assumed = "three cycles at each rate"
blocks = [
    { name = "slow", cycles = 3, steps = ["Charge at C/10 until 4.2 V", "Discharge at C/5 until 2 V"] },
    { cycles = 2, steps = ["Rest for 1 hour"] },
    { name = "fast", cycles = 3, steps = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"] },
]
"""
EQUAL = """
["equal"]
cycles = 50
steps = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
first = { cells = ["with a layer"], steps = ["Rest for 48 hours"] }
"""


def read(folder, text):
    (folder / "protocols.toml").write_text(text, encoding="utf-8")
    return read_procedures(folder)


def test_rows_find_the_last_cycle_of_each_block_by_its_name(tmp_path):
    procedure = read(tmp_path, BLOCKS)["two rates"]
    assert procedure.last_cycles == {"slow": 3, "fast": 8}
    assert procedure.protocol.number_of_cycles == 8
    assert procedure.protocol.cycle(4).texts == ("Rest for 1 hour",)


def test_what_some_cells_go_through_first_is_part_of_their_first_cycle(tmp_path):
    procedure = read(tmp_path, EQUAL)["equal"]
    usual, other = procedure.of("without"), procedure.of("with a layer")
    assert (len(usual.block), usual.cycles) == (1, 50)  # equal cycles stay one block, which runs faster
    assert other.number_of_cycles == usual.number_of_cycles == 50
    assert other.cycle(0).texts == ("Rest for 48 hours", *usual.cycle(0).texts)
    assert other.cycle(1) == usual.cycle(1)


@pytest.mark.parametrize(
    ("hours", "cycle"),
    [(0.5, 1), (2, 1), (2.1, 2), (50, 25), (99.9, 50), (100, 50), (100.1, 51), (1e6, 51)],
)
def test_time_says_which_cycle_runs(hours, cycle, tmp_path):
    assert cycle_running_at(read(tmp_path, EQUAL)["equal"].protocol, hours) == cycle


def test_rest_at_the_beginning_takes_its_time(tmp_path):
    protocol = read(tmp_path, EQUAL)["equal"].of("with a layer")
    assert [cycle_running_at(protocol, hours) for hours in (47, 49, 50, 51)] == [1, 1, 1, 2]


def test_only_a_run_tells_the_time_of_a_cut_off(tmp_path):
    assert cycle_running_at(read(tmp_path, BLOCKS)["two rates"].protocol, 10) is None


def test_time_counts_every_repetition():
    protocol = twin.Protocol([("Rest for 1 hour",), ("Rest for 3 hours",)], cycles=10)
    assert [cycle_running_at(protocol, hours) for hours in (1, 2, 4, 5, 40)] == [1, 2, 2, 3, 20]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps = 1", "'steps' must be a table|needs a table under 'steps'"),
        ("[a]", "line 1: 'a' has no 'steps'"),
        ("[a]\ncycles = 2", "line 1: 'a' has no 'steps'"),
        ("[a]\nsteps = ['Rest for 1 hour']", "line 1: 'a' has no 'cycles'"),
        ("[a]\ncycles = 0\nsteps = ['Rest for 1 hour']", "needs 1 to 100,000 under 'cycles', not 0"),
        ("[a]\ncycles = 1000000000\nsteps = ['Rest for 1 hour']", "needs 1 to 100,000 under 'cycles'"),
        (
            "[a]\ncycles = 2.0\nsteps = ['Rest for 1 hour']",
            "needs a whole number under 'cycles', not 2.0",
        ),
        (
            "[a]\ncycles = true\nsteps = ['Rest for 1 hour']",
            "needs a whole number under 'cycles', not True",
        ),
        ("[a]\ncycles = '2'\nsteps = ['Rest for 1 hour']", "needs a whole number under 'cycles'"),
        ("[a]\ncycles = 2\nsteps = 'Rest for 1 hour'", "needs a list of words under 'steps'"),
        ("[a]\ncycles = 2\nsteps = []", "needs a list of words under 'steps'"),
        ("[a]\ncycles = 2\nsteps = [1]", "needs a list of words under 'steps'"),
        ("[a]\ncycles = 2\nsteps = ['Dance for 1 hour']", "line 1: 'a' cannot read the step 'Dance"),
        (
            "[a]\ncycles = 2\nstep = ['Rest for 1 hour']",
            "'step' is not one that is read; did you mean 's",
        ),
        ("[a]\ncycles = 2\nsteps = ['Rest for 1 hour']\nblocks = []", "blocks, or cycles and steps"),
        ("[a]\nblocks = []", "needs a list of tables under 'blocks'"),
        ("[a]\nblocks = [1]", "needs a list of tables under 'blocks'"),
        ("[a]\nblocks = [{ cycles = 2 }]", "has no 'steps'"),
        ("[a]\nblocks = [{ cycle = 2, cycles = 2, steps = ['Rest for 1 hour'] }]", "'cycle' is not one"),
        (
            "[a]\nblocks = [{ name = '5', cycles = 2, steps = ['Rest for 1 hour'] }]",
            "the number of a cycle",
        ),
        (
            "[a]\nblocks = [{ name = 5, cycles = 2, steps = ['Rest for 1 hour'] }]",
            "needs words under 'name'",
        ),
        (
            "[a]\nblocks = [{ name = 'x', cycles = 2, steps = ['Rest for 1 hour'] },"
            " { name = 'x', cycles = 2, steps = ['Rest for 2 hours'] }]",
            "calls two blocks 'x'",
        ),
        (
            "[a]\nblocks = [{ cycles = 60000, steps = ['Rest for 1 hour'] },"
            " { cycles = 60000, steps = ['Rest for 2 hours'] }]",
            "120,000 cycles are more than 100,000",
        ),
        ("[a]\ncycles = 2\nsteps = ['Rest for 1 hour']\nfirst = 1", "needs a table under 'first'"),
        ("[a]\ncycles = 2\nsteps = ['Rest for 1 hour']\nfirst = { cells = 'x' }", "has no 'steps'"),
        (
            "[a]\ncycles = 2\nsteps = ['Rest for 1 hour']\n"
            "first = { cells = 'x', steps = ['Rest for 1 hour'] }",
            "needs a list of words under 'cells'",
        ),
        ("[a]\ncycles = 2\nsteps = ['Rest for 1 hour']\nassumed = 3", "needs words under 'assumed'"),
        ("[a\n", "not readable as TOML"),
    ],
)
def test_protocols_that_cannot_be_read_name_their_file(text, message, tmp_path):
    with pytest.raises(ObservationError, match=message) as raised:
        read(tmp_path, text)
    assert str(tmp_path / "protocols.toml") in str(raised.value)


def test_missing_file_is_told(tmp_path):
    with pytest.raises(ObservationError, match=r"protocols.toml: cannot be read"):
        read_procedures(tmp_path)
