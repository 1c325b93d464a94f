"""What the pictures say is what the Datasets hold."""

import made_up
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from test_contract import run_of_two_interfaces, sensitivity, summary

from twin import plots
from twin.errors import DatasetError, ObservationError


def legend_texts(axes_or_figure):
    legends = [axes_or_figure.get_legend()] if hasattr(axes_or_figure, "get_legend") else []
    legends += getattr(axes_or_figure, "legends", [])
    return [text.get_text() for legend in legends if legend for text in legend.get_texts()]


def test_survival_is_what_no_short_has_reached():
    axes = plots.survival_curve(summary())
    assert axes.lines[0].get_ydata()[[0, -1]].tolist() == [100, 60]
    axes = plots.short_probability(summary())
    assert axes.lines[0].get_ydata()[[0, -1]].tolist() == [0, 40]


def test_points_measured_after_the_end_of_the_run_are_not_drawn():
    axes = plots.retention_fan(summary())
    plots.measured_points([(50, 90.0), (800, 80.0)], axes=axes, colour="black")
    assert axes.lines[-1].get_xdata() == (50,)
    axes.figure.canvas.draw()  # with a point far outside, the axes would collapse
    assert axes.get_position().width > 0.7


def test_resistances_stack_to_their_sum_in_ohm_cm2():
    run = run_of_two_interfaces()
    axes = plots.resistance_breakdown(run)
    top = max(path.vertices[:, 1].max() for area in axes.collections for path in area.get_paths())
    assert top == pytest.approx(1e4 * float(run["resistance"].sum("mechanism").max()))
    # what never resists has no place in the legend; an unknown mechanism has
    assert legend_texts(axes) == ["sacrificial layer", "separator"]


def test_resistance_of_a_forecast_is_the_mean_of_the_draws_that_still_run():
    run = run_of_two_interfaces()
    dead = run.where(run["cycle"] < 50)
    axes = plots.resistance_breakdown(xr_concat(run, dead))
    top = max(path.vertices[:, 1].max() for area in axes.collections for path in area.get_paths())
    assert top == pytest.approx(1e4 * float(run["resistance"].sum("mechanism").max()))


def xr_concat(*runs):
    import xarray as xr

    return xr.concat(runs, dim="draw")


def test_states_share_no_unit_that_hides_them_and_still_ones_are_named():
    figure = plots.interface_states(run_of_two_interfaces())
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Interphase thickness",
        "Filament depth",
    ]
    assert figure.axes[0].get_ylabel() == "nm"
    assert figure.axes[0].lines[0].get_ydata()[-1] == pytest.approx(100)
    assert figure.get_supxlabel() == "Change by less than 1 %: damage"


@pytest.mark.filterwarnings("error")
def test_states_of_a_forecast_end_with_the_last_cell():
    run = run_of_two_interfaces()
    ended = [run.where(run["cycle"] < last) for last in (30, 50)]
    figure = plots.interface_states(xr_concat(*ended))
    assert figure.axes[0].lines[0].get_xdata().max() == 49


def test_half_cycles_are_not_joined():
    axes = plots.voltage_curves(made_up.series())
    across = axes.lines[0].get_xdata()
    assert np.isnan(across[30])
    assert np.nanmax(across) == pytest.approx(0.3)  # mAh


def test_map_says_where_no_short_comes_and_where_nothing_is_known():
    axes = plots.onset_map(made_up.study(), "thickness", "current")
    texts = legend_texts(axes)
    assert texts[0] == "no short within 800 cycles"
    assert texts[1] == "no answer"
    assert "factor of 3" in texts[2]
    hatched = [c for c in axes.collections if c.get_hatch() == "///"]
    study = made_up.study()
    never = (study["short_circuit_onset_cycle"].isnull().mean("draw") >= 0.5) & ~(
        study["outcome"] == "infeasible"
    ).any("draw")
    assert len(hatched[0].get_paths()) == int(never.sum())
    assert axes.get_xlabel() == "Coating thickness / nm"
    assert axes.get_yscale() == "log"  # currents of five octaves


def test_map_marks_the_uncertain_cells_only():
    axes = plots.onset_map(made_up.study(), "thickness", "current")
    dots = axes.lines[0]
    # the thinnest coating was made uncertain; others cross the end of the run
    assert sum(np.isclose(dots.get_xdata(), 50)) == 6
    certain = made_up.study().isel(thickness=slice(1, 3), current=slice(2, None))
    axes = plots.onset_map(certain, "thickness", "current")
    assert not axes.lines


