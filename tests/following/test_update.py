"""A twin that follows a cell whose parameters are known: it comes near them, and says what it cannot
know."""

import numpy as np
import pytest
from following_cell import CELL, CURVES, measured, up_to

import twin
from twin.errors import ArgumentError, DatasetError, FittedSetError
from twin.fitting.draws import load_draws
from twin.following.this_cell import this_cell
from twin.measured.experiment import read_experiment
from twin.parameter_sets import load_cell

PARTICLES, HORIZON, SEED = 80, 200, 4
"""Few and short: what is tested here needs no more."""


@pytest.fixture(scope="module")
def cell():
    return load_cell(CELL)


@pytest.fixture(scope="module")
def protocol():
    return twin.Protocol(read_experiment("Luo2021").runs[0].protocol.block)


@pytest.fixture(scope="module")
def truth(cell):
    """The cell that is measured: one of its family, with a deviation of its own."""
    prior = this_cell(cell, load_draws(cell))
    return prior.versions(prior.sample(1, np.random.default_rng(SEED)))[0]


@pytest.fixture(scope="module")
def data(truth, protocol):
    run = twin.simulate(truth, twin.Protocol(protocol.block, 150))
    return measured(run, np.random.default_rng(SEED))


def updated(posterior, data, protocol=None, **options):
    options = {"particles": PARTICLES, "horizon": HORIZON, "seed": SEED, **options}
    return twin.update(posterior, data, protocol=protocol, **options)


@pytest.fixture(scope="module")
def early(cell, data, protocol):
    """After 50 cycles."""
    return updated(cell, up_to(data, 50), protocol)


@pytest.fixture(scope="module")
def late(early, data):
    """After 150 cycles."""
    return updated(early, data)


def widths(state, number):
    values = state.updates[number].values
    return (values[:, 2] - values[:, 0]) / values[:, 1]


# --- what it learns ----------------------------------------------------------------------------------
def test_intervals_hold_what_the_cell_has(truth, late):
    values = np.array([truth.values[name.rpartition(": ")[2]] for name in late.parameters])
    low, _, high = late.updates[-1].values.T
    # of ten intervals of 90 %, two may miss: three or more would, once in fourteen
    assert ((low <= values) & (values <= high)).sum() >= 8


def test_what_the_capacity_tells_is_known_far_better(late):
    place = late.parameters.index("cathodes/NCM622: Cathode utilisation")
    assert widths(late, -1)[place] < widths(late, 0)[place] / 3


def test_what_no_cycle_tells_stays_as_the_family_says(late):
    place = late.parameters.index("pairs/LiIn_LPSCl: Filament acceleration exponent")
    # 80 particles know a 90 % interval to a fifth
    assert widths(late, -1)[place] == pytest.approx(widths(late, 0)[place], rel=0.4)


def test_taken_in_at_once_or_as_they_come_cycles_say_the_same(cell, data, protocol, late):
    at_once = updated(cell, data, protocol)
    place = at_once.parameters.index("cathodes/NCM622: Cathode utilisation")
    one, other = (state.updates[-1].values[place] for state in (at_once, late))
    assert abs(one[1] - other[1]) < max(one[2] - one[0], other[2] - other[0]) / 2


def test_history_says_what_each_update_changed(early, late):
    assert late.history["measured_cycles"].values.tolist() == [0, 50, 150]
    assert late.updates[:2] == early.updates
    assert late.history["capacity_retention"].dims == ("update", "quantile")


def test_forecast_of_the_followed_cell_is_one_that_all_else_takes(late, cell):
    forecast = late.forecast(cycles=60, draws=30)
    summary = twin.summarise(forecast)
    assert forecast.attrs["followed_cycles"] == 150
    spread = twin.summarise(twin.forecast(cell, late.protocol.first(1), draws=30))
    own = summary["specific_discharge_capacity"].isel(cycle=0)
    family = spread["specific_discharge_capacity"].isel(cycle=0)
    assert np.ptp(own.values) < np.ptp(family.values) / 3


def test_the_same_data_and_seed_give_the_same_state(early, data, late):
    again = updated(early, data)
    assert np.array_equal(again.particles.points, late.particles.points)


def test_without_new_cycles_nothing_changes(early, data):
    assert updated(early, up_to(data, 50)) is early


def test_a_cycle_without_a_value_is_no_reason_to_stop(early, data):
    holes = data.copy(deep=True)
    holes["discharge_capacity"][{"cycle": slice(60, 70)}] = np.nan
    state = updated(early, holes)
    assert state.observed.cycles == 150
    assert len(state.observed.curves[0].cycles) == 140


