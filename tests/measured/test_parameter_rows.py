"""Rows that are parameters of the cells: what the cells use for them."""

import pytest
from measured.folders import copy_of

import twin
from twin.errors import ObservationError
from twin.measured.experiment import read_experiment
from twin.measured.parameter_rows import read_parameter_rows

ROUNDED = 0.05
"""Relative difference that is left between what a paper states and what its cells use: foils and masses
are stated to a digit or two, and thicknesses follow from masses by assumed densities."""
OF_ANOTHER_PELLET = {"LGPS conductivity (literature)"}
"""Stated of others' material: the fitted cells were pressed cold and conduct a third of that."""


@pytest.mark.parametrize("paper", ["Chang2023", "Duan2023", "Liu2018", "Luo2021"])
def test_cells_use_what_the_paper_states(paper):
    experiment = read_experiment(paper)
    stated = {row.observable: row for row in experiment.rows if row.role == "parameter"}
    assert experiment.parameter_rows
    for observable, used in experiment.parameter_rows.items():
        row = stated[observable]
        found = used.of(experiment.cells[used.cell], row.unit)
        if observable in OF_ANOTHER_PELLET:
            assert found < row.value
            continue
        assert found == pytest.approx(row.value, rel=ROUNDED), observable


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x]\nkey = 'Electrode area [m2]'", "line 1: 'x' has no 'cell'"),
        ("[x]\ncell = 'a'", "line 1: 'x' has no 'key'"),
        ("[x]\ncell = 'a'\nkey = 3", "needs words under 'key', not 3"),
        ("[x]\ncell = 'a'\nkey = 'b'\nfactor = 2", "'x' has no 'unit'"),
        ("[x]\ncell = 'a'\nkey = 'b'\nfactor = nan\nunit = 'mm'", "needs a finite number"),
        ("[x]\ncell = 'a'\nkey = 'b'\nfactor = '2'\nunit = 'mm'", "needs a number under 'factor'"),
        ("[x]\ncell = 'a'\nkey = 'b'\npower = 200\nunit = 'mm'", "needs a finite number from -10 to 10"),
        ("[x]\ncell = 'a'\nkey = 'b'\nfactors = 2", "did you mean 'factor'"),
        ("x = 3", "needs a table under 'x'"),
    ],
)
def test_what_cannot_be_read_names_its_file(text, message, tmp_path):
    (tmp_path / "parameters.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ObservationError, match=message):
        read_parameter_rows(tmp_path)


def test_experiment_without_such_rows_needs_no_file(tmp_path):
    folder = copy_of("Liu2018", tmp_path)
    (folder / "parameters.toml").unlink()
    assert read_experiment(folder).parameter_rows == {}


def test_ratio_of_two_parameters_and_its_power(tmp_path):
    (tmp_path / "parameters.toml").write_text(
        '["x"]\ncell = "a"\nkey = "Coating thickness [m]"\nover = "Separator layer 1 thickness [m]"\n'
        'factor = 3\npower = 2\nunit = "1"\n',
        encoding="utf-8",
    )
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    ratio = cell.values["Coating thickness [m]"] / cell.values["Separator layer 1 thickness [m]"]
    assert read_parameter_rows(tmp_path)["x"].of(cell, "%") == pytest.approx(300 * ratio**2, rel=1e-14)
