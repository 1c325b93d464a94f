"""What every picture keeps: labelled axes, legible text that does not overlap, files that are whole."""

import itertools

import made_up
import made_up_fit
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from twin import plots

SMALLEST_TEXT = 7.5
"""[points] at the size saved."""


def run_of_two_interfaces() -> xr.Dataset:
    cycle = np.arange(1, 101)
    thickness = np.sqrt(cycle)[:, None] * np.array([10e-9, 12e-9])
    resistance = np.stack([np.full(100, 3e-3), 1e-3 * np.sqrt(cycle), np.zeros(100)], axis=1)
    return xr.Dataset(
        {
            "resistance": (("cycle", "mechanism"), resistance, {"units": "Ohm m2"}),
            "interphase_thickness": (
                ("cycle", "interface"), thickness, {"units": "m", "long_name": "Interphase thickness"},
            ),
            "filament_depth": (
                ("cycle", "interface"), thickness * 3, {"units": "m", "long_name": "Filament depth"},
            ),
            "coating_damage": (
                ("cycle", "interface"), np.zeros((100, 2)), {"units": "1", "long_name": "Damage"},
            ),
        },
        coords={
            "cycle": cycle,
            "mechanism": ["separator", "sacrificial_layer", "coating"],
            "interface": ["negative", "positive"],
        },
    )  # fmt: skip


def summary() -> xr.Dataset:
    cycle = np.arange(1, 101)
    fan = 1 - np.array([[0.003], [0.002], [0.001]]) * cycle
    return xr.Dataset(
        {
            "capacity_retention": (("quantile", "cycle"), fan),
            "short_circuit_probability": ("cycle", (cycle > 60) * 0.4),
            "alive": ("cycle", 1 - (cycle > 60) * 0.4),
        },
        coords={"quantile": [0.05, 0.5, 0.95], "cycle": cycle},
    )


def sensitivity() -> xr.Dataset:
    names = [f"pairs/Li_LGPS: A rather long name of parameter number {n} [m2.C-1]" for n in range(20)]
    middle = np.linspace(-0.8, 0.8, 20)[None, :]
    return xr.Dataset(
        {
            "rank_correlation": (("quantity", "parameter"), middle),
            "rank_correlation_low": (("quantity", "parameter"), middle - 0.1),
            "rank_correlation_high": (("quantity", "parameter"), middle + 0.1),
            "noise_level": ("quantity", [0.3]),
            "basis": ("parameter", (["measured rows", "prior", "cell to cell"] * 7)[:20]),
        },
        coords={"quantity": ["capacity_retention"], "parameter": names},
    )


def with_long_names(result: xr.Dataset) -> xr.Dataset:
    for name in ("charge_time", "capacity_retention"):
        result[name].attrs |= {"long_name": "Some quantity that takes many words", "goal": "minimise"}
    return result


PICTURES = {
    "retention_fan": lambda: plots.retention_fan(summary()),
    "retention_line": lambda: plots.retention_line(summary()),
    "measured_points": lambda: plots.measured_points(
        [(50, 90.0)], axes=plots.retention_fan(summary()), colour="black"
    ),
    "narrowing": lambda: plots.narrowing(made_up.history(), happened=723.0),
    "alive_curve": lambda: plots.alive_curve(summary()),
    "short_probability": lambda: plots.short_probability(summary()),
    "survival_curve": lambda: plots.survival_curve(summary()),
    "forecast_figure": lambda: plots.forecast_figure(
        {"coated": summary(), "bare": summary()}, {"coated": [(100, 85.0)]}, "A title"
    ),
    "voltage_curves": lambda: plots.voltage_curves(made_up.series()),
    "current_ramp": lambda: plots.current_ramp(made_up.ramp_series(), made_up.ramp()),
    "short_by_current": lambda: plots.short_by_current(made_up.ramp_forecast()),
    "plating_curve": lambda: plots.plating_curve(made_up.ramp()),
    "rate_capability": lambda: plots.rate_capability(made_up.forecast_of_kinds()),
    "check_up_capacity": lambda: plots.check_up_capacity(made_up.run_of_kinds()),
    "storage_retention": lambda: plots.storage_retention(made_up.run_of_kinds(), kind="1C"),
    "pulse_resistances": lambda: plots.pulse_resistances(made_up.pulses()),
    "resistance_breakdown": lambda: plots.resistance_breakdown(run_of_two_interfaces()),
    "interface_states": lambda: plots.interface_states(run_of_two_interfaces()),
    "onset_map": lambda: plots.onset_map(made_up.study(), "thickness", "current"),
    "what_if_lines": lambda: plots.what_if_lines(
        made_up.study(), "thickness", variable="short_circuit_onset_cycle", by="current"
    ),
    "nyquist": lambda: plots.nyquist(made_up.spectra(), measured=made_up.spectra()),
    "measurements": lambda: plots.measurements(made_up.measured_series()),
    "predicted_against_measured": lambda: plots.predicted_against_measured(made_up.validation_table()),
    "validation_figure": lambda: plots.validation_figure(made_up.validation_table()),
    "prior_posterior": lambda: plots.prior_posterior(made_up_fit.fit()),
    "traded_pairs": lambda: plots.traded_pairs(made_up_fit.fit()),
    "predictive_checks": lambda: plots.predictive_checks(made_up_fit.fit()),
    "pareto_front": lambda: plots.pareto_front(with_long_names(made_up.search())),
    "sensitivity_bars": lambda: plots.sensitivity_bars(sensitivity()),
}
NOT_PICTURES = {
    "Drawn", "KINDS", "save_figure", "data_uri", "study_figures", "answers_of", "STUDY_PICTURES",
    "fit_figures", "FIT_PICTURES",
}  # fmt: skip
OF_TWO_PANELS = ("forecast_figure", "current_ramp", "plating_curve", "measurements")
"""The upper panel shares the axis of the lower one."""
OF_NAMED_ROWS = ("validation_figure", "sensitivity_bars", "prior_posterior", "predictive_checks")
"""The names beside the vertical axis are its label."""
UNIT_ELSEWHERE = {"predicted_against_measured": "title", "interface_states": "ylabel alone"}
"""Small panels: the name stands in the title."""


