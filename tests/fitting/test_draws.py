"""Draws of a fit: what they multiply, how equal cells differ on top, which random numbers are common."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import FittedSetError
from twin.fitting.draws import (
    drawn_cells,
    drawn_factors,
    drawn_parameters,
    load_draws,
    prior_factors,
    scaled,
)
from twin.fitting.family import family_of
from twin.measured.spread import read_spread
from twin.parameter_sets import load_cell

GROWTH, FADE = "Interphase growth rate [m.s-1]", "Calendar fade rate [s-1]"
SPREAD = read_spread("Chang2023")[1]
"""ln standard deviation of the parameters in which equal cells of Chang2023 differ."""


@pytest.fixture(scope="module")
def cell():
    return load_cell("Chang2023_LiAlO2_LGPS_LCO")


@pytest.fixture(scope="module")
def draws(cell):
    """Ten draws of two parameters, each n + 1 tenths of its optimum and the other's square."""
    ratio = np.arange(1, 11) / 10
    optimum = np.array([2e-13, 3e-9])
    return xr.Dataset(
        {
            "value": (("draw", "parameter"), np.column_stack([ratio, ratio**2]) * optimum),
            "optimum": ("parameter", optimum),
            "informed": ("parameter", [0.8, 0.3]),
        },
        coords={"draw": np.arange(10), "parameter": [cell.label(GROWTH), cell.label(FADE)]},
        attrs={"paper": "Chang2023"},
    )


def of_the_fit(cell, draws, count, seed=0):
    """Factors (draw,) of the two fitted parameters, without the spread between cells."""
    factors = drawn_factors(cell, draws, count, seed, cell_to_cell=False)
    assert all(set(one) == {GROWTH, FADE} for one in factors)
    return np.array([[one[GROWTH], one[FADE]] for one in factors]).T


# --- draws of the fit --------------------------------------------------------------------------------
def test_a_draw_multiplies_by_what_it_is_of_the_optimum(cell, draws):
    growth, fade = of_the_fit(cell, draws, 10)
    assert np.sort(growth) == pytest.approx(np.arange(1, 11) / 10)
    # parameters of one draw stay together
    assert fade == pytest.approx(growth**2)


def test_no_draw_comes_twice_while_there_are_enough(cell, draws):
    for count in (1, 7, 10):
        assert len(np.unique(of_the_fit(cell, draws, count)[0])) == count


def test_more_draws_than_there_are_repeat_them_evenly(cell, draws):
    growth, fade = of_the_fit(cell, draws, 2000)
    assert fade == pytest.approx(growth**2)
    found, counts = np.unique(growth.round(6), return_counts=True)
    assert found == pytest.approx(np.arange(1, 11) / 10)
    # 200 of each, give or take five deviations of a binomial count
    assert np.abs(counts - 200).max() < 5 * np.sqrt(2000 * 0.1 * 0.9)


def test_a_change_of_the_user_is_moved_and_not_overwritten(cell, draws):
    doubled = cell.replace({GROWTH: 2 * cell.values[GROWTH]})
    pairs = zip(drawn_cells(cell, draws, 5, seed=1), drawn_cells(doubled, draws, 5, seed=1), strict=True)
    for one, two in pairs:
        assert two.values[GROWTH] == pytest.approx(2 * one.values[GROWTH])
        assert two.values[FADE] == one.values[FADE]


def test_what_the_cell_does_not_have_is_left_out(draws):
    """A symmetric cell has no cathode that could fade; the interface of its pair it shares."""
    symmetric = load_cell("Chang2023_Li_LGPS_symmetric")
    (factors, *_) = drawn_factors(symmetric, draws, 3, 0, cell_to_cell=False)
    assert set(factors) == {GROWTH}


# --- from cell to cell -------------------------------------------------------------------------------
def test_equal_cells_differ_as_the_spread_says(cell, draws):
    count = 2000
    factors = drawn_factors(cell, draws, count, seed=0)
    assert set(SPREAD) <= set(factors[0])
    for key in set(SPREAD) - {GROWTH, FADE}:
        logarithm = np.log([one[key] for one in factors])
        # five standard errors of a deviation and of a mean
        assert logarithm.std() == pytest.approx(SPREAD[key], rel=5 / np.sqrt(2 * count))
        assert logarithm.mean() == pytest.approx(0, abs=5 * SPREAD[key] / np.sqrt(count))


