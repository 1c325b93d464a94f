"""What drives an answer: known drivers are found, noise is called noise, priors are called priors."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import ObservationError

NAMES = [f"part: Parameter {letter} [m]" for letter in "ABCD"]


def study(points=60, per_point=2, seed=0, cells=1) -> xr.Dataset:
    """Onset falls with A, which the rows inform, and with D, which differs from cell to cell."""
    generator = np.random.default_rng(seed)
    values = np.repeat(np.exp(generator.standard_normal((points, 4))), per_point, axis=0)
    draws = points * per_point
    values[:, 3] = np.exp(0.7 * generator.standard_normal(draws))
    onset = 200 / values[:, 0] / values[:, 3] ** 0.7 * np.ones((cells, 1))
    onset = np.where(onset > 800, np.nan, onset)
    return xr.Dataset(
        {
            "short_circuit_onset_cycle": (("point", "draw"), onset),
            "outcome": (("point", "draw"), np.where(np.isnan(onset), "completed", "soft_short")),
            "parameter_value": (("draw", "parameter"), values),
            "parameter_informed": ("parameter", [0.9, 0.9, 0.1, 0.2]),
            "parameter_cell_share": ("parameter", [0.0, 0.0, 0.0, 0.8]),
            "parameter_source": ("parameter", ["fitted", "fitted", "assumed", "assumed"]),
        },
        coords={"draw": np.arange(draws), "parameter": NAMES},
        attrs={"cell": "made up", "effective_draws": 30.0},
    )


def test_the_driver_leads_with_its_sign_and_basis():
    found = twin.sensitivity(study())
    own = found.sel(quantity="short_circuit_onset_cycle")
    assert own["parameter"].values[0] == NAMES[0]
    assert float(own["rank_correlation"][0]) < -0.6
    assert found["basis"].sel(parameter=NAMES).values.tolist() == [
        "measured rows", "measured rows", "prior", "cell to cell",
    ]  # fmt: skip
    assert found["units"].values.tolist() == ["m"] * 4
    low, middle, high = (own[f"rank_correlation{edge}"].values for edge in ("_low", "", "_high"))
    assert (low <= middle + 1e-12).all()
    assert (middle <= high + 1e-12).all()


def test_what_has_no_influence_stays_within_the_noise():
    own = twin.sensitivity(study()).sel(quantity="short_circuit_onset_cycle")
    noise = float(own["noise_level"])
    strength = np.abs(own["rank_correlation"]).sel(parameter=NAMES)
    assert (strength.sel(parameter=[NAMES[0], NAMES[3]]) > noise).all()
    assert (strength.sel(parameter=NAMES[1:3]) < noise).all()


def test_repeated_draws_are_no_new_evidence():
    """The same twelve points ten times over: the intervals stay as wide, the noise as high."""
    few, many = (twin.sensitivity(study(points=12, per_point=n)) for n in (2, 20))
    assert few.attrs["distinct_draws"] == many.attrs["distinct_draws"] == 12
    widths = [
        float((f["rank_correlation_high"] - f["rank_correlation_low"]).sel(parameter=NAMES[1]).squeeze())
        for f in (few, many)
    ]
    assert widths[1] > 0.6 * widths[0]  # were draws evidence, ten times as many would leave a third
    assert float(many["noise_level"].squeeze()) > 0.4


def test_families_that_were_fitted_apart_count_their_own_points():
    """B and C have twelve points of one family, A differs in every draw: C drives, B only tags along."""
    generator = np.random.default_rng(3)
    data = study(points=240, per_point=1)
    points = np.exp(generator.standard_normal((12, 2)))[generator.integers(12, size=240)]
    data["parameter_value"].values[:, 1:3] = points
    data["short_circuit_onset_cycle"][0] = (
        100 / points[:, 1] * np.exp(0.1 * generator.standard_normal(240))
    )
    own = twin.sensitivity(data).sel(quantity="short_circuit_onset_cycle")
    width = (own["rank_correlation_high"] - own["rank_correlation_low"]).sel(parameter=NAMES)
    assert own.attrs["distinct_draws"] == 12
    assert float(width[0]) < 0.3  # 240 points: 3.3 / sqrt(240) = 0.21
    assert float(width[1]) > 0.5  # twelve: 3.3 / sqrt(12) = 0.95


def test_an_event_that_never_comes_ranks_last_and_is_not_lost():
    data = study()
    own = twin.sensitivity(data).sel(quantity="short_circuit_onset_cycle", parameter=NAMES[0])
    onset = data["short_circuit_onset_cycle"].fillna(1e9).values[0]
    from scipy.stats import spearmanr

    wanted = spearmanr(onset, data["parameter_value"].sel(parameter=NAMES[0])).statistic
    assert float(own["rank_correlation"]) == pytest.approx(wanted)


def test_the_points_of_a_study_are_averaged():
    one, three = (
        twin.sensitivity(study(cells=n)).sel(quantity="short_circuit_onset_cycle") for n in (1, 3)
    )
    np.testing.assert_allclose(one["rank_correlation"], three["rank_correlation"])


def test_draws_without_an_answer_say_nothing():
    data = study()
    spoiled = data.copy(deep=True)
    spoiled["short_circuit_onset_cycle"][0, :10] = 1.0
    spoiled["outcome"] = data["outcome"].astype("<U20").copy()
    spoiled["outcome"][0, :10] = "infeasible"
    found, plain = (
        twin.sensitivity(d).sel(quantity="short_circuit_onset_cycle", parameter=NAMES[0])
        for d in (spoiled, data)
    )
    assert float(found["rank_correlation"]) == pytest.approx(float(plain["rank_correlation"]), abs=0.1)


def test_it_says_why_there_is_no_answer():
    with pytest.raises(ObservationError, match="compute it again"):
        twin.sensitivity(study().drop_vars("parameter_value"))
    with pytest.raises(ObservationError, match="2 distinct draws"):
        twin.sensitivity(study(points=2))
    same = study()
    same["short_circuit_onset_cycle"][:] = 100.0
    with pytest.raises(ObservationError, match="every draw gives the same answer"):
        twin.sensitivity(same)
