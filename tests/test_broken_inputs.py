"""Whatever comes in broken is answered in words: in one line on the command line, without a traceback.

The listed inputs are those that somebody has tried. The generated ones are shipped files with one place,
or some bytes, otherwise; some of them turn out to be sound.
"""

import os
import random
import re

import numpy as np
import pytest
from broken_inputs import altered_bytes, altered_csv, altered_toml, files_of_cell, write
from listed_inputs import ARGUMENTS, CELL, FILES, LISTED, PROTOCOL, USAGE
from typer.testing import CliRunner

import twin
from twin import parallel
from twin.cli import app
from twin.errors import TwinError
from twin.measured.experiment import read_experiment
from twin.parameter_sets import shipped
from twin.protocols import read_protocol

SHORTEST, LONGEST = 30, 1100
"""Characters of an answer: enough to say what came and what is allowed, no more than anybody reads."""


def with_edit(text, old, new):
    assert old in text, old
    return text.replace(old, new, 1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the commands run: with files that are none, and a file where a folder is wanted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    (tmp_path / "taken").write_text("computed before")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"# \xe4\n")
    (tmp_path / "picture.toml").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "device.toml").symlink_to("/dev/zero")
    return tmp_path


def answer(arguments):
    """Exit status, and the line on standard error."""
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stderr


def assert_in_words(status, said, words):
    assert status == 1, said
    assert said.startswith("twin: "), said
    assert len(said.splitlines()) == 1, said
    assert SHORTEST < len(said) < LONGEST, said
    assert re.search(words, said), said


@pytest.mark.parametrize(
    "number", range(len(LISTED)), ids=lambda number: f"{LISTED[number][0]}-{number}"
)
def test_a_listed_file_is_answered_in_words(folder, number):
    kind, old, new, words = LISTED[number]
    name, command, _, sound = FILES[kind]
    (folder / "cell.toml").write_text(CELL, encoding="utf-8")
    (folder / name).write_text(with_edit(sound, old, new), encoding="utf-8")
    assert_in_words(*answer(command), words)


@pytest.mark.parametrize(
    "number", range(len(ARGUMENTS)), ids=lambda number: " ".join(ARGUMENTS[number][0])[:40]
)
def test_listed_arguments_are_answered_in_words(folder, number):
    arguments, words = ARGUMENTS[number]
    assert_in_words(*answer(arguments), words)
    assert (folder / "taken").read_text() == "computed before"


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_a_command_that_was_asked_wrongly_ends_in_two(folder, arguments):
    status, said = answer(arguments)
    assert status == 2, said
    assert "Traceback" not in said


def told(reads) -> str:
    """What is said where an input is refused, "" where it is taken; any other exception fails."""
    try:
        reads()
    except TwinError as error:
        return str(error)
    return ""


def assert_all_in_words(answers, *, refused):
    """Every answer is fit for a terminal, and so many of them are refusals: the inputs were broken."""
    said = [answer for answer in answers if answer]
    assert len(said) >= refused, f"{len(said)} of {len(answers)} refused"
    for line in said:
        assert SHORTEST < len(line) < LONGEST, line
        assert "\n" not in line


ODD_CELLS_A_CELL = 10
"""Broken versions of each shipped cell."""


