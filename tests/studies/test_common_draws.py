"""All points of a study run on the same draws, of the fit or, where nobody fitted, of the priors."""

import pytest

import twin
from twin.errors import ArgumentError, FittedSetError, StudyError
from twin.fitting.draws import load_draws
from twin.studies.common_draws import common_draws


def test_the_same_seed_gives_the_same_draws():
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    first, again, other = (common_draws(cell, 3, seed, "fit").factors for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_draws_of_the_fit_are_worth_what_its_chains_are(full):
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    fitted = common_draws(cell, 3, 0, "fit")
    assert fitted.effective == load_draws(cell).attrs["effective_draws"] > 3
    priors = common_draws(full, 3, 0, "priors")
    assert priors.effective == 3
    assert (priors.parameters["parameter_informed"] == 0).all()


def test_what_cannot_be_drawn_is_refused(full):
    with pytest.raises(FittedSetError, match="no fitted"):
        common_draws(full, 3, 0, "fit")
    with pytest.raises(StudyError, match="'air' is not what draws are taken from"):
        common_draws(full, 3, 0, "air")
    with pytest.raises(ArgumentError, match="draws must be"):
        common_draws(full, 0, 0, "priors")
    with pytest.raises(ArgumentError, match="seed must be"):
        common_draws(full, 3, -1, "priors")
