"""What a Dataset of anybody's must hold: said before anything is made of it."""

import dataclasses
import random

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from made_up import (
    forecast_of_kinds,
    pulses,
    ramp,
    ramp_forecast,
    ramp_series,
    run_of_kinds,
    search,
    series,
    spectra,
    study,
    validation_table,
)

import twin
from twin import plots, report
from twin.errors import DatasetError, TwinError
from twin.results.form import FORECAST, Form, check_validation

FORM = Form(
    "a diary",
    "twin.diary",
    numbers={"length": ("day",)},
    texts={"weather": ("day",)},
    sizes={"day": 2},
    attributes={"author": str, "year": int},
    optional={"weight": float},
)


def diary():
    return xr.Dataset(
        {"length": ("day", [1.0, 2.0]), "weather": ("day", ["rain", "sun"])},
        attrs={"author": "a", "year": np.int64(2020), "weight": np.float32(1)},
    )


def test_what_holds_everything_passes():
    FORM.check(diary())
    FORM.check(diary().assign(more=("hour", [1])).drop_attrs().assign_attrs(author="b", year=1))


BROKEN = {
    "no Dataset": ({"length": [1]}, r"a diary is an xarray\.Dataset, not \{'length'"),
    "a variable": (diary()["length"], r"is an xarray\.Dataset, not <xarray\.DataArray"),
    "no variable": (diary().drop_vars("length"), "no variable 'length'"),
    "another dimension": (diary().rename_dims(day="week"), "'length' is over 'week', not over day"),
    "a further dimension": (diary().expand_dims("hour"), "not over day"),
    "text for numbers": (diary().assign(length=("day", ["a", "b"])), "'length' holds no numbers"),
    "numbers for text": (diary().assign(weather=("day", [1, 2])), "'weather' holds no texts"),
    "nothing in it": (diary().isel(day=[]), "'day' is empty"),
    "too few": (diary().isel(day=[0]), "'day' has 1 entries, not 2"),
    "no attribute": (diary().drop_attrs(), "no attribute 'author'"),
    "an attribute of another kind": (diary().assign_attrs(year="2020"), "'year' is '2020', not a whole"),
    "an optional one, too": (diary().assign_attrs(weight="heavy"), "'weight' is 'heavy', not a number"),
    "nothing at all": (xr.Dataset(), "and 1 faults more .*it holds: nothing"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_missing_is_said_and_what_makes_such_a_dataset(kind):
    data, message = BROKEN[kind]
    with pytest.raises(DatasetError, match=message) as caught:
        FORM.check(data)
    assert "twin.diary makes one, and twin.load reads it back" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_form_may_leave_further_dimensions_open():
    dataclasses.replace(FORM, others=("hour",)).check(diary().expand_dims("hour"))
    dataclasses.replace(FORM, others=None).check(diary().expand_dims("minute"))
    with pytest.raises(DatasetError):
        dataclasses.replace(FORM, others=("hour",)).check(diary().expand_dims("minute"))


def test_a_table_without_its_columns_is_no_validation():
    check_validation(validation_table(4))
    for table in (validation_table(4).drop(columns=["low", "inside"]), None, {"id": []}):
        for takes in (check_validation, plots.validation_figure, plots.predicted_against_measured):
            with pytest.raises(DatasetError, match="not the table of a validation: it has no column "):
                takes(table)


def forecast():
    """What a forecast holds at least, over 6 draws and 4 cycles."""
    generator = np.random.default_rng(0)
    over = ("draw", "cycle")
    return xr.Dataset(
        {
            "capacity_retention": (over, generator.uniform(0.8, 1, (6, 4))),
            "specific_discharge_capacity": (over, generator.uniform(90, 100, (6, 4))),
            "short_circuit_onset_cycle": ("draw", [np.nan, 2, 3, 4, np.nan, 1]),
            "lifetime": ("draw", [np.nan, 20.0, 30, 40, np.nan, 10]),
            "outcome": ("draw", ["completed", *["soft_short"] * 3, "completed", "infeasible"]),
            "parameter_value": (("draw", "parameter"), generator.uniform(1, 2, (6, 2))),
            "parameter_centre": ("parameter", [1.5, 1.5]),
            "parameter_informed": ("parameter", [0.9, 0.1]),
            "parameter_cell_share": ("parameter", [0.0, 0.5]),
            "parameter_source": ("parameter", ["a", "b"]),
        },
        coords={"cycle": [1, 2, 3, 4], "parameter": ["pairs/Li_LGPS: a [m]", "common: b"]},
        attrs={
            "cell": "Chang2023_LiAlO2_LGPS_LCO", "parameter_hash": "0", "repetitions": 2,
            "protocol": '[["Charge at 1C until 4.2 V"], ["Discharge at 1C until 2.6 V"]]',
            "effective_draws": 4.0, "versions": '{"pybamm": "26"}', "changes": "",
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("protocol", "no JSON"),
        ("protocol", "[" * 5000),
        ("protocol", "{}"),
        ("protocol", '["Charge at nothing"]'),
        ("protocol", "5"),
        ("repetitions", 0),
        ("versions", "26.10"),
        ("versions", "[1]"),
        ("changes", "[1]"),
        ("changes", '{"Coating thickness [m]": "thin"}'),
    ],
)
def test_an_attribute_that_is_not_what_the_twin_writes_there_is_named(attribute, value, tmp_path):
    path = twin.save(forecast().assign_attrs({attribute: value}), tmp_path / "foreign.nc")
    with pytest.raises(DatasetError, match=f"'{attribute}'"):
        report.write(tmp_path / "answer.html", twin.load(path))
    assert not (tmp_path / "answer.html").exists()


def ended():
    """A run that another may go on from."""
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    return twin.simulate(cell, twin.Protocol(["Rest for 1 hour"], cycles=2))


def going_on(run):
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    twin.simulate(cell, twin.Protocol(["Rest for 1 hour"]), initial_state=run)


TAKES = {
    "initial_state": (going_on, ended),
    "summarise": (twin.summarise, forecast),
    "sensitivity": (twin.sensitivity, forecast),
    "summarise_study": (twin.summarise_study, study),
    "study_figures": (plots.study_figures, study),
    "search_figures": (plots.study_figures, search),
    "onset_map": (lambda data: plots.onset_map(data, "thickness", "current"), study),
    "what_if_lines": (lambda data: plots.what_if_lines(data, "thickness", by="current"), study),
    "pareto_front": (plots.pareto_front, search),
    "retention_fan": (plots.retention_fan, lambda: twin.summarise(forecast())),
    "retention_line": (plots.retention_line, lambda: twin.summarise(forecast())),
    "survival_curve": (plots.survival_curve, lambda: twin.summarise(forecast())),
    "short_probability": (plots.short_probability, lambda: twin.summarise(forecast())),
    "voltage_curves": (plots.voltage_curves, series),
    "nyquist": (plots.nyquist, spectra),
    "critical_current": (twin.critical_current, ramp),
    "current_ramp": (lambda data: plots.current_ramp(data, ramp()), ramp_series),
    "current_ramp of a run": (lambda data: plots.current_ramp(ramp_series(), data), ramp),
    "short_by_current": (plots.short_by_current, ramp_forecast),
    "plating_curve": (plots.plating_curve, ramp),
    "rate_capability": (plots.rate_capability, forecast_of_kinds),
    "check_up_capacity": (plots.check_up_capacity, run_of_kinds),
    "storage_retention": (lambda data: plots.storage_retention(data, kind="1C"), forecast_of_kinds),
    "pulse_resistances": (plots.pulse_resistances, pulses),
    "report of a forecast": (report.page, forecast),
    "report of a study": (report.page, study),
    "report of a search": (report.page, search),
}
ODD = (5, "x", "", "{}", "[1]", -1.0, float("nan"), [1, 2], np.int8(3))


def altered(data, chance):
    """The Dataset as somebody else might have written it."""
    variables, dims = list(data.variables), list(data.sizes)
    name, dim = chance.choice(variables), chance.choice(dims)
    return {
        "left out": lambda: data.drop_vars(name),
        "another dimension": lambda: data.rename_dims({dim: "other"}),
        "as text": lambda: data.assign({name: data[name].astype(str)}),
        "as numbers": lambda: data.assign({name: (data[name].dims, np.zeros(data[name].shape))}),
        "empty": lambda: data.isel({dim: []}),
        "one of them": lambda: data.isel({dim: [0]}),
        "less a dimension": lambda: data.isel({dim: 0}),
        "unknown": lambda: data.where(False) if not data.where(False).equals(data) else data,
        "odd attributes": lambda: data.assign_attrs({key: chance.choice(ODD) for key in data.attrs}),
        "odd units": lambda: data.assign(
            {name: data[name].assign_attrs(units=chance.choice(ODD), long_name=chance.choice(ODD))}
        ),
    }


@pytest.mark.filterwarnings("ignore:Attempting to set identical")  # an axis of equal numbers
@pytest.mark.parametrize("kind", TAKES)
def test_what_somebody_else_wrote_is_drawn_or_refused_in_words(kind):
    takes, whole = TAKES[kind]
    refused = 0
    for seed in range(3 if kind.startswith("report") else 8):
        chance = random.Random(seed)
        ways = altered(whole(), chance)
        for way in chance.sample(sorted(ways), 3):
            try:
                data = ways[way]()
            except ValueError:
                continue  # xarray itself does not make such a Dataset
            said = told(takes, data)
            assert len(said) < 1000
            assert "\n" not in said
            refused += bool(said)
    assert refused


def told(takes, data) -> str:
    """What is said where the data are refused, "" where they are taken."""
    try:
        takes(data)
    except TwinError as error:
        return str(error)
    finally:
        plt.close("all")
    return ""


def test_the_made_up_forecast_is_one():
    FORECAST.check(forecast())
