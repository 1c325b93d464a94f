"""Temperatures and pressures that the laws were not made for are said, once."""

import warnings

import pytest

import twin
from twin.errors import ExtrapolationWarning
from twin.protocols import Block, Protocol
from twin.results.validity import beyond_laws

STEPS = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({}, ""),
        ({"temperature": "60 oC", "pressure": "2 MPa"}, ""),
        ({"temperature": "100 oC"}, "A temperature of 373.15 K"),
        ({"temperature": "-40 oC"}, "A temperature of 233.15 K"),
        ({"pressure": "75 MPa"}, "A stack pressure of 75 MPa"),
        ({"pressure": "0.2 MPa"}, "A stack pressure of 0.2 MPa"),
    ],
)
def test_what_the_laws_were_not_made_for_is_a_note(full, kept, said):
    notes = beyond_laws(full, Protocol([Block("ageing", STEPS, **kept)]))
    assert [note for note in notes if note.startswith(said)] == [*notes][: 1 if said else 0]
    assert bool(notes) == bool(said)


def test_a_forecast_under_too_much_pressure_says_so_once_and_in_its_notes():
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO").replace({"Stack pressure [Pa]": 75e6})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        data = twin.forecast(cell, Protocol(STEPS, 2), draws=3, processes=1)
    assert [own.category for own in caught].count(ExtrapolationWarning) == 1
    assert all("75 MPa" in note for note in data["notes"].values)
