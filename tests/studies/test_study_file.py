"""Study files: read once, checked once; those that ship run."""

import contextlib
import copy
import dataclasses
import tomllib

import pytest
import tomli_w

import twin
from twin.errors import ProtocolError, StudyError, TwinError
from twin.studies.study_file import load_search, load_what_if

STUDY = """
cell = "Chang2023_LiAlO2_LGPS_LCO"
cycles = 6
draws = 3

[protocol]
steps = ["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"]

[vary.current]
field = "current"
values = [0.1, 0.3]
unit = "mA/cm2"
"""
SEARCH = """
[[objective]]
quantity = "charge_time"
"""


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_a_study_of_ones_own_is_read_by_path(tmp_path):
    study = twin.load_study(written(tmp_path, STUDY))
    assert study.name == "mine"
    assert not study.is_search
    assert study.template.cycles == 6
    assert study.settings == {"draws": 3}
    assert study.text == STUDY


def test_a_file_and_a_call_say_the_same(tmp_path):
    said = twin.Study(
        twin.load_cell("Chang2023_LiAlO2_LGPS_LCO"),
        vary={"current": ["0.1 mA/cm2", "0.3 mA/cm2"]},
        protocol=["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"],
        cycles=6,
    )
    read = twin.load_study(written(tmp_path, STUDY))
    assert [*read.grid.points()] == [*said.grid.points()]
    assert read.baseline_point == said.baseline_point


def test_set_changes_the_cell(tmp_path):
    text = STUDY + '[set]\n"Coating thickness [m]" = "100 nm"\n'
    assert twin.load_study(written(tmp_path, text)).cell.values["Coating thickness [m]"] == 1e-7


def blocks(tmp_path, first, second):
    block = f'{{ cycles = {first}, steps = ["Rest for {{rest}}"] }}, '
    block += f'{{ cycles = {second}, steps = ["Rest for 2 hours"] }}'
    steps = 'steps = ["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"]'
    assert steps in STUDY
    text = STUDY.replace(steps, f"blocks = [{block}]").replace('"current"', '"rest"')
    return written(tmp_path, text.replace("mA/cm2", "hours"))


def test_blocks_are_cycles_that_differ(tmp_path):
    template = twin.load_study(blocks(tmp_path, 2, 3)).template
    assert template.fields == ("rest",)
    assert template.filled({"rest": "1 hour"}).number_of_cycles == 5


@pytest.mark.parametrize("counts", [(0, 1), (10**9, 1), (10**18, 10**18), (99_999, 2)])
def test_blocks_are_counted_before_they_are_made(counts, tmp_path):
    with pytest.raises(ProtocolError, match=r"mine.toml: .*(from 1, not 0|are more than 100,000)"):
        twin.load_study(blocks(tmp_path, *counts))


def few(study):
    """The same question with few points, and how it is run quickly."""
    ends = {}
    if not study.is_search:
        for axis in study.grid.axes:
            ends[axis.name] = study.vary[axis.name] | {"values": [axis.values[0], axis.values[-1]]}
    settings = {"draws": 2, "processes": 1}
    if not study.cell.fitted_sets:
        settings["draw_from"] = "priors"
    return dataclasses.replace(study, cycles=2, vary=ends or study.vary), settings


@pytest.mark.parametrize("name", twin.shipped_studies())
def test_shipped_study_runs_when_shrunk(name, tmp_path):
    study, settings = few(twin.load_study(name))
    assert study.question
    if study.is_search:
        storage = f"sqlite:///{tmp_path / 'search.db'}"
        found = twin.search(study, evaluations=2, storage=storage, **settings)
        assert found.evaluations.sizes["evaluation"] == 2
        assert found.evaluations.attrs["question"] == study.question
    else:
        data = twin.what_if(study, **settings)
        assert data["outcome"].size == 2 * 2 ** len(study.vary)
        assert not data["outcome"].isin(["solver_failure"]).any()
        assert data.attrs["study"] == study.text


@pytest.mark.parametrize(
    "name", ["Chang2023/nothing", "nothing", "Nobody2020/thickness_current", "../rows", "Chang2023/"]
)
def test_an_unknown_name_lists_the_shipped_studies(name):
    with pytest.raises(StudyError, match="known: Chang2023/fastest_charge, "):
        twin.load_study(name)