def test_map_of_the_low_quantile_lies_below_that_of_the_median():
    low, median = (
        plots.onset_map(made_up.study(), "thickness", "current", statistic=name).collections[0]
        .get_array().filled(np.inf)
        for name in ("low", "median")
    )  # fmt: skip
    assert (low <= median).all()
    assert (low < median).any()


def test_map_wants_two_dimensions():
    study = made_up.study().expand_dims(pressure=[1e6, 2e6])
    with pytest.raises(ObservationError, match=r"choose one value with study\.sel"):
        plots.onset_map(study, "thickness", "current")
    with pytest.raises(ObservationError, match="did you mean 'thickness'"):
        plots.onset_map(made_up.study(), "thicknes", "current")
    with pytest.raises(ObservationError, match="statistic must be one of"):
        plots.onset_map(made_up.study(), "thickness", "current", statistic="mean")


def test_an_axis_is_logarithmic_where_its_values_multiply():
    study = made_up.study()
    wide = study.assign_coords(thickness=("thickness", np.linspace(10e-9, 350e-9, 7), {"units": "m"}))
    axes = plots.onset_map(wide, "thickness", "current")
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")


def test_the_order_of_the_points_does_not_matter():
    study = made_up.study()
    shuffled = study.isel(thickness=[3, 0, 6, 1, 5, 2, 4], current=[5, 0, 2, 1, 4, 3])
    straight, sorted_ = (
        plots.onset_map(data, "thickness", "current").collections[0].get_array()
        for data in (study, shuffled)
    )
    np.testing.assert_array_equal(straight.filled(-1), sorted_.filled(-1))


def test_words_can_be_an_axis():
    study = made_up.study().isel(thickness=[0, 6]).assign_coords(thickness=["bare", "LiAlO2"])
    axes = plots.onset_map(study, "thickness", "current")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["bare", "LiAlO2"]
    axes = plots.what_if_lines(study, "current", by="thickness")
    assert legend_texts(axes) == ["bare", "LiAlO2"]
    assert axes.lines[0].get_color() != axes.lines[1].get_color()
    axes = plots.what_if_lines(study, "thickness", by="current")
    assert all(line.get_linestyle() == "None" for line in axes.lines if len(line.get_xdata()) == 2)
    assert len(axes.containers) == 6  # bars at each current


def test_lines_hold_the_median_and_stand_on_the_edge_where_nothing_comes():
    study = made_up.study()
    axes = plots.what_if_lines(study, "thickness", variable="short_circuit_onset_cycle", by="current")
    fastest = axes.lines[4].get_ydata()
    wanted = np.quantile(study["short_circuit_onset_cycle"].isel(current=4), 0.5, axis=1,
                         method="inverted_cdf")  # fmt: skip
    np.testing.assert_allclose(fastest, wanted)
    slowest = axes.lines[0].get_ydata()
    assert slowest[-1] > 800
    assert "no short within 800 cycles" in [text.get_text() for text in axes.texts]
    with pytest.raises(ObservationError, match="varies over thickness, current"):
        plots.what_if_lines(study, "thickness")


def test_nyquist_has_one_scale_on_both_axes_and_names_decades():
    axes = plots.nyquist(made_up.spectra())
    assert axes.get_aspect() == 1
    first = axes.lines[0]
    assert first.get_xdata()[-1] == pytest.approx(130, rel=0.01)  # 30 + 40 + 60 Ohm cm2 at 10 mHz
    assert first.get_ydata().min() > 0  # capacitive arcs stand upright
    assert {"1 kHz", "100 mHz"} <= {text.get_text() for text in axes.texts}


def test_front_is_drawn_on_its_own_points():
    result = made_up.search()
    axes = plots.pareto_front(result)
    front = result.sel(evaluation=result["on_front"])
    drawn = {line.get_label(): line for line in axes.lines}
    np.testing.assert_allclose(drawn["front, 5-95 %"].get_xdata(), np.sort(front["charge_time"]))
    assert len(drawn["breaks a constraint"].get_xdata()) == int((~result["feasible"]).sum())
    axes = plots.pareto_front(result, "charge_current")
    assert axes.get_xlabel() == "Charge current / mA/cm²"
    result["charge_time"].attrs["goal"] = "minimise"
    assert plots.pareto_front(result).get_xlabel() == "Charging time / min (less is better)"
    with pytest.raises(ObservationError, match="needs two objectives"):
        plots.pareto_front(result.drop_vars(["charge_time_low", "capacity_retention_low"]))