def test_differences_of_equal_cells_come_on_top_of_the_fit(cell, draws):
    """Where both move a parameter, both factors count."""
    spread = "Cathode utilisation"
    fitted = draws.assign_coords(parameter=[cell.label(GROWTH), cell.label(spread)])
    same = fitted.assign(value=2 * xr.ones_like(fitted["value"]) * fitted["optimum"])
    without = drawn_factors(cell, same, 4, 0, cell_to_cell=False)
    assert [one[spread] for one in without] == pytest.approx([2.0] * 4)
    plain = [one[spread] for one in drawn_factors(cell, draws, 4, 0)]
    assert [one[spread] for one in drawn_factors(cell, same, 4, 0)] == pytest.approx(
        [2 * factor for factor in plain]
    )


# --- common random numbers ---------------------------------------------------------------------------
def test_the_same_seed_draws_the_same_and_another_others(cell, draws):
    assert drawn_factors(cell, draws, 6, 3) == drawn_factors(cell, draws, 6, 3)
    assert drawn_factors(cell, draws, 6, 3) != drawn_factors(cell, draws, 6, 4)


def test_fewer_draws_are_the_first_of_more(cell, draws):
    assert drawn_factors(cell, draws, 3, 5) == drawn_factors(cell, draws, 8, 5)[:3]


def test_cells_of_one_family_differ_by_the_same_numbers(cell, draws):
    """A difference between a coated and a bare cell is not one of luck."""
    bare = load_cell("Chang2023_Li_LGPS_symmetric")
    for one, other in zip(
        drawn_factors(cell, draws, 6, 2), drawn_factors(bare, draws, 6, 2), strict=True
    ):
        shared = set(one) & set(other)
        assert shared >= {GROWTH, "Interface resistance factor", "Filament growth coefficient [m3.C-1]"}
        assert set(other) <= set(bare.parameters)
        assert {key: one[key] for key in shared} == {key: other[key] for key in shared}


# --- priors ------------------------------------------------------------------------------------------
def test_priors_spread_as_they_say(cell):
    count = 2000
    factors = prior_factors(cell, count, seed=0)
    lognormal = {
        key: entry.prior
        for key, entry in cell.parameters.items()
        if entry.prior is not None and entry.prior.distribution == "lognormal"
    }
    assert len(lognormal) > 10
    for key, prior in lognormal.items():
        values = np.array([one[key] for one in factors]) * prior.centre
        # inside the bounds, but for the rounding of a factor
        assert prior.lower * (1 - 1e-12) <= values.min()
        assert values.max() <= prior.upper * (1 + 1e-12)
        # the middle half is cut by no bound: its edges lie 0.674 deviations from the centre
        for share, deviations in ((0.25, -0.6745), (0.5, 0.0), (0.75, 0.6745)):
            expected = prior.from_unit_normal(deviations)
            found = np.quantile(values, share)
            # five standard errors of a quantile, at most 1.4/sqrt(n) deviations each
            assert np.log(found / expected) == pytest.approx(
                0, abs=5 * 1.4 / np.sqrt(count) * np.log(prior.spread)
            )


def test_priors_are_drawn_from_the_seed_alone(cell):
    assert prior_factors(cell, 3, 1) == prior_factors(cell, 3, 1) != prior_factors(cell, 3, 2)


def test_what_no_prior_moves_keeps_its_value(cell):
    (factors,) = prior_factors(cell, 1, 0)
    fixed = {key for key, entry in cell.parameters.items() if entry.prior is None}
    assert fixed
    assert fixed.isdisjoint(factors)
    drawn = scaled(cell, factors)
    assert all(drawn.values[key] == cell.values[key] for key in fixed)
    assert drawn.values != cell.values


# --- what a Dataset says of them ---------------------------------------------------------------------
def test_a_drawn_parameter_says_its_values_and_what_is_known_of_it(cell, draws):
    factors = drawn_factors(cell, draws, 400, 0)
    drawn = drawn_parameters(cell, factors, draws)
    growth = drawn.sel(parameter=cell.label(GROWTH))
    assert growth["parameter_centre"].item() == cell.values[GROWTH]
    assert growth["parameter_value"].values == pytest.approx(
        [one[GROWTH] * cell.values[GROWTH] for one in factors]
    )
    assert growth["parameter_informed"].item() == 0.8
    assert growth["parameter_cell_share"].item() == 0  # all of it is the fit's
    other = drawn.sel(parameter=cell.label("Cathode utilisation"))
    assert other["parameter_informed"].item() == 0  # nobody fitted it here
    # all of it is the spread between cells, as 400 draws show its variance: five standard errors
    assert other["parameter_cell_share"].item() == pytest.approx(1, abs=5 * np.sqrt(2 / 400))


