"""Study files: read once, checked once; those that ship run."""

import pytest

import twin
from twin.errors import StudyError
from twin.studies.factors import read_factor

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


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_a_study_of_ones_own_is_read_by_path(tmp_path):
    study = twin.load_study(written(tmp_path, STUDY))
    assert study.name == "mine"
    assert not study.is_search
    assert study.arguments["protocols"].cycles == 6
    assert study.replace({"cycles": 2}).arguments["protocols"].cycles == 2
    assert study.text == STUDY


def test_set_changes_the_cell(tmp_path):
    text = STUDY + '[set]\n"Coating thickness [m]" = "100 nm"\n'
    assert (
        twin.load_study(written(tmp_path, text)).arguments["cell"].values["Coating thickness [m]"]
        == 1e-7
    )


def test_blocks_are_cycles_that_differ(tmp_path):
    block = '{ cycles = 2, steps = ["Rest for {rest}"] }, { cycles = 3, steps = ["Rest for 2 hours"] }'
    text = STUDY.replace('steps = ["Charge', 'other = ["Charge')
    lines = [line for line in text.splitlines() if not line.startswith("other")]
    text = "\n".join(lines).replace("[protocol]", f"[protocol]\nblocks = [{block}]")
    template = twin.load_study(written(tmp_path, text)).arguments["protocols"]
    assert template.fields == ("rest",)
    assert template.filled({"rest": "1 hour"}).number_of_cycles == 5


def shrunk(study):
    """The same question with few points, cycles and draws."""
    ends = {}
    for name, entry in study.arguments.get("changes", {}).items():
        fields = study.arguments["protocols"].fields
        values = read_factor(name, entry, study.arguments["cell"], fields).values
        ends[name] = entry | {"values": [values[0], values[-1]]}
    few = {"draws": 2, "cycles": 2}
    if not study.arguments["cell"].fitted_sets:
        few["draw_from"] = "priors"
    return study.replace(few | ({"evaluations": 2} if study.is_search else {"changes": ends}))


@pytest.mark.parametrize("name", twin.shipped_studies())
def test_shipped_study_runs_when_shrunk(name, tmp_path):
    study = twin.load_study(name)
    assert study.question
    arguments = dict(shrunk(study).arguments)
    if study.is_search:
        storage = f"sqlite:///{tmp_path / 'search.db'}"
        found = twin.search(**arguments, storage=storage, processes=1)
        assert found.evaluations.sizes["evaluation"] == 2
    else:
        data = twin.what_if(**arguments, processes=1)
        assert data["outcome"].size == 2 * 2 ** len(arguments["changes"])
        assert not data["outcome"].isin(["solver_failure"]).any()


@pytest.mark.parametrize("name", ["Chang2023/nothing", "nothing", "Nobody2020/thickness_current"])
def test_an_unknown_name_lists_the_shipped_studies(name):
    with pytest.raises(StudyError, match="known: Chang2023/fastest_charge, "):
        twin.load_study(name)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("draws = 3", "draw = 3", "did you mean 'draws'"),
        ("draws = 3", "draws = 0", "draws must be"),
        ("draws = 3", "draws = 2.5", "draws must be"),
        ("draws = 3", "evaluations = 0", "evaluations must be"),
        ("cell = ", "question = ", "names no cell"),
        ("[vary.current]", "[vary", "not readable as TOML"),
        ("[vary.current]", "[vary]", "vary.field is a table"),
        ("[protocol]", "[protocols]", r"protocols.steps has either steps"),
        ("steps = [", "steps = [1, ", "a list of texts"),
        ("steps = [", "blocks = [", "each block of protocol"),
        ("steps = [", "stepps = [", "has either steps"),
    ],
)
def test_unreadable_studies_say_what_and_where(old, new, message, tmp_path):
    assert old in STUDY
    with pytest.raises(StudyError, match=message) as caught:
        twin.load_study(written(tmp_path, STUDY.replace(old, new)))
    assert str(caught.value).startswith("mine.toml") or "mine.toml: " in str(caught.value)


def test_a_study_that_varies_nothing_is_refused(tmp_path):
    text = STUDY[: STUDY.index("[vary")]
    with pytest.raises(StudyError, match="nothing varies"):
        twin.load_study(written(tmp_path, text))
