"""What a cycler's file says of a cell, as rows of a fit."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import DatasetError
from twin.measured.arcs import step_resistance
from twin.measured.file_rows import (
    ONSET,
    ONSET_SPREAD,
    POINTS,
    SPECTRUM_POINTS,
    repeated,
    rows_of,
)
from twin.measured.readings import MODULUS, PHASE
from twin.measured.spread import ASSUMED, Spread
from twin.parameter_sets import load_cell
from twin.results.dataset import unlabelled

PROTOCOL = twin.Protocol(["Charge at 1C until 3.68 V", "Discharge at 1C until 2.1 V"])
NO_EVENTS: Mapping[str, Spread] = {}


@dataclass(frozen=True)
class Made:
    """What rows ask of a measurement."""

    data: xr.Dataset
    cell: str = "Luo2021_LiIn_LPSCl_NCM622"
    role: str = "fit"
    specimen: str = "cell 07"
    settings: Mapping[str, float] = field(default_factory=dict)
    protocol: str | None = None
    enters: tuple[str, ...] | None = None
    file: str = "files/cell_07.csv"
    cycle: int = 0

    def cell_as_measured(self):
        return load_cell(self.cell).replace(self.settings)


def made(cycles, onset=np.nan, **options):
    numbers = np.arange(1, cycles + 1)
    data = xr.Dataset(
        {
            "discharge_capacity": ("cycle", 3e-3 - 1e-6 * numbers),
            "coulombic_efficiency": ("cycle", np.full(cycles, 0.999)),
            "short_circuit_onset_cycle": onset,
        },
        coords={"cycle": numbers},
    )
    return Made(data, **options)


def rows(measurement, events=NO_EVENTS):
    return [row for row, _ in rows_of(measurement, PROTOCOL, ASSUMED, events)]


def test_a_long_curve_enters_with_few_points_the_first_and_the_last_among_them():
    own = [row for row in rows(made(800)) if row.observable == "discharge capacity"]
    assert len(own) == POINTS
    assert (own[0].cycle, own[-1].cycle) == (1, 800)
    gaps = np.diff([row.cycle for row in own])
    assert gaps.max() - gaps.min() <= 1
    # in the unit of the observable
    assert own[-1].value == pytest.approx(1e3 * (3e-3 - 800e-6))
    assert own[0].unit == "mAh"


def test_a_short_curve_enters_whole():
    own = [row for row in rows(made(5)) if row.observable == "coulombic efficiency"]
    assert [row.cycle for row in own] == [1, 2, 3, 4, 5]
    assert [row.value for row in own] == pytest.approx([99.9] * 5)


def test_a_running_cell_has_no_event_and_is_run_to_its_last_cycle():
    pairs = rows_of(made(300), PROTOCOL, ASSUMED, NO_EVENTS)
    assert {row.kind for row, _ in pairs} == {"value"}
    assert {protocol.number_of_cycles for _, protocol in pairs} == {300}


def test_a_short_is_an_event_and_what_comes_after_it_no_curve():
    pairs = rows_of(made(300, onset=200.0), PROTOCOL, ASSUMED, NO_EVENTS)
    (event,) = (row for row, _ in pairs if row.kind == "event")
    assert (event.observable, event.value, event.unit) == (ONSET, 200.0, "cycle")
    assert event.spread == ONSET_SPREAD
    assert max(row.cycle for row, _ in pairs if row.kind == "value") == 199
    assert {protocol.number_of_cycles for _, protocol in pairs} == {300}


def test_how_far_onsets_differ_is_what_the_experiment_says_of_them():
    said = Spread(scatter=0.02, cell=0.4, points=False)
    (event,) = (row for row in rows(made(30, onset=20.0), {ONSET: said}) if row.kind == "event")
    assert event.spread == said


def test_a_cell_that_shorts_at_once_is_that_event_alone():
    assert [row.kind for row in rows(made(3, onset=1.0))] == ["event"]


def test_each_row_says_where_it_comes_from():
    measurement = dataclasses.replace(made(3), enters=("discharge_capacity",), role="validate")
    own = rows(measurement)
    assert {row.id for row in own} == {f"cell 07: discharge_capacity {n}" for n in (1, 2, 3)}
    assert {(row.role, row.specimen, row.where) for row in own} == {
        ("validate", "cell 07", "files/cell_07.csv")
    }


STEPS = [("Rest for 1 hour",), ("Rest for 2 hours",), ("Rest for 3 hours",)]


def hours(protocol, cycles):
    longer = repeated(protocol, cycles)
    assert longer.number_of_cycles == cycles
    return [int(longer.cycle(n).texts[0].split()[2]) for n in range(cycles)]


def test_a_block_that_is_repeated_goes_on_from_its_beginning():
    assert hours(twin.Protocol(STEPS, cycles=2), 8) == [1, 2, 3, 1, 2, 3, 1, 2]


def test_of_cycles_that_stand_once_the_last_one_goes_on():
    assert hours(twin.Protocol(STEPS), 5) == [1, 2, 3, 3, 3]
    assert hours(twin.Protocol(STEPS), 2) == [1, 2]
    assert hours(twin.Protocol(STEPS[:1]), 4) == [1, 1, 1, 1]


# --- spectra -----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def run():
    return twin.simulate(load_cell(Made(xr.Dataset()).cell), PROTOCOL)


@pytest.fixture(scope="module")
def spectrum(run):
    """That of the cell itself, fresh, from high to low."""
    cell = load_cell(Made(xr.Dataset()).cell)
    found = twin.impedance(cell, run, cycles=[0], frequencies=np.geomspace(1e6, 1e-2, 60))
    return found.isel(cycle=0, drop=True)


def read(row, run):
    return row.reading.read(unlabelled(run), row.cycle, load_cell(row.cell))


def test_a_spectrum_enters_with_modulus_and_phase_above_its_diffusion(spectrum, run):
    own = rows(Made(spectrum))
    assert {row.observable for row in own} == {MODULUS, PHASE}
    assert len(own) == 2 * SPECTRUM_POINTS
    assert np.diff([row.place for row in own if row.observable == MODULUS]).max() < 0
    lowest = min(row.place for row in own)
    tail = spectrum.where(spectrum["frequency"] < lowest, drop=True)
    assert (np.diff(-tail["impedance_imag"].values) > 0).all()  # below, diffusion alone
    for row in own:
        # the circuit is a spectrum's own, but for the diffusion that begins at its lowest frequency
        if row.place > 30 * lowest:
            assert read(row, run) == pytest.approx(row.value, rel=0.01, abs=0.1)


def test_intercepts_of_a_spectrum_enter_where_they_are_named(spectrum, run):
    own = rows(Made(spectrum, enters=("total_resistance", "high_frequency_resistance")))
    assert {row.observable for row in own} == {"impedance", "series resistance"}
    for row in own:
        assert read(row, run) == pytest.approx(row.value, rel=1e-6)


def test_a_spectrum_of_an_aged_cell_is_read_after_its_cycle(spectrum):
    pairs = rows_of(Made(spectrum, cycle=30), PROTOCOL, ASSUMED, NO_EVENTS)
    assert {row.cycle for row, _ in pairs} == {30}
    assert {protocol.number_of_cycles for _, protocol in pairs} == {30}


def test_what_a_spectrum_cannot_enter_with_is_said(spectrum):
    with pytest.raises(DatasetError, match="did you mean 'total_resistance'"):
        rows(Made(spectrum, enters=("total_resistence",)))
    wrong = spectrum.assign(high_frequency_resistance=-3.0)
    with pytest.raises(DatasetError, match="which no cell has"):
        rows(Made(wrong, enters=("high_frequency_resistance",)))


# --- steps of current ----------------------------------------------------------------------------------
def with_steps(values, delay=1.0):
    count = len(values)
    halves = np.column_stack([values, np.full(count, 99.0)])
    return made(count).data.assign(
        half_cycle_resistance=(("cycle", "half_cycle"), halves),
        half_cycle_resistance_delay=(("cycle", "half_cycle"), np.full((count, 2), delay)),
        step_direction=("step", ["rest", "charge", "discharge"]),
    ).assign_coords(half_cycle=["charge", "discharge"])  # fmt: skip


def test_resistances_at_the_start_of_cycles_are_those_that_the_cycle_before_has_left(run):
    own = rows(Made(with_steps([5.0, 5.5, np.nan, 6.5]), enters=("start_resistance",)))
    assert [(row.cycle, row.value, row.place) for row in own] == [
        (1, 5.0, 1.0), (2, 5.5, 1.0), (4, 6.5, 1.0),
    ]  # fmt: skip
    cell = load_cell(own[0].cell)
    fresh = step_resistance(run["fresh_resistance"].values, cell, 1.0)
    assert read(own[0], run) == pytest.approx(fresh)
    after = step_resistance(run["resistance"].values[0], cell, 1.0)
    assert read(own[1], run) == pytest.approx(after)


def test_curves_named_beside_them_enter_too():
    own = rows(Made(with_steps([5.0, 5.5]), enters=("start_resistance", "discharge_capacity")))
    assert [row.observable for row in own].count("discharge capacity") == 2
    with pytest.raises(DatasetError, match="has no steps"):
        rows(made(3, enters=("start_resistance",)))
