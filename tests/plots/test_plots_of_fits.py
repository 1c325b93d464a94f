"""Pictures of a fit show what its file says: parameters, pairs, and rows."""

import made_up_fit
import matplotlib.pyplot as plt
import numpy as np
import pytest

import twin
from twin import plots
from twin.errors import DatasetError

FULL_WIDTH = 2 * 1.645
"""Standard deviations between a normal's 5 and 95 %."""


@pytest.fixture(scope="module")
def fit():
    return made_up_fit.fit()


def bars(axes, place):
    """Both ends of each bar of a set of horizontal lines, (bar, end)."""
    return np.array([segment[:, 0] for segment in axes.collections[place].get_segments()])


def test_the_best_told_parameter_stands_above_with_how_much_is_told(fit):
    axes = plots.prior_posterior(fit)
    labels = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert labels[::-1] == [
        "Growth rate (one)", "Growth rate (two)", "A rather long name of some resistance", "Never told",
    ]  # fmt: skip
    shares = [text.get_text() for text in axes.texts]
    assert shares[:4] == ["0 %", "20 %", "50 %", "80 %"]


def test_bars_span_the_prior_and_the_posterior_in_prior_deviations(fit):
    axes = plots.prior_posterior(fit)
    assert np.ptp(bars(axes, 0), axis=1) == pytest.approx(FULL_WIDTH, rel=1e-3)
    # quantiles of 800 draws err by about a tenth of a deviation
    posterior = np.ptp(bars(axes, 1), axis=1)
    assert posterior == pytest.approx(FULL_WIDTH * made_up_fit.WIDTHS[::-1], rel=0.1)


def test_pairs_come_closest_first_and_those_that_trade_off_stand_out(fit):
    figure = plots.traded_pairs(fit)
    titles = [axes.title for axes in figure.axes]
    assert len(titles) == 4
    first = float(titles[0].get_text().removeprefix("rank correlation "))
    # of a normal, (6 / pi) asin(r / 2); 800 draws know it to about 0.01
    assert first == pytest.approx(6 / np.pi * np.arcsin(made_up_fit.CORRELATION / 2), abs=0.03)
    assert [title.get_fontweight() for title in titles] == ["bold", "normal", "normal", "normal"]
    assert figure.get_suptitle().startswith("1 pair trades off")


def test_where_no_pair_trades_off_the_picture_says_so(fit):
    independent = fit.copy(deep=True)
    value = independent["posterior"]["value"]
    value.values[..., 1] = np.random.default_rng(1).permuted(value.values[..., 1])
    figure = plots.traded_pairs(independent)
    assert figure.get_suptitle().startswith("No pairs trade off")
    one = fit.isel(parameter=[0])
    with pytest.raises(DatasetError, match="a pair needs two parameters"):
        plots.traded_pairs(one)


def test_each_row_is_compared_in_its_own_unit_and_what_pulls_is_marked(fit):
    upper, lower = plots.predictive_checks(fit).axes
    labels = [label.get_text() for label in (*upper.get_yticklabels(), *lower.get_yticklabels())]
    assert labels == [
        "C  lifetime, >1500 h", "B  overpotential, 0.002 V", "A  capacity, 10 mAh/g",
        "E  ce, 80 %", "D  retention, 95 %",
    ]  # fmt: skip
    assert "Predicted / measured" in upper.get_xlabel()
    assert "points" in lower.get_xlabel()
    assert np.log(bars(upper, 1)).mean(axis=1) == pytest.approx(0, abs=0.02)
    assert np.ptp(np.log(bars(upper, 1)), axis=1) == pytest.approx(0.05 * FULL_WIDTH, rel=0.2)
    assert np.ptp(bars(lower, 1), axis=1) == pytest.approx(5 * FULL_WIDTH, rel=0.2)
    marks = {line.get_label(): line for axes in (upper, lower) for line in axes.lines}
    (pulling,) = [line for label, line in marks.items() if label.startswith("pulls")]
    assert pulling.get_ydata().tolist() == [1]  # the upper of two rows: D


def test_what_lies_beyond_the_axis_stands_at_its_edge(fit):
    far = fit.copy(deep=True)
    far["posterior_predictive"]["prediction"].values[..., 0] *= 1e6
    upper, _ = plots.predictive_checks(far).axes
    assert bars(upper, 1)[-1].tolist() == [upper.get_xlim()[1]] * 2


@pytest.mark.parametrize("family", ["Chang2023", "Liu2018", "Luo2021", "Duan2023"])
@pytest.mark.parametrize("picture", ["prior_posterior", "traded_pairs", "predictive_checks"])
def test_a_shipped_fit_is_drawn_from_its_file(family, picture):
    fit = twin.load_groups(made_up_fit.shipped(family))
    drawn = getattr(plots, picture)(fit)
    whole = drawn if isinstance(drawn, plt.Figure) else drawn.figure
    whole.canvas.draw()
    assert whole.axes


@pytest.mark.parametrize(
    ("picture", "missing"),
    [
        ("prior_posterior", "prior_distribution"),
        ("traded_pairs", "posterior"),
        ("predictive_checks", "observed_data"),
    ],
)
def test_what_a_file_lacks_is_said(fit, picture, missing):
    older = fit.copy()
    del older[missing]
    with pytest.raises(DatasetError, match=f"no group '{missing}'.*twin fit"):
        getattr(plots, picture)(older)
    with pytest.raises(DatasetError, match=r"a fit is an xarray\.DataTree"):
        getattr(plots, picture)(fit.to_dataset())
