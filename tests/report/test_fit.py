"""The page of a fit says what the rows tell, with a doubt in front of everything."""

import made_up_fit
import pytest

import twin
from twin.errors import DatasetError
from twin.report import page

DOUBT = "The posterior has not converged: 42 effective draws of 400."
"""What a fit says of itself."""


@pytest.fixture(scope="module")
def told():
    return page(made_up_fit.fit())


def rows_of(told, caption):
    return next(own for own in (*told.tables, *told.parameters) if own.caption == caption).rows


def test_a_doubt_stands_before_the_answer(told):
    assert page(made_up_fit.fit(DOUBT)).answer.startswith(f"{DOUBT} They halve")
    assert told.answer == (
        "They halve the prior's deviation, or more, of 2 of 4 parameters; 1 pair trades off, and 1 row "
        "pulls."
    )
    assert "Luo2021" in told.question


def test_parameters_stand_in_the_order_of_what_is_told(told):
    rows = rows_of(told, "Fitted, the best told first")
    assert [row[4] for row in rows] == ["80", "50", "20", "0"]
    key, before, best, after, _, basis, part = rows[0]
    assert (key, best, basis, part) == ("Growth rate [m2.s-1]", "1e-15", "measured rows", "pairs/one")
    # a factor of three is a deviation, so that 5 and 95 % are 3^1.645 either way
    assert before == "1.64e-16 to 6.09e-15"
    low, high = map(float, after.split(" to "))
    assert (low, high) == pytest.approx((1e-15 * 3**-0.33, 1e-15 * 3**0.33), rel=0.1)
    assert [row[5] for row in rows][2:] == ["prior only"] * 2


def test_every_row_has_what_is_left_of_it_where_it_is_left_out(told):
    rows = {row[0]: row for row in rows_of(told, "Every row")}
    assert [rows[name][-1] for name in "ABCDE"] == ["", "", "", "yes", ""]
    assert rows["C"][2] == ">1500 h"
    assert rows["D"][5:7] == ("-3.00", "0.90")
    assert any("Rows that pull: D;" in sentence for sentence in told.leans_on)
    assert any("trade off: rank correlation +0.9" in sentence for sentence in told.leans_on)


def test_how_it_was_found_and_what_it_is_worth(told):
    ends = rows_of(told, "Where each descent ended")
    assert ends[1] == ("trial 7", "3.6")
    evidence = " ".join(told.evidence)
    for words in (
        "420 effective draws", "of 400 asked for", "R-hat 1.010", "450 of the quantity with fewest",
        "-ln(posterior) 3.5 at the best point, after 1234 evaluations", "2 of 3 descents agree",
        "took 50 s and made 2468 runs: 49 runs per second",
    ):  # fmt: skip
        assert words in evidence, words
    (first, *_, last) = rows_of(told, "Effective draws of what is forecast")
    assert first == ("Luo2021_LiIn_LPSCl_NCM622", "Capacity retention", "500", "480")
    assert last[2] == "the same in every draw"


def test_what_an_older_file_lacks_is_said_and_the_rest_is_told():
    older = made_up_fit.fit()
    for name in ("starts", "forecast_effective"):
        del older[name]
    for name in ("seconds", "runs", "runs_per_second"):
        del older.attrs[name]
    told = page(older)
    assert [own.caption for own in told.tables] == ["Every row"]
    assert "the file does not say" in told.evidence[-1]
    assert "descents" not in " ".join(told.evidence)


def test_what_is_no_fit_makes_no_page():
    with pytest.raises(DatasetError, match="this Dataset is not a fit"):
        page(made_up_fit.fit().children["starts"])


@pytest.mark.parametrize("family", ["Chang2023", "Luo2021"])
def test_a_shipped_fit_has_its_page(family):
    told = page(twin.load_groups(made_up_fit.shipped(family)))
    assert len(told.pictures) == 3
    assert {own.caption for own in told.tables} == {
        "Every row", "Where each descent ended", "Effective draws of what is forecast",
    }  # fmt: skip