def test_a_parameter_that_both_move_says_how_much_is_between_cells(cell, draws):
    """Of a variance of ln value that the fit and the cells make up together."""
    spread = "Cathode utilisation"
    deviation = 3 * SPREAD[spread]
    ratio = np.exp(deviation * np.array([-1.0, 1.0] * 5))
    fitted = draws.assign_coords(parameter=[cell.label(GROWTH), cell.label(spread)])
    both = fitted.assign(value=fitted["value"].copy(data=np.outer(ratio, fitted["optimum"])))
    drawn = drawn_parameters(cell, drawn_factors(cell, both, 2000, 0), both)
    share = drawn["parameter_cell_share"].sel(parameter=cell.label(spread)).item()
    # one tenth; the variance of 2000 draws is known to five standard errors of 3 %
    assert share == pytest.approx(0.1, rel=5 * np.sqrt(2 / 2000))


def test_what_is_not_drawn_is_not_said(cell, draws):
    drawn = drawn_parameters(cell, drawn_factors(cell, draws, 3, 0), draws)
    keys = {GROWTH, FADE, *SPREAD} & set(cell.parameters)
    assert set(drawn["parameter"].values) == {cell.label(key) for key in keys}


def test_draws_of_priors_are_informed_by_nothing(cell):
    drawn = drawn_parameters(cell, prior_factors(cell, 3, 0), None)
    assert (drawn["parameter_informed"] == 0).all()
    assert (drawn["parameter_cell_share"] == 0).all()


# --- shipped draws -----------------------------------------------------------------------------------
def test_parts_of_two_families_are_drawn_apart():
    """Lithium on LPSCl was fitted with Duan2023's cells, the cathode with Luo2021's."""
    cell = twin.load_cell("Luo2021_Li_LPSCl_NCM622")
    assert set(cell.fitted_sets) == {"Duan2023", "Luo2021"}
    merged = load_draws(cell)
    assert merged.attrs["paper"] == "Luo2021"
    alone = {
        name: load_draws(twin.load_cell(name))
        for name in ("Duan2023_Li_LPSCl_symmetric", "Luo2021_LiIn_LPSCl_NCM622")
    }
    assert merged.attrs["effective_draws"] == min(
        data.attrs["effective_draws"] for data in alone.values()
    )
    whole, shuffled = 0, 0
    for data in alone.values():
        for name in set(data["parameter"].values) & set(merged["parameter"].values):
            own, other = (each["value"].sel(parameter=name).values for each in (data, merged))
            assert np.isin(other, own).all()
            assert len(other) == merged.sizes["draw"] <= len(own)
            # in the order of the fit, though some are left out, and a chain may come back to its first
            places = [int(np.flatnonzero(own == value)[0]) for value in other]
            in_order = bool(np.mean(np.diff(places) >= 0) > 0.95)
            whole += in_order
            shuffled += not in_order
    # one family in its order, the other in another: no draw of one goes with one of the other
    assert whole > 0
    assert shuffled > 0


def test_a_cell_that_nobody_fitted_has_no_draws():
    with pytest.raises(FittedSetError, match="has no fitted parameter set"):
        load_draws(load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False))


def test_cells_that_share_what_no_fit_has_seen_share_its_random_numbers(draws):
    """Without fitted sets all but the two parameters of the fit come from their priors."""
    coated = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    bare = load_cell("Chang2023_Li_LGPS_LCO", fitted=False)
    one, other = (drawn_factors(cell, draws, 5, 3, cell_to_cell=False) for cell in (coated, bare))
    pair = {key for key, entry in bare.parameters.items() if entry.prior and "pairs" in entry.part}
    assert len(pair) == 11
    for mine, theirs in zip(one, other, strict=True):
        assert {key: mine[key] for key in pair} == {key: theirs[key] for key in pair}
    assert len({mine["Void formation charge [C.m-2]"] for mine in one}) == 5


def test_a_cell_belongs_to_the_experiment_that_it_refers_to(cell):
    renamed = dataclasses.replace(cell, name="my_cell")
    for member in ("Chang2023", "Chang2023_Li_LGPS_LCO", cell, renamed):
        assert family_of(member) == "Chang2023"
    with pytest.raises(FittedSetError, match="Nobody2020"):
        family_of("Nobody2020_Li_LGPS")
    with pytest.raises(FittedSetError, match="the reference of my_cell"):
        family_of(dataclasses.replace(renamed, reference="my notebook"))
