"""Files of cyclers in a fit: those marked `fit`, no others; a made-up cell gives its parameters back."""

import numpy as np
import pandas as pd
import pytest
import tomli_w
from following_cell import error_along
from measured.cycler.written import series_of, written
from measured.folders import HEADER
from own_cell import CELL, PAIR

import twin
from twin.errors import ArgumentError, FittedSetError
from twin.fitting.problem import problem_of
from twin.measured.spread import ASSUMED
from twin.parameter_sets import load_cell

STEPS = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
CYCLES = 40
RESISTANCE = "Pristine interface resistance [Ohm.m2]"
GROWTH = "Interphase growth rate [m.s-1]"


def prior(factor, lower, upper):
    return {"distribution": "lognormal", "factor": factor, "lower": lower, "upper": upper}


OWN_PAIR = PAIR | {
    RESISTANCE: {"value": 1e-3, "source": "mine", "prior": prior(3.0, 1e-5, 0.1)},
    GROWTH: {"value": 3e-13, "source": "mine", "prior": prior(4.0, 1e-16, 1e-9)},
}
"""A pair whose interface and its growth are to be found."""
TRUTH = {RESISTANCE: 1.6e-3, GROWTH: 6e-13}
"""What the made-up cell has: about half a standard deviation of the priors from where a fit begins."""


def table_of(role, file, **more):
    return {file: {"cell": "mine", "role": role, "specimen": file, "protocol": "0.1 mA/cm2", **more}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of one's own with a file to fit, and two that no fit may see."""
    folder = tmp_path_factory.mktemp("mine")
    (folder / "files").mkdir()
    files = {
        "my_pair": OWN_PAIR,
        "mine": CELL | {"parts": {"anode_interface": "my_pair", "separator": "LGPS"}},
        "protocols": {"0.1 mA/cm2": {"cycles": CYCLES, "steps": STEPS}},
        "spread": {"parameter": {}, "observable": {}},
        "measurements": {
            **table_of("fit", "files/one.bdf.csv"),
            **table_of("fit", "files/spectrum.csv", area="1 cm2"),
            **table_of("validate", "files/held_out.csv"),
            **table_of("follow", "files/followed.csv"),
        },
    }
    for name, content in files.items():
        (folder / f"{name}.toml").write_text(tomli_w.dumps(content), encoding="utf-8")
    (folder / "rows.csv").write_text(HEADER + "\n", encoding="utf-8")
    truth = load_cell(folder / "mine.toml", fitted=False).replace(TRUTH)
    write_as_measured(truth, folder / "files", np.random.default_rng(1))
    for name in ("held_out", "followed"):
        written(
            pd.DataFrame({"Cycle": [1, 2], "Cell overpotential (V)": [9, 9]}),
            folder / "files" / f"{name}.csv",
        )
    return folder


def write_as_measured(cell, files, generator):
    """A series with drift and noise of its voltage, as the twin expects of curves, and a spectrum."""
    table = series_of(cell, twin.Protocol(STEPS, CYCLES))
    error = error_along(np.arange(CYCLES), ASSUMED["cell_overpotential"], generator)
    factor = np.exp(error[table["Cycle Count / 1"].to_numpy() - 1])
    written(table.assign(**{"Voltage / V": table["Voltage / V"] * factor}), files / "one.bdf.csv")
    run = twin.simulate(cell, twin.Protocol(STEPS))
    spectrum = twin.impedance(cell, run, cycles=[0], frequencies=np.logspace(6, -2, 60))
    columns = {
        "Frequency (Hz)": spectrum["frequency"].values,
        "Re(Z) (Ohm)": spectrum["impedance_real"].values[0] / cell.area * np.exp(0.02),
        "-Im(Z) (Ohm)": -spectrum["impedance_imag"].values[0] / cell.area,
    }
    written(pd.DataFrame(columns), files / "spectrum.csv")


@pytest.fixture(scope="module")
def problem(folder):
    return problem_of(folder)


def test_files_marked_fit_enter_and_no_others(problem):
    specimens = {row.specimen for row in problem.likelihood.rows}
    assert specimens == {"files/one.bdf.csv", "files/spectrum.csv"}
    observables = [row.observable for row in problem.likelihood.rows]
    assert observables.count("cell overpotential") == 12
    assert "discharge capacity" not in observables
    assert observables.count("impedance modulus") == observables.count("impedance phase") == 8


def test_what_held_out_and_followed_files_say_moves_no_residual(folder, problem):
    for name in ("held_out", "followed"):
        (folder / "files" / f"{name}.csv").write_text("Cycle,Cell overpotential (V)\n1,0.001\n")
    again = problem_of(folder)
    assert again.version == problem.version
    point = problem.start[None]
    assert np.array_equal(again.residuals(point), problem.residuals(point))


def test_a_cell_that_still_runs_is_one_that_lived_so_long(problem):
    assert problem.likelihood.names[-2:] != []
    lived = [own for own in problem.likelihood.survivals if own.physical_cell == "files/one.bdf.csv"]
    assert [own.cycle for own in lived] == [CYCLES]


def test_a_point_of_a_file_may_be_left_out(folder):
    name = f"files/one.bdf.csv: cell_overpotential {CYCLES}"
    without = problem_of(folder, leave_out=[name])
    assert name not in without.likelihood.names
    with pytest.raises(FittedSetError, match="no row files/one"):
        problem_of(folder, leave_out=["files/one.bdf.csv: nothing"])


@pytest.mark.slow
def test_a_made_up_cell_gives_its_parameters_back(folder, tmp_path):
    posterior = twin.fit(
        folder, trials=16, draws=60, seed=0, storage=f"sqlite:///{tmp_path / 'fits.db'}", workers=1
    )
    for key, value in TRUTH.items():
        low, high = posterior.intervals[posterior.fit.problem.cells["mine"].label(key)]
        assert low < value < high
        # the prior spans a factor of 3 to the power of 3.3 or more
        assert high / low < 4
    # the fit is what another cell of the family is followed from; the file tells its protocol
    another = twin.read_measurements(folder / "files" / "one.bdf.csv")
    cell = posterior.fit.problem.cells["mine"]
    state = twin.update(posterior, another, cell=cell, particles=20, horizon=50)
    assert state.observed.names == ("cell_overpotential",)
    assert state.alarms == ()
    with pytest.raises(ArgumentError, match="say which one was measured"):
        twin.update(posterior, another)
