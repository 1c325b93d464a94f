"""The posterior of an earlier fit as a prior: its ends, its width, and when it is none."""

import math

import pytest
from measured.folders import copy_of
from own_folder import ROWS, write_folder
from scipy.stats import norm

from twin.fitted_values import FittedValue, shipped_fits
from twin.fitting.earlier_fits import widened_posterior
from twin.fitting.problem import problem_of
from twin.measured.experiment import read_experiment
from twin.measured.rows import read_rows
from twin.measured.spread import read_spread
from twin.parameters import Prior

LOGNORMAL = Prior("lognormal", 1e-9, 1e9, centre=1.0, spread=10.0)
NORMAL = Prior("normal", -10.0, 10.0, centre=0.0, spread=5.0)


def share_below(prior, value):
    return norm.cdf(prior.to_unit_normal(value))


@pytest.mark.parametrize(
    ("stated", "low", "high"), [(LOGNORMAL, 0.2, 40.0), (NORMAL, -1.0, 2.5), (NORMAL, 2.0, 2.2)]
)
def test_the_prior_has_the_ends_of_the_posterior(stated, low, high):
    prior = widened_posterior(FittedValue(1.0, low, high, stated), 0.0)
    assert prior.distribution == stated.distribution
    assert (prior.lower, prior.upper) == (stated.lower, stated.upper)
    assert share_below(prior, low) == pytest.approx(0.05)
    assert share_below(prior, high) == pytest.approx(0.95)


def test_a_uniform_prior_becomes_a_normal_one_inside_its_bounds():
    prior = widened_posterior(FittedValue(1.0, 0.5, 2.0, Prior("uniform", 0.0, 3.0, centre=1.0)), 0.0)
    assert (prior.distribution, prior.lower, prior.upper) == ("normal", 0.0, 3.0)
    assert share_below(prior, 0.5) == pytest.approx(0.05)


def test_variances_of_posterior_and_of_equal_cells_add_up():
    found = FittedValue(1.0, 0.5, 2.0, LOGNORMAL)
    alone, wider = (math.log(widened_posterior(found, spread).spread) for spread in (0.0, 0.3))
    assert wider**2 == pytest.approx(alone**2 + 0.3**2)
    found = FittedValue(3.0, 2.0, 4.0, NORMAL)
    alone, wider = (widened_posterior(found, spread).spread for spread in (0.0, 0.3))
    # around the middle, three, a change of ln value by 0.3 is one of 0.9
    assert wider**2 == pytest.approx(alone**2 + 0.9**2)


def test_shipped_parts_in_an_own_folder_have_the_shipped_fit_as_prior(tmp_path):
    problem = problem_of(write_folder(tmp_path / "lab"))
    (chang,) = (fit for fit in shipped_fits() if fit.name == "Chang2023")
    informed = [s for s in problem.searched if s.earlier]
    assert {s.earlier for s in informed} == {"Chang2023"}
    assert len(informed) >= 10
    spread = read_spread("Chang2023")[1]
    filament = "Filament growth coefficient [m3.C-1]"
    assert spread[filament] > 0
    for searched in informed:
        found = chang.values[searched.name]
        assert searched.stated == found.stated
        assert searched.prior == widened_posterior(found, spread.get(searched.key, 0.0))
    # where its rows told something, the fit knows more than the file
    narrower = [s for s in informed if s.prior.spread < s.stated.spread]
    assert len(narrower) > len(informed) / 2
    (sentence,) = problem.about_priors
    assert sentence == (
        f"Priors of {len(informed)} parameters: the posterior of Chang2023, each for itself, widened by "
        "the spread between equal cells of Chang2023."
    )


def test_the_folder_may_name_the_fits_that_are_priors_or_none(tmp_path):
    for priors, expected in ((["Chang2023"], {"Chang2023"}), ([], set()), (["Luo2021"], set())):
        folder = write_folder(tmp_path / "lab", priors=priors)
        problem = problem_of(folder)
        assert {s.earlier for s in problem.searched if s.earlier} == expected
        if not expected:
            assert problem.about_priors == ()
            cell = read_experiment(folder).cells["mine"]
            assert all(s.prior == cell.parameters[s.key].prior for s in problem.searched)


def test_a_part_whose_file_says_something_else_than_was_fitted_keeps_its_prior(tmp_path):
    """Of a user's own part that is based on a shipped one, only what it takes over has been fitted."""
    folder = write_folder(tmp_path / "lab")
    key = "Filament growth coefficient [m3.C-1]"
    (folder / "Li_LGPS.toml").write_text(
        f'based_on = "Li_LGPS"\n["{key}"]\nvalue = 2e-9\nsource = "mine"\n'
        'prior = { distribution = "lognormal", factor = 3, lower = 1e-12, upper = 1e-6 }\n'
    )
    earlier = {s.key: s.earlier for s in problem_of(folder).searched}
    assert earlier[key] == ""
    assert earlier["Interphase growth rate [m.s-1]"] == "Chang2023"


@pytest.mark.parametrize("paper", ["Chang2023", "Luo2021"])
def test_a_fit_is_no_prior_of_rows_that_it_has_seen(tmp_path, paper):
    for rows, said in ((paper, False), (copy_of(paper, tmp_path), True)):
        problem = problem_of(rows)
        assert not any(s.earlier for s in problem.searched)
        assert bool(problem.about_priors) == said
    assert "would count twice" in problem.about_priors[0]
    assert f"The fit of {paper} is no prior here" in problem.about_priors[0]


def test_one_copied_row_is_enough_to_count_twice(tmp_path):
    seen = next(
        row for row in read_rows("Chang2023")
        if (row.role, row.observable, row.kind) == ("fit", "cell overpotential", "value")
        and not row.settings
    )  # fmt: skip
    line = (
        f'X1,mine,,"{seen.protocol}",,{seen.observable},{seen.value},{seen.unit},value,fit,,,3,,'
        f'"{seen.specimen}"'
    )
    folder = write_folder(tmp_path / "lab", rows=(*ROWS, line))
    protocols = (folder / "protocols.toml").read_text()
    (folder / "protocols.toml").write_text(
        protocols
        + f'\n["{seen.protocol}"]\ncycles = 5\nsteps = ["Discharge at 0.1 mA/cm2 for 1 hour"]\n'
    )
    problem = problem_of(folder)
    assert not any(s.earlier for s in problem.searched)
    assert problem.about_priors[0].startswith(
        "The fit of Chang2023 is no prior here: X1 would count twice"
    )