@pytest.mark.parametrize("name", twin.cells())
def test_broken_versions_of_a_cell_are_refused_in_words_or_run(tmp_path, name):
    answers, sound = [], []
    for seed in range(ODD_CELLS_A_CELL):
        chance = random.Random(f"{name} {seed}")
        files = files_of_cell(name)
        broken = f"{name}.toml" if seed % 2 else chance.choice(sorted(files))
        files[broken] = altered_toml(files[broken], chance)
        write(tmp_path / f"{seed}", files)
        path = tmp_path / f"{seed}" / f"{name}.toml"
        answers.append(told(lambda path=path: sound.append(twin.load_cell(path))))
    assert_all_in_words(answers, refused=ODD_CELLS_A_CELL // 2)
    for cell in sound[:1]:
        assert twin.simulate(cell, twin.Protocol(["Rest for 1 hour"]))["outcome"].item() == "completed"


STUDIES = sorted(shipped("experiments").glob("*/studies/*.toml"))


def test_broken_studies_are_refused_in_words(tmp_path):
    answers = []
    for seed in range(80):
        chance = random.Random(f"study {seed}")
        path = tmp_path / f"{seed}.toml"
        path.write_bytes(altered_toml(chance.choice(STUDIES).read_bytes(), chance))
        answers.append(told(lambda path=path: twin.load_study(path)))
    assert_all_in_words(answers, refused=50)


@pytest.mark.parametrize("name", ["Chang2023", "Duan2023", "Liu2018", "Luo2021"])
def test_broken_experiments_are_refused_in_words(tmp_path, name):
    answers = []
    files = {path.name: path.read_bytes() for path in shipped("experiments").glob(f"{name}/*.*")}
    for seed in range(16):
        chance = random.Random(f"{name} {seed}")
        broken = sorted(files)[seed % len(files)]
        alters = altered_csv if broken.endswith(".csv") else altered_toml
        write(tmp_path / f"{seed}", files | {broken: alters(files[broken], chance)})
        answers.append(told(lambda seed=seed: read_experiment(tmp_path / f"{seed}")))
    assert_all_in_words(answers, refused=8)


def test_broken_protocols_are_refused_in_words(tmp_path):
    answers = []
    for seed in range(40):
        path = tmp_path / f"{seed}.toml"
        path.write_bytes(altered_toml(PROTOCOL.encode(), random.Random(f"protocol {seed}")))
        answers.append(told(lambda path=path: read_protocol(path)))
    assert_all_in_words(answers, refused=25)


WORDS = (
    "Charge", "Discharge", "Hold", "Rest", "at", "for", "until", "or", "1C", "C/10", "C/0", "-1C", "½C",
    "4.2 V", "inf V", "nan", "0.1 mA/cm2", "1e400 A", "1 mW", "5 mA/g", "1 Ohm", "5 MPa", "50% SOC",
    "{x}", "1 hour", "0 hours", "1000000000 hours", "9" * 50, "",
)  # fmt: skip
"""Of which a step may be made that nobody can read."""


def test_steps_of_any_words_are_refused_in_words():
    answers = []
    for seed in range(100):
        chance = random.Random(f"step {seed}")
        step = " ".join(chance.choices(WORDS, k=chance.randint(1, 7)))
        answers.append(told(lambda step=step: twin.Protocol([step])))
    assert_all_in_words(answers, refused=90)


@pytest.fixture(scope="module")
def forecast_file(tmp_path_factory):
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    protocol = twin.Protocol(["Rest for 1 hour"], cycles=2)
    data = twin.forecast(cell, protocol, draws=3, processes=1)
    return twin.save(data, tmp_path_factory.mktemp("forecast") / "forecast.nc")


def test_a_file_of_results_that_was_cut_or_begins_otherwise_is_refused_in_words(forecast_file, tmp_path):
    """Other bytes in its middle are left out: some of them send the HDF5 library round and round."""
    whole = forecast_file.read_bytes()
    answers = []
    for seed in range(30):
        chance = random.Random(f"bytes {seed}")
        place = chance.randrange(len(whole))
        broken = whole[:place] if seed % 2 else altered_bytes(whole[:8], chance) + whole[8:]
        path = tmp_path / f"{seed}.nc"
        path.write_bytes(broken)
        answers.append(told(lambda path=path: twin.summarise(twin.load(path))))
    assert_all_in_words(answers, refused=28)


ODD_ARGUMENTS = (
    None, -1, 1.5, float("nan"), 10**400, True, "x", "x" * 3000, [1], {"a": 1}, (1, 2), b"x", 3j, int,
    np.array([1, 2]), np.float64(2.5), object(),
)  # fmt: skip
"""What Python may hand over in the place of a cell, a number, a list, a path."""


@pytest.fixture(scope="module")
def takers():
    """Name -> what takes one argument that is broken."""
    cell, protocol = twin.load_cell("Chang2023_Li_LGPS_symmetric"), twin.Protocol(["Rest for 1 hour"])
    run = twin.simulate(cell, protocol)
    key = "Electrode area [m2]"
    return {
        "replace": lambda odd: cell.replace(odd),
        "replace a value": lambda odd: cell.replace({key: [odd]}),
        "Protocol": twin.Protocol,
        "Protocol of one": lambda odd: twin.Protocol([odd]),
        "cycles": lambda odd: twin.Protocol(["Rest for 1 hour"], cycles=odd),
        "simulate a cell": lambda odd: twin.simulate(odd, protocol),
        "simulate a protocol": lambda odd: twin.simulate(cell, odd),
        "simulator": lambda odd: twin.simulate(cell, protocol, simulator=odd),
        "reference_cycle": lambda odd: twin.simulate(
            cell, protocol, reference_cycle=0 if odd is None else odd
        ),
        "end_of_life": lambda odd: twin.simulate(cell, protocol, end_of_life=odd),
        "simulate_many": twin.simulate_many,
        "forecast": lambda odd: twin.forecast(odd, protocol),
        "draws": lambda odd: twin.forecast(cell, protocol, draws=odd),
        "seed": lambda odd: twin.forecast(cell, protocol, draws=1, seed=odd),
        "Study": twin.Study,
        "vary": lambda odd: twin.Study(cell, odd),
        "values": lambda odd: twin.Study(cell, {key: {"values": odd}}),
        "what_if": twin.what_if,
        "search": twin.search,
        "load_study": twin.load_study,
        "fit": twin.fit,
        "trials": lambda odd: twin.fit("Luo2021", trials=odd, storage="sqlite:///no/folder/fits.db"),
        "leave_out": lambda odd: twin.fit("Luo2021", leave_out=odd, trials=0),
        "validate": lambda odd: twin.validate("x" if odd is None else odd),
        "draws of a validation": lambda odd: twin.validate("Luo2021", draws=odd),
        "read_rows": twin.read_rows,
        "load": twin.load,
        "save": lambda odd: twin.save(odd, "never.nc"),
        "time_series": lambda odd: twin.time_series(cell, protocol, cycles=odd),
        "impedance": lambda odd: twin.impedance(cell, run, odd),
        "rest": lambda odd: twin.impedance(cell, run, [1], rest=[odd]),
        "report": lambda odd: twin.report.write("never.html", odd),
        "summarise": twin.summarise,
        "nyquist": twin.plots.nyquist,
        "save_figure": lambda odd: twin.plots.save_figure(odd, "never.png"),
    }


@pytest.mark.parametrize("odd", ODD_ARGUMENTS, ids=lambda odd: f"{type(odd).__name__}-{str(odd)[:9]}")
def test_python_hands_over_something_else(takers, odd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    taken = [name for name, takes in takers.items() if not told(lambda takes=takes: takes(odd))]
    assert len(taken) <= 4, taken
    assert not list(tmp_path.iterdir())