def test_a_search_is_no_what_if_and_the_other_way_round(tmp_path):
    with pytest.raises(StudyError, match=r"has no objective.* twin\.what_if"):
        load_search(written(tmp_path, STUDY))
    with pytest.raises(StudyError, match=r"it is a search: twin\.search"):
        load_what_if("Chang2023/fastest_charge")
    assert load_search("Chang2023/fastest_charge").is_search


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("draws = 3", "draw = 3", "did you mean 'draws'"),
        ("draws = 3", "draws = 0", "draws must be"),
        ("draws = 3", "draws = 2.5", "draws must be"),
        ("draws = 3", "draws = true", "draws must be"),
        ("draws = 3", 'draw_from = "air"', "'air' is not what draws are taken from"),
        ("draws = 3", "seed = -1", "seed must be"),
        ("draws = 3", "question = 3", "question is a text"),
        ("draws = 3", "evaluations = 10", "a search needs an objective"),
        ("draws = 3", "mode = []", "mode is a text"),
        ("draws = 3", "baseline = 3", "baseline is a table"),
        ("draws = 3", "constraint = 3", "constraint is a list of tables"),
        ("draws = 3", "protocols.a.steps = []", r"\[protocol\] and \[protocols\]"),
        ("cycles = 6", "cycles = 0", "cycles must be"),
        ("cell = ", "question = ", "names no cell"),
        ("cell = ", "cell = 3 #", "cell is the name of a cell"),
        ("[vary.current]", "[vary", "not readable as TOML"),
        ("[vary.current]", "[vary]", "vary.field is a table"),
        ("[protocol]", "[protocols]", r"protocols.steps has either steps"),
        ("steps = [", "steps = [1, ", "a list of texts"),
        ("steps = [", "blocks = [", "each block of protocol"),
        ("steps = [", "blocks = 3 # [", "each block of protocol"),
        ("steps = [", "stepps = [", "has either steps"),
    ],
)
def test_unreadable_studies_say_what_and_where(old, new, message, tmp_path):
    assert old in STUDY
    with pytest.raises(StudyError, match=message) as caught:
        twin.load_study(written(tmp_path, STUDY.replace(old, new)))
    assert str(caught.value).startswith("mine.toml") or "mine.toml: " in str(caught.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("evaluations = 0", "evaluations must be"),
        ('mode = "list"', "a search has no baseline and no mode"),
    ],
)
def test_unreadable_searches_say_what(more, message, tmp_path):
    text = STUDY.replace("values = [0.1, 0.3]", "low = 0.1\nhigh = 0.3")
    with pytest.raises(StudyError, match=message):
        twin.load_study(written(tmp_path, more + text + SEARCH))


def test_a_study_that_varies_nothing_is_refused(tmp_path):
    text = STUDY[: STUDY.index("[vary")]
    with pytest.raises(StudyError, match="nothing varies"):
        twin.load_study(written(tmp_path, text))


JUNK = (
    -1, 0, True, 1e308, float("nan"), 10**100, "", "x", "nan", "{", "{a.b}", "1 nm", "\x00",
    [], [1], [[1]], {}, {"a": 1}, {"from": 1, "to": 2, "number": 10**9},
)  # fmt: skip


def places(content, above=()):
    """Where in a file something stands, from the outside in."""
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


def broken(text):
    """A study with each of its entries replaced by what does not belong there, each time by others."""
    for number, place in enumerate(places(tomllib.loads(text))):
        for junk in JUNK[number % 5 :: 5]:
            content = copy.deepcopy(tomllib.loads(text))
            holder = content
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = junk
            yield content


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Duan2023/rest_time", "Luo2021/fastest_safe_charge"])
def test_whatever_stands_in_a_study_is_answered_in_words(name, tmp_path):
    read = tried = 0
    for content in broken(twin.load_study(name).text):
        path = written(tmp_path, tomli_w.dumps(content))
        with contextlib.suppress(TwinError):
            tried += 1
            twin.load_study(path)
            read += 1
    assert read < tried / 4  # a current of -1 is refused, a value of 0 may be meant
