"""What a cycler's file says of a cell, as rows of a fit."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import DatasetError
from twin.measured.file_rows import ONSET, ONSET_SPREAD, POINTS, repeated, rows_of
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
def spectrum(high=20.0, total=300.0, **options):
    data = xr.Dataset(
        {"high_frequency_resistance": high, "total_resistance": total},
        coords={"frequency": [1e6, 1.0]},
    )
    return Made(data, **options)


def test_a_spectrum_enters_with_its_intercepts_as_a_run_has_them():
    own = rows(spectrum())
    cell = load_cell(Made(xr.Dataset()).cell)
    run = twin.simulate(cell, PROTOCOL)
    fresh = twin.impedance(cell, run, cycles=[0])
    expected = {
        "series resistance": float(fresh["high_frequency_resistance"][0]),
        "impedance": float(fresh["total_resistance"][0]),
    }
    assert {row.observable: row.value for row in own} == {"series resistance": 20.0, "impedance": 300.0}
    for row in own:
        found = row.reading.read(unlabelled(run), row.cycle, cell)
        assert found == pytest.approx(expected[row.observable], rel=1e-6)


def test_what_a_spectrum_cannot_enter_with_is_said():
    with pytest.raises(DatasetError, match="did you mean 'total_resistance'"):
        rows(spectrum(enters=("total_resistence",)))
    with pytest.raises(DatasetError, match="which no cell has"):
        rows(spectrum(high=-3.0))
