"""An experiment: read once, shipped or a user's own alike, and its table of rows."""

import dataclasses
import math
import tomllib

import pandas as pd
import pytest
from measured.folders import change, copy_of

import twin
from twin.errors import ObservationError
from twin.measured import procedure
from twin.measured.experiment import read_experiment
from twin.measured.folder import folder_of

PAPERS = ["Chang2023", "Duan2023", "Liu2018", "Luo2021"]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_measured_row_can_be_run(paper):
    """What has a protocol has a cell that takes the row's settings, and a cycle of that protocol."""
    rows = twin.measured_rows(paper)
    ran = rows[rows["protocol"].notna()]
    assert len(ran) >= 8
    for row in ran.itertuples():
        twin.load_cell(row.cell).replace(row.settings)
        assert math.isnan(row.cycle) or 0 <= row.cycle <= row.protocol.number_of_cycles
    assert rows.loc[rows["role"] == "parameter", "protocol"].isna().all()


def test_measured_row_keeps_its_number_and_the_place_where_it_was_read():
    row = twin.measured_rows("Chang2023").loc["C02"]
    assert (row["value"], row["unit"], row["role"]) == (0.2, "V", "fit")
    assert row["settings"] == {"Coating thickness [m]": 200e-9}
    assert row["cycle"] == row["protocol"].number_of_cycles == 1500
    assert row["time"] == 3000


def test_a_folder_without_rows_has_an_empty_table_of_the_same_columns(tmp_path):
    folder = twin.new_experiment(tmp_path / "mine", "Luo2021_Li_LPSCl_NCM622")
    rows = twin.measured_rows(folder)
    assert (len(rows), list(rows)) == (0, list(twin.measured_rows("Luo2021")))


def test_measured_row_in_words_has_no_number():
    assert math.isnan(twin.measured_rows("Chang2023").loc["C52", "value"])


def test_unknown_paper_is_refused_with_the_nearest():
    with pytest.raises(ObservationError, match="did you mean 'Liu2018'"):
        twin.measured_rows("Liu2017")


@pytest.mark.parametrize("paper", PAPERS)
def test_ones_own_folder_is_read_as_a_shipped_one(paper, tmp_path):
    own, shipped = read_experiment(copy_of(paper, tmp_path)), read_experiment(paper)
    assert own.name == "mine"
    for field in ("protocols", "spreads", "cell_to_cell", "parameter_rows"):
        assert getattr(own, field) == getattr(shipped, field)
    assert [dataclasses.replace(row, line="") for row in own.rows] == [
        dataclasses.replace(row, line="") for row in shipped.rows
    ]
    assert {name: cell.hash for name, cell in own.cells.items()} == {
        name: cell.hash for name, cell in shipped.cells.items()
    }
    assert {name: cell.hash for name, cell in own.fitted_cells().items()} == {
        name: cell.hash for name, cell in shipped.fitted_cells().items()
    }
    pd.testing.assert_frame_equal(twin.measured_rows(tmp_path / "mine"), twin.measured_rows(paper))


def test_cell_in_the_folder_is_taken_before_a_shipped_one(tmp_path):
    folder = copy_of("Luo2021", tmp_path)
    shipped = (
        folder_of("Luo2021").parents[1] / "parameter_sets" / "cells" / "Luo2021_Li_LPSCl_NCM622.toml"
    )
    text = shipped.read_text(encoding="utf-8")
    (folder / shipped.name).write_text(text.replace('description = "', 'description = "my own '))
    own = read_experiment(folder).cells["Luo2021_Li_LPSCl_NCM622"]
    assert own.description.startswith("my own ")


def test_each_file_is_read_once_and_each_protocol_made_once(monkeypatch):
    """Not once a row, as 49 rows of 9 protocols would have it."""
    read, made = [], []
    loads, protocol = tomllib.loads, procedure.Protocol
    monkeypatch.setattr(tomllib, "loads", lambda text: read.append(text[:60]) or loads(text))
    monkeypatch.setattr(procedure, "Protocol", lambda *a, **k: made.append(a) or protocol(*a, **k))
    experiment = read_experiment("Chang2023")
    own = [text for text in read if "Chang2023" in text and not text.startswith("description")]
    assert len(own) == 3  # protocols, spread, parameters
    assert len(made) == len(experiment.protocols) == 9


def test_runs_hold_every_row_with_a_number_once():
    for paper in PAPERS:
        experiment = read_experiment(paper)
        own = [row.id for run in experiment.runs for row in run.rows]
        assert len(own) == len(set(own))
        assert set(own) == {
            row.id
            for row in experiment.rows
            if row.role != "parameter" and row.value is not None and row.protocol in experiment.protocols
        }


def test_physical_cells_of_the_repeated_stack_are_told_apart():
    """C20 to C24 and C40 to C43: the same protocol on two cells of one stack."""
    rows = {row.id: row for row in read_experiment("Chang2023").rows}
    assert len({rows[f"C2{k}"].physical_cell for k in range(5)}) == 1
    assert len({rows[f"C4{k}"].physical_cell for k in range(4)}) == 1
    assert rows["C20"].physical_cell != rows["C40"].physical_cell


@pytest.mark.parametrize(
    ("row", "cycle"),
    [("C02", 1500), ("C03", 5), ("C08", 100), ("C12", 10), ("C14", 20), ("C20", 5), ("C22", 15),
     ("C23", 20), ("C24", 25), ("C50", 50), ("C55", 800), ("C60", 0), ("C62", 96), ("C01", None)],
)  # fmt: skip
def test_place_of_a_row_in_its_protocol(row, cycle):
    rows = {row.id: row for row in read_experiment("Chang2023").rows}
    assert rows[row].cycle == cycle


def test_broken_folder_is_told_with_its_path(tmp_path):
    folder = copy_of("Chang2023", tmp_path)
    change(folder / "rows.csv", "C02", "C01")
    with pytest.raises(ObservationError, match=str(folder / "rows.csv")):
        read_experiment(folder)