def test_bounds_point_to_the_truth_and_held_out_rows_are_open():
    table = made_up.validation_table(rows=18)
    figure = plots.predicted_against_measured(table)
    titles = {axes.get_title().replace("\n", " ") for axes in figure.axes}
    assert "lifetime / h" in titles
    assert len(figure.axes) == table["observable"].nunique()
    lifetime = next(axes for axes in figure.axes if axes.get_title() == "lifetime / h")
    arrows = [text for text in lifetime.texts if not text.get_text()]
    assert len(arrows) == 1
    assert arrows[0].xy[0] > arrows[0].get_position()[0]  # of a lower bound: to the right
    for axes in figure.axes:
        own = table[table["observable"] == axes.get_title().replace("\n", " ").split(" / ")[0]]
        faces = [line.get_markerfacecolor() for line in axes.lines[1:]]
        assert [to_rgba(face) == to_rgba("white") for face in faces] == [
            role == "validate" for role in own["role"]
        ]


def test_missed_rows_are_named():
    table = made_up.validation_table(rows=18)
    table.loc[4, "inside"] = False
    figure = plots.predicted_against_measured(table)
    named = {text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()}
    assert named == set(table[~table["inside"].astype(bool)]["id"])


def test_bars_show_the_strongest_parameters_strongest_on_top():
    axes = plots.sensitivity_bars(sensitivity())
    widths = [abs(bar.get_width()) for bar in axes.patches if abs(bar.get_height() - 0.72) < 1e-9]
    assert len(widths) == 12
    assert widths == sorted(widths)
    with pytest.raises(ObservationError, match="'lifetime' is not a quantity of these sens"):
        plots.sensitivity_bars(sensitivity(), quantity="lifetime")


def test_a_picture_without_its_variable_names_what_is_there():
    with pytest.raises(
        ObservationError, match=r"no variable 'resistance', .*it holds: .*capacity_retention"
    ):
        plots.resistance_breakdown(summary())
    with pytest.raises(ObservationError, match="no variable 'interface'"):
        plots.interface_states(summary())
    with pytest.raises(ObservationError, match="impedance_real"):
        plots.nyquist(summary())


# --- a followed cell ---------------------------------------------------------------------------------
def test_narrowing_shows_what_was_measured_and_marks_the_alarm():
    history = made_up.history()
    axes = plots.narrowing(history, happened=723.0)
    median = next(line for line in axes.lines if line.get_label() == "median")
    assert median.get_xdata().tolist() == history["measured_cycles"].values.tolist()
    assert median.get_ydata().tolist() == [830, 800, 780, 740, 720]
    (alarm,) = (line for line in axes.lines if line.get_label().startswith("alarm"))
    assert alarm.get_xdata().tolist() == [650]


def test_narrowing_of_a_share_is_told_in_percent_at_the_horizon():
    axes = plots.narrowing(made_up.history(), "capacity_retention")
    assert "%" in axes.get_ylabel()
    assert "(cycle 1200)" in " ".join(axes.get_ylabel().split())
    median = next(line for line in axes.lines if line.get_label() == "median")
    assert median.get_ydata() == pytest.approx([90] * 5)


def test_narrowing_needs_a_history():
    with pytest.raises(DatasetError, match="the history of a followed cell"):
        plots.narrowing(made_up.study())


def test_measurements_show_what_each_step_does_and_where_the_cell_shorts():
    data = made_up.measured_series()
    upper, current, cycles = plots.measurements(data).axes
    assert legend_texts(upper) == ["charge", "discharge"]
    drawn = np.concatenate([line.get_ydata() for line in upper.lines])
    assert np.isfinite(drawn).sum() == data.sizes["point"]  # each point once, in one colour
    assert current.get_ylabel().startswith("Current / mA")
    assert cycles.lines[-1].get_xdata()[0] == 50
    with pytest.raises(DatasetError, match=r"give what twin\.read_measurements gave"):
        plots.measurements(made_up.spectra())