def test_every_picture_is_under_this_contract():
    assert set(plots.__all__) == set(PICTURES) | NOT_PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_axes_are_labelled_and_text_is_legible(name):
    picture = PICTURES[name]()
    figure = picture if isinstance(picture, Figure) else picture.figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    assert figure.axes
    for axes in figure.axes:
        if name not in UNIT_ELSEWHERE and axes.get_label() != "<colorbar>":
            shared_above = name in OF_TWO_PANELS and axes is figure.axes[0]
            named_rows = name in OF_NAMED_ROWS
            assert axes.get_xlabel() or shared_above
            assert axes.get_ylabel() or named_rows
        if name == "predicted_against_measured":
            assert " / " in axes.get_title()
        for axis in (axes.xaxis, axes.yaxis):
            shown = [
                label for label in axis.get_ticklabels()
                if label.get_visible() and label.get_text() and axis.get_visible()
            ]  # fmt: skip
            inside = [label for label in shown if _within(label, axis, axes)]
            assert all(label.get_fontsize() >= SMALLEST_TEXT for label in inside)
            boxes = [label.get_window_extent(renderer) for label in inside]
            assert not any(a.overlaps(b) for a, b in itertools.pairwise(boxes)), f"{name}: {inside}"
        labels = [axes.xaxis.label, axes.yaxis.label, axes.title, axes._left_title]
        for label in labels:
            if label.get_text():
                box = label.get_window_extent(renderer)
                assert figure.bbox.contains(box.x0 + 1, box.y0 + 1), label.get_text()
                assert figure.bbox.contains(box.x1 - 1, box.y1 - 1), label.get_text()
        for text in axes.texts:
            assert text.get_fontsize() >= SMALLEST_TEXT


def _within(label, axis, axes) -> bool:
    """Ticks beyond the limits are not drawn."""
    place = label.get_position()[0 if axis is axes.xaxis else 1]
    low, high = sorted(axes.get_xlim() if axis is axes.xaxis else axes.get_ylim())
    return low <= place <= high


@pytest.mark.parametrize("name", ["onset_map", "predicted_against_measured"])
def test_both_files_are_written_and_alike_each_time(name, tmp_path):
    first, second = (
        picture if isinstance(picture, Figure) else picture.figure
        for picture in (PICTURES[name](), PICTURES[name]())
    )
    written = plots.save_figure(first, tmp_path / "picture.png")
    assert [path.name for path in written] == ["picture.png", "picture.svg"]
    assert written[0].read_bytes().startswith(b"\x89PNG")
    again = plots.save_figure(second, tmp_path / "again")
    assert again[1].read_bytes() == written[1].read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {
        "picture.png", "picture.svg", "again.png", "again.svg",
    }  # fmt: skip


def test_a_figure_that_cannot_be_drawn_leaves_no_file(tmp_path):
    figure, axes = plt.subplots()
    axes.set_title("$\\nonsense$")
    with pytest.raises(ValueError, match="nonsense"):
        plots.save_figure(figure, tmp_path / "broken")
    assert list(tmp_path.iterdir()) == []
