"""Variants of a paper's cells: what they change, and what they may not say."""

import pytest
from measured.folders import copy_of

from twin.errors import CellError, ObservationError, ParameterError
from twin.measured.experiment import read_experiment
from twin.measured.variants import read_variants

CELL, CATHODE = "Luo2021_LiIn_LPSCl_NCM622", "cathodes/NCM622"
SPREAD, EXPONENT = "Diffusion time constant spread", "Filament acceleration exponent"
QUICK = f"""
[quick]
description = "particles differ"
[quick.parts."{CATHODE}"]
laws = {{ "cathode diffusion" = "lognormal time constants" }}
"{SPREAD}" = {{ value = 1.0, source = "assumed" }}
"""
EVEN = f"""
[even]
description = "no acceleration"
[even.parts."pairs/LiIn_LPSCl"]
"{EXPONENT}" = {{ value = 0.0, source = "assumed" }}
"""


@pytest.fixture
def read(tmp_path):
    """Reads the variants of a copy of Luo2021 with this file."""
    folder = copy_of("Luo2021", tmp_path)

    def reading(text, names=()):
        (folder / "variants.toml").write_text(text, encoding="utf-8")
        return {one.name: one for one in read_variants(read_experiment(folder), names)}

    return reading


def test_a_variant_changes_laws_and_parameters_of_the_cells_that_have_the_part(read):
    found = read(QUICK + EVEN)
    assert list(found) == ["shipped", "quick", "even"]
    shipped, quick, even = (one.experiment.cells[CELL] for one in found.values())
    assert quick.laws["cathode diffusion"] == "lognormal time constants"
    assert quick.values[SPREAD] == 1.0
    assert quick.parameters[SPREAD].part == CATHODE
    assert SPREAD not in shipped.parameters
    assert shipped.parameters[EXPONENT].prior is not None
    assert even.values[EXPONENT] == 0.0
    assert even.parameters[EXPONENT].prior is None
    lithium = "Luo2021_Li_LPSCl_NCM622"  # the same cathode on another anode
    assert found["quick"].experiment.cells[lithium].values[SPREAD] == 1.0
    assert (
        found["even"].experiment.cells[lithium].hash == found["shipped"].experiment.cells[lithium].hash
    )


def test_fitted_cells_of_a_variant_follow_it_and_keep_what_was_fitted(read):
    cell = read(QUICK)["quick"].experiment.fitted_cells()[CELL]
    assert cell.values[SPREAD] == 1.0
    assert cell.parameters[EXPONENT].fitted_set == "Luo2021"


def test_a_variant_based_on_two_has_the_changes_of_both(read):
    text = QUICK + EVEN + '\n[both]\ndescription = "both"\nbased_on = ["quick", "even"]\n'
    found = read(text, ["both"])
    assert list(found) == ["shipped", "both"]
    cell = found["both"].experiment.cells[CELL]
    assert (cell.values[SPREAD], cell.values[EXPONENT]) == (1.0, 0.0)


def test_a_law_taken_back_drops_its_parameters(read):
    back = '[back.parts."cathodes/NCM622"]\nlaws = { "cathode diffusion" = "one time constant" }\n'
    found = read(QUICK + '\n[back]\ndescription = "back"\nbased_on = "quick"\n' + back)
    shipped, back = (found[name].experiment.cells[CELL] for name in ("shipped", "back"))
    assert back.hash == shipped.hash


def one(part, *lines):
    return "\n".join(['[one]\ndescription = "one"', f'[one.parts."{part}"]', *lines])


SATURATING = 'laws = { "interphase growth" = "saturating" }'
TWO_LAWS = (
    QUICK
    + """
[other]
description = "two populations"
[other.parts."cathodes/NCM622"]
laws = { "cathode diffusion" = "one time constant" }
[both]
description = "both"
based_on = ["quick", "other"]
"""
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (one("pairs/LiIn_LPSCl", SATURATING), "the law 'saturating' of interphase growth needs"),
        (one("pairs/LiIn_LPSC", SATURATING), "did you mean 'pairs/LiIn_LPSCl'"),
        (one(CATHODE, 'laws = { "capacity fade" = "by tme" }'), "did you mean 'by time'"),
        (one(CATHODE, 'laws = { "capacty fade" = "by time" }'), "did you mean 'capacity fade'"),
        (one(CATHODE, '"Cathode utilization" = { value = 1, source = "x" }'), "did you mean"),
        (one(CATHODE, '"Cathode utilisation" = { value = 0.5 }'), "has no source"),
        (one(CATHODE, '"Cathode utilisation" = { value = -3, source = "x" }'), "line 4"),
        (
            one(
                CATHODE,
                '"Cathode utilisation" = { value = 0.5, source = "x", prior = '
                '{ distribution = "normal", deviation = 0.1, lower = 0.6, upper = 0.9 } }',
            ),
            "outside its prior's bounds",
        ),
        (TWO_LAWS, "contradict each other: 'quick' and 'other'"),
        (
            one("pairs/LiIn_LPSCl", SATURATING)
            + f'\n[one.parts."cells/{CELL}"]\nlaws = {{ "interphase growth" = "passivating" }}',
            "contradicts itself in Luo2021_LiIn",
        ),
        ('[one]\ndescription = "x"\nbased_on = "one"\n', "is based on itself"),
        ('[one]\ndescription = "x"\nbased_on = "two"\n', "unknown basis"),
        ('[one]\ndescription = "x"\nleave_out = ["U02"]\n', "densities of different rows"),
        ('[one]\ndescription = "x"\n', "changes no part"),
        ('[shipped]\ndescription = "x"\n', "take another one"),
        ("[one]\nparts = 3\n", "has no 'description'"),
    ],
)
def test_what_a_variant_says_wrongly_is_refused_with_its_place(read, text, words):
    with pytest.raises(CellError, match=words.replace("(", r"\(")) as refused:
        read(text)
    assert isinstance(refused.value, ParameterError)
    assert "variants.toml" in str(refused.value)
    assert "line " in str(refused.value)


def test_no_file_and_no_such_variant_are_refused(tmp_path, read):
    with pytest.raises(ObservationError, match="did you mean 'quick'"):
        read(QUICK, ["quik"])
    folder = tmp_path / "mine"
    (folder / "variants.toml").unlink()
    with pytest.raises(ObservationError, match="no variants to compare"):
        read_variants(read_experiment(folder))
