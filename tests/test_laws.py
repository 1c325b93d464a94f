"""What a file may say of laws, and what it is told where it says it wrongly."""

import numpy as np
import pybamm
import pytest

import twin
from twin import names
from twin.errors import ParameterError
from twin.laws import DEFAULTS, LAWS
from twin.parameters import Parameter

CELL = """
description = "mine"
reference = "Chang2023"
interfaces = "negative"
{laws}
[parts]
anode_interface = "Li_LGPS"
separator = "LGPS"
coating = "LiAlO2"
cathode = "LCO"

["Electrode area [m2]"]
value = 7.854e-05
source = "mine"

["Cathode active mass [kg]"]
value = 2.1e-06
source = "mine"

["Cell capacity [A.h]"]
value = 0.000575085
source = "mine"

["Nominal cell capacity [A.h]"]
value = 0.000294
source = "mine"
"""


def own_cell(folder, laws, more=""):
    path = folder / "mine.toml"
    path.write_text(CELL.format(laws=laws) + more, encoding="utf-8")
    return path


def test_a_cells_file_switches_the_law_of_a_part_and_drops_its_parameters(tmp_path):
    path = own_cell(tmp_path, '[laws]\n"cathode diffusion" = "one time constant"\n')
    cell = twin.load_cell(path)
    assert cell.laws["cathode diffusion"] == "one time constant"
    assert names.DIFFUSION_SPREAD not in cell.parameters
    assert cell.structure != twin.load_cell("Chang2023_LiAlO2_LGPS_LCO").structure


@pytest.mark.parametrize(
    ("laws", "more", "words"),
    [
        ('laws = "fast"', "", "must be a table"),
        ('[laws]\n"fade" = "by time"', "", "'fade' is not a mechanism.*capacity fade"),
        ('[laws]\n"capacity fade" = "by tme"', "", "'by tme' is not a law of capacity fade.*'by time'"),
        ('[laws]\n"capacity fade" = 3', "", "law of capacity fade"),
        (
            '[laws]\n"interphase growth" = "saturating"',
            "",
            "'saturating' of interphase growth needs 'Interphase saturation thickness",
        ),
        (
            "",
            '["Interphase saturation thickness [m]"]\nvalue = 1e-7\nsource = "mine"\n',
            "belongs to the law 'saturating' of interphase growth, which follows 'passivating' here",
        ),
    ],
)
def test_laws_that_make_no_sense_are_refused_in_words(tmp_path, laws, more, words):
    with pytest.raises(ParameterError, match=words):
        twin.load_cell(own_cell(tmp_path, laws, more))


def test_a_symmetric_cell_has_no_law_of_a_cathode():
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    with pytest.raises(ParameterError, match="capacity fade"):
        cell.following({"capacity fade": "by time"})


def test_a_law_is_followed_by_call_with_its_parameters():
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    with pytest.raises(ParameterError, match="needs 'Interphase saturation thickness"):
        cell.following({"interphase growth": "saturating"})
    scale = {names.SATURATION_THICKNESS: Parameter(1e-7, "test", "pairs/Li_LGPS")}
    assert cell.following({"interphase growth": "saturating"}, scale).values[names.SATURATION_THICKNESS]


def test_the_first_law_of_each_mechanism_is_the_default_and_has_no_parameters_of_its_own():
    assert all(not LAWS[mechanism][law] for mechanism, law in DEFAULTS.items())


def test_a_saturating_interphase_ends_at_its_thickness():
    """dL/dt = k (1 - L/L_s): L_s [1 - exp(-k t/L_s)], bare."""
    thickness, rate = 5e-8, 1e-13
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric").following(
        {"interphase growth": "saturating"},
        {names.SATURATION_THICKNESS: Parameter(thickness, "test", "pairs/Li_LGPS")},
    )
    run = twin.simulate(
        cell.replace({names.GROWTH_RATE: rate}), twin.Protocol(["Rest for 100 hours"], 3)
    )
    hours = run["time"].values[-1]
    reached = run["interphase_thickness"].isel(cycle=-1).values
    expected = thickness * -(np.expm1(-rate * hours * 3600 / thickness))
    assert reached == pytest.approx(expected, rel=2e-3)


def test_pybamms_options_name_the_laws():
    model = twin.SolidStateCell(options={"capacity fade": "by potential"})
    assert model.options["capacity fade"] == "by potential"
    with pytest.raises(pybamm.OptionError, match="'capacity fade' must be one of"):
        twin.SolidStateCell(options={"capacity fade": "sometimes"})


def test_shipped_parts_follow_known_laws():
    laws = twin.load_cell("Chang2023_Li_LGPS_LCO").laws
    assert laws["cathode diffusion"] == "lognormal time constants"
    assert laws["capacity fade"] == "by potential"
    assert laws["interface area"] == "isolated by stripping"
