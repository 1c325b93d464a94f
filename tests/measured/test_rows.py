"""The table of measured rows: each with its cell, its protocol and the place where it was read."""

import math

import pytest

import twin


@pytest.mark.parametrize("paper", ["Chang2023", "Duan2023", "Liu2018", "Luo2021"])
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


def test_measured_row_in_words_has_no_number():
    assert math.isnan(twin.measured_rows("Chang2023").loc["C52", "value"])


def test_unknown_paper_is_refused_with_the_nearest():
    with pytest.raises(twin.errors.ObservationError, match="did you mean 'Liu2018'"):
        twin.measured_rows("Liu2017")
