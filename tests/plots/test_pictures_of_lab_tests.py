"""The pictures of laboratory tests say what the Datasets hold."""

import numpy as np
import pytest
from made_up import (
    forecast_of_kinds,
    pulses,
    ramp,
    ramp_forecast,
    ramp_series,
    run_of_kinds,
)

import twin
from twin import plots
from twin.errors import DatasetError


def legend_texts(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_ramp_runs_on_from_cycle_to_cycle_and_shades_the_short():
    upper, lower = plots.current_ramp(ramp_series(), ramp()).axes
    assert upper.lines[0].get_xdata().tolist() == [0, 2, 4, 5, 6]
    assert upper.lines[0].get_ydata() == pytest.approx([10, -10, 20, 5, -5])  # mV
    assert lower.lines[0].get_ydata() == pytest.approx([1, -1, 3, 3, -3])  # mA/cm2, charging
    assert legend_texts(upper) == ["short at 3 mA/cm²"]
    assert upper.patches[0].get_extents().width == pytest.approx(
        upper.transData.transform([[6, 0]])[0, 0] - upper.transData.transform([[4, 0]])[0, 0]
    )


def test_a_ramp_without_a_short_marks_none():
    without = ramp().assign(short_circuit_onset_cycle=np.nan)
    upper, _ = plots.current_ramp(ramp_series(), without).axes
    assert upper.get_legend() is None
    assert not plots.plating_curve(without).axes[0].texts


def test_a_series_of_cycles_that_the_run_has_not_is_refused():
    with pytest.raises(DatasetError, match="has the cycle 3"):
        plots.current_ramp(ramp_series(), ramp().sel(cycle=[1, 2]))


def test_the_chance_of_a_short_rises_with_the_current():
    line = plots.short_by_current(ramp_forecast()).lines[0]
    assert line.get_xdata() == pytest.approx([1, 2, 3])  # mA/cm2
    assert line.get_ydata() == pytest.approx([0, 25, 50])


def test_plating_counts_the_charge_up_to_its_short():
    upper, lower = plots.plating_curve(ramp()).axes
    assert upper.lines[0].get_xdata().tolist() == [2, 6, 12]
    assert upper.texts[0].get_text() == "short after 12 mAh/cm²"
    assert lower.lines[0].get_ydata() == pytest.approx([0, 0, 60])


def test_each_rate_has_its_group_and_its_name():
    axes = plots.rate_capability(run_of_kinds())
    assert [text.get_text() for text in axes.texts] == ["0.1C", "1C", "back at\n0.1C"]
    assert [line.get_ydata().tolist() for line in axes.lines] == [[130, 130], [60, 59], [128]]


def test_a_forecast_has_bars_over_the_draws_that_answer():
    axes = plots.rate_capability(forecast_of_kinds())
    low, middle, high = 130 * np.quantile(np.linspace(0.8, 0.99, 20), [0.05, 0.5, 0.95])
    assert axes.containers[0].lines[0].get_ydata()[0] == pytest.approx(middle)
    bar = axes.containers[0].lines[2][0].get_segments()[0]
    assert bar[:, 1] == pytest.approx([low, high])


def test_kinds_of_cycles_are_told_apart():
    axes = plots.check_up_capacity(run_of_kinds())
    assert legend_texts(axes) == ["0.1C", "1C", "back at 0.1C"]
    assert axes.lines[1].get_xdata().tolist() == [3, 4]


def test_storage_counts_days_and_shows_the_check_ups_alone():
    axes = plots.storage_retention(run_of_kinds(), kind="1C")
    assert axes.lines[0].get_xdata().tolist() == [20, 30]
    assert axes.lines[0].get_ydata() == pytest.approx([100, 98])
    with pytest.raises(DatasetError, match=r"'check-up' is not a kind of its cycles.*0\.1C, 1C"):
        plots.storage_retention(run_of_kinds())


def test_pulses_are_told_apart_by_their_direction():
    axes = plots.pulse_resistances(pulses())
    assert len(legend_texts(axes)) == 4
    assert axes.get_yscale() == "log"
    assert axes.lines[0].get_ydata()[0] == pytest.approx(0.03 / 0.9 * 1e4)  # Ohm cm2
    one_way = plots.pulse_resistances(pulses().isel(pulse=slice(0, None, 2)))
    assert len(legend_texts(one_way)) == 2


def test_pictures_of_foreign_data_are_refused():
    for draw in (
        plots.short_by_current, plots.plating_curve, plots.rate_capability, plots.check_up_capacity,
        plots.storage_retention, plots.pulse_resistances,
    ):  # fmt: skip
        with pytest.raises(DatasetError):
            draw(twin.critical_current(ramp()))
