"""How far equal cells differ: what the file must say, and what it says of the repeated cells."""

import math

import numpy as np
import pytest
from measured.folders import change, copy_of

import twin
from twin.errors import ObservationError
from twin.measured.spread import ASSUMED, read_curve_spreads, read_spread

LIFETIME = '[observable."lifetime"]\nscatter = 0.02\ncell = 0.20\n'


def test_spread_of_capacities_is_that_of_the_repeated_cells():
    """C20 to C22 and C40 to C42 are two cells of one stack."""
    rows = {row.id: row.value for row in twin.read_rows("Chang2023")}
    ratios = [math.log(rows[f"C4{k}"] / rows[f"C2{k}"]) for k in range(3)]
    expected = math.sqrt(np.mean(np.square(ratios))) / math.sqrt(2)
    observables, parameters = read_spread("Chang2023")
    assert observables["discharge capacity"].cell == pytest.approx(expected, abs=5e-4)
    assert parameters["Cathode utilisation"] == observables["discharge capacity"].cell


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scatter = 0.02", "scatter = -0.02", "'lifetime' needs a finite number from 0 to 5"),
        ("scatter = 0.02", "scatter = 0", "'lifetime' needs a scatter of more than 0"),
        (
            "scatter = 0.02",
            "scatter = nan",
            "needs a finite number from 0 to 5 under 'scatter', not nan",
        ),
        ("scatter = 0.02", "scatter = inf", "needs a finite number"),
        ("scatter = 0.02", "scatter = 20", "needs a finite number from 0 to 5 under 'scatter', not 20"),
        ("scatter = 0.02", f"scatter = {'9' * 400}", "needs a finite number"),
        ("scatter = 0.02", "scatter = true", "needs a number under 'scatter', not True"),
        ("scatter = 0.02", 'scatter = "0.02"', "needs a number under 'scatter', not '0.02'"),
        ("scatter = 0.02", "scatter = [0.02]", "needs a number under 'scatter'"),
        ("scatter = 0.02\n", "", "'lifetime' has no 'scatter'"),
        ("cell = 0.20\n", "", "'lifetime' has no 'cell'"),
        ("cell = 0.20\n", "cell = 0.20\npoints = 1\n", "needs true or false under 'points', not 1"),
        ("cell = 0.20\n", "cell = 0.20\nscater = 1\n", "did you mean 'scatter'"),
    ],
)
def test_spreads_that_cannot_be_read_name_file_and_line(old, new, message, tmp_path):
    folder = copy_of("Chang2023", tmp_path)
    change(folder / "spread.toml", LIFETIME, LIFETIME.replace(old, new))
    with pytest.raises(ObservationError, match=message) as raised:
        read_spread(folder)
    assert f"{folder / 'spread.toml'}, line 49: 'lifetime'" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('source = "assumed: as the cell overpotential"\n', "", "has no 'source'"),
        ("ln_sd = 0.062", "ln_sd = -0.062", "needs a finite number from 0 to 5 under 'ln_sd'"),
        ("ln_sd = 0.062", "sd = 0.062", "'sd' is not one that is read"),
        ('[parameter."Cathode utilisation"]', "[parameters.x]", "did you mean 'parameter'"),
        ('[observable."discharge capacity"]', "[observable]", "'scatter' must be|under 'scatter'"),
    ],
)
def test_tables_that_cannot_be_read_name_the_file(old, new, message, tmp_path):
    folder = copy_of("Chang2023", tmp_path)
    change(folder / "spread.toml", old, new)
    with pytest.raises(ObservationError, match=message) as raised:
        read_spread(folder)
    assert str(folder / "spread.toml") in str(raised.value)


@pytest.mark.parametrize(
    "text", ["", "observable = 3\n[parameter]\n", "[observable]\n", "[parameter]\n"]
)
def test_both_tables_are_needed(text, tmp_path):
    folder = copy_of("Chang2023", tmp_path)
    (folder / "spread.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ObservationError, match="needs a table"):
        read_spread(folder)


# --- curves ------------------------------------------------------------------------------------------
def with_curves(tmp_path, text):
    folder = copy_of("Luo2021", tmp_path)
    path = folder / "spread.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return folder


def test_curves_err_as_assumed_where_nobody_says():
    assert read_curve_spreads("Luo2021") == ASSUMED


def test_a_curve_errs_as_the_file_says_and_else_as_assumed(tmp_path):
    said = '[curves.discharge_capacity]\nscatter = 0.02\nlength = 40\nsource = "three cells"\n'
    spreads = read_curve_spreads(with_curves(tmp_path, said))
    own, assumed = spreads["discharge_capacity"], ASSUMED["discharge_capacity"]
    assert (own.scatter, own.length) == (0.02, 40)
    assert (own.noise, own.cell) == (assumed.noise, assumed.cell)
    assert spreads["coulombic_efficiency"] == ASSUMED["coulombic_efficiency"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("scatter = 0.02\n", "has no 'source'"),
        ('noise = 0\nsource = "x"\n', "needs a noise and a length of more than 0"),
        ('length = 0\nsource = "x"\n', "needs a noise and a length of more than 0"),
        ('length = inf\nsource = "x"\n', "needs a finite number"),
        ('scater = 0.1\nsource = "x"\n', "did you mean 'scatter'"),
    ],
)
def test_curves_that_cannot_be_read_name_file_and_line(said, message, tmp_path):
    folder = with_curves(tmp_path, f"[curves.discharge_capacity]\n{said}")
    with pytest.raises(ObservationError, match=message) as raised:
        read_curve_spreads(folder)
    assert f"{folder / 'spread.toml'}, line" in str(raised.value)


def test_a_curve_that_no_run_has_is_answered_with_the_nearest(tmp_path):
    folder = with_curves(tmp_path, '[curves.discharge_capacty]\nscatter = 0.1\nsource = "x"\n')
    with pytest.raises(ObservationError, match="did you mean 'discharge_capacity'"):
        read_curve_spreads(folder)