# --- alarms ------------------------------------------------------------------------------------------
def test_a_cell_that_the_model_knows_rings_no_alarm(early, late):
    assert early.alarms == ()
    assert late.alarms == ()


def test_a_drop_that_no_parameter_makes_rings_at_its_cycle(early, data):
    dropped = data.copy(deep=True)
    dropped["discharge_capacity"] *= np.where(data["cycle"] >= 120, 0.97, 1.0)
    (alarm,) = updated(early, dropped).alarms
    assert alarm.startswith("cycle 120")
    assert "below the 99 % band" in alarm


def test_a_fade_that_is_small_in_each_cycle_rings_for_all_of_them(early, data):
    faded = data.copy(deep=True)
    faded["discharge_capacity"] *= np.exp(-5e-4 * np.maximum(data["cycle"] - 60, 0))
    alarms = updated(early, faded).alarms
    assert any("keeps below" in alarm for alarm in alarms)


def test_a_short_that_nobody_expected_rings(early, data):
    shorted = up_to(data, 70)
    shorted["short_circuit_onset_cycle"] = 65.0
    state = updated(early, shorted)
    assert any(alarm.startswith("a short in cycle 65") for alarm in state.alarms)
    assert state.observed.onset == 65
    assert state.observed.curves[0].cycles.max() == 64


# --- bad input ---------------------------------------------------------------------------------------
def test_fewer_cycles_than_before_are_refused(late, data):
    with pytest.raises(DatasetError, match=r"end at cycle 50, and cycle 150 was taken in"):
        updated(late, up_to(data, 50))


def test_a_file_that_changed_its_past_is_refused(early, data):
    other = data.copy(deep=True)
    other["discharge_capacity"][{"cycle": 36}] *= 1.01
    with pytest.raises(DatasetError, match="discharge_capacity in cycle 37 was"):
        updated(early, other)


def test_a_value_that_was_not_there_before_is_refused(early, data):
    other = data.copy(deep=True)
    other["discharge_capacity"][{"cycle": 36}] = np.nan
    with pytest.raises(DatasetError, match="had a value in cycle 37"):
        updated(early, other)


@pytest.mark.parametrize("factor", [1000, 0.1], ids=["mA.h for A.h", "a smaller cell"])
def test_another_unit_or_cell_is_refused(cell, data, protocol, factor):
    other = data.copy(deep=True)
    other["discharge_capacity"] *= factor
    with pytest.raises(DatasetError, match="another cell, or another unit"):
        updated(cell, up_to(other, 20), protocol)


def test_measurements_without_cycles_are_refused(cell, data, protocol):
    with pytest.raises(DatasetError, match="no cycle"):
        updated(cell, data.isel(cycle=slice(0, 0)), protocol)
    with pytest.raises(DatasetError, match="hold no value"):
        updated(cell, data[list(CURVES)] * np.nan, protocol)
    with pytest.raises(DatasetError, match="do not rise"):
        updated(cell, data.isel(cycle=slice(None, None, -1)), protocol)
    with pytest.raises(DatasetError, match=r"xarray\.Dataset over cycle"):
        updated(cell, "cell_07.csv", protocol)


def test_a_curve_that_is_none_is_answered_with_the_nearest(cell, data, protocol):
    with pytest.raises(DatasetError, match="did you mean 'discharge_capacity'"):
        updated(cell, data, protocol, enters=["discharge_capacty"])


def test_what_counts_is_what_counted_before(early, data):
    assert early.observed.names == CURVES
    with pytest.raises(DatasetError, match="follow it anew to change what counts"):
        updated(early, data, enters=["discharge_capacity"])


def test_a_cell_that_shorts_at_once_is_followed_by_that_alone(cell, data, protocol):
    at_once = up_to(data, 2)
    at_once["short_circuit_onset_cycle"] = 1.0
    state = updated(cell, at_once, protocol, particles=20)
    assert state.observed.onset == 1
    assert state.observed.curves == ()
    assert any(alarm.startswith("a short in cycle 1") for alarm in state.alarms)


def test_the_first_update_needs_a_protocol_and_a_fit(cell, data, protocol):
    with pytest.raises(ArgumentError, match="do not say what the cell goes through"):
        updated(cell, data.drop_attrs(deep=False))
    with pytest.raises(ArgumentError, match="protocol must be a Protocol"):
        updated(cell, data, ["Charge at 1C until 4 V"])
    with pytest.raises(FittedSetError, match="fit"):
        updated(load_cell(CELL, fitted=False), data, protocol)
    with pytest.raises(ArgumentError, match="goes on from a cell with a fit"):
        updated("Luo2021", data, protocol)
    with pytest.raises(ArgumentError, match="particles must be"):
        updated(cell, data, protocol, particles=3)
