"""Measured rows: what a file may say, in which units, and what its errors tell."""

import csv
import math

import pytest
from measured.folders import HEADER, change, copy_of, write_rows

import twin
from twin.errors import ObservationError
from twin.measured.folder import folder_of
from twin.measured.readings import OBSERVABLES, Event

PAPERS = ["Chang2023", "Duan2023", "Liu2018", "Luo2021"]
OTHER_UNITS = {
    "V": [("mV", 1000)],
    "mAh/g": [("A.h/kg", 1), ("mA.h.g-1", 1), ("C/g", 3.6)],
    "mAh": [("Ah", 1e-3), ("C", 3.6)],
    "mAh/cm2": [("A.h/m2", 10), ("mA h cm-2", 1)],
    "%": [("1", 0.01)],
    "um": [("nm", 1000), ("m", 1e-6)],
    "nm": [("um", 1e-3)],
    "Ohm": [("kOhm", 1e-3), ("ohm", 1)],
    "h": [("min", 60), ("day", 1 / 24)],
    "cycle": [("cycles", 1)],
}
"""Unit of an observable -> other units that fit, and how many of them make one."""


def one_row(observable, value, unit, kind="value", role="validate", cycle=""):
    return f"X1,some cell,,some protocol,,{observable},{value},{unit},{kind},{role},my lab,,{cycle}"


def read(folder, *lines, header=f"{HEADER},cycle"):
    return twin.read_rows(write_rows(folder, *lines, header=header))


@pytest.mark.parametrize(("paper", "count"), [*zip(PAPERS, [49, 23, 30, 19], strict=True)])
def test_rows_are_those_of_the_paper(paper, count):
    assert len(twin.read_rows(paper)) == count


@pytest.mark.parametrize("paper", PAPERS)
def test_shipped_rows_keep_their_number_and_unit(paper):
    """They are in the units of their observables: nothing is converted, so nothing is rounded."""
    with (folder_of(paper) / "rows.csv").open(encoding="utf-8", newline="") as file:
        for written, row in zip(csv.DictReader(file), twin.read_rows(paper), strict=True):
            assert (row.id, row.text, row.unit) == (written["id"], written["value"], written["unit"])
            assert row.value is None or row.value == float(written["value"])


@pytest.mark.parametrize("observable", OBSERVABLES, ids=lambda o: f"{o.name} [{o.unit}]")
def test_unit_of_a_row_is_read(observable, tmp_path):
    kind = "event" if isinstance(observable, Event) else "value"
    cycle = "3" if observable.in_a_cycle else ""
    for unit, amount in OTHER_UNITS[observable.unit]:
        (row,) = read(tmp_path, one_row(observable.name, 2.5 * amount, unit, kind, cycle=cycle))
        assert row.value == pytest.approx(2.5, rel=1e-12)
        assert row.unit == observable.unit
    for unit in ("bananas", "", "kg", "K"):
        with pytest.raises(ObservationError, match=f"line 2.*no unit of .*{observable.unit}"):
            read(tmp_path, one_row(observable.name, 2.5, unit, kind, cycle=cycle))


def test_lifetime_counts_hours_or_cycles(tmp_path):
    hours, cycles = (
        read(tmp_path, one_row("lifetime", 30, unit, "event"))[0] for unit in ("d", "cycle")
    )
    assert (hours.value, hours.unit) == (720, "h")
    assert (cycles.value, cycles.unit) == (30, "cycle")
    with pytest.raises(ObservationError, match="give h or cycle"):
        read(tmp_path, one_row("lifetime", 30, "1", "event"))


@pytest.mark.parametrize(
    ("text", "cycle", "block"), [("", None, ""), ("0", 0, ""), ("12", 12, ""), ("0.1C", None, "0.1C")]
)
def test_place_of_a_row_is_a_number_or_a_block(text, cycle, block, tmp_path):
    (row,) = read(tmp_path, one_row("impedance", 40, "Ohm", cycle=text))
    assert (row.cycle, row.block, row.time) == (cycle, block, None)


def test_words_have_no_number(tmp_path):
    (row,) = read(tmp_path, one_row("capacity decay", "rapid", "", "context", "context"))
    assert (row.value, row.text, row.is_of_a_run) == (None, "rapid", False)


def test_byte_order_mark_and_empty_lines_do_no_harm(tmp_path):
    path = write_rows(tmp_path, one_row("impedance", 40, "Ohm", cycle="0"), "", header=f"{HEADER},cycle")
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert len(twin.read_rows(path)) == 1


def test_columns_are_those_of_the_table_with_the_new_ones_behind():
    for paper in PAPERS:
        header = (folder_of(paper) / "rows.csv").read_text(encoding="utf-8").split("\n")[0]
        assert header == f"{HEADER},cycle,time [h],specimen,compared"


# --- rows that are refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.2,V,value,fit", "high,V,value,fit", "line 3: 'high' is not a number"),
        ("0.2,V,value,fit", "nan,V,value,fit", "line 3: 'nan' is not a number"),
        ("0.2,V,value,fit", "inf,V,value,fit", "line 3: 'inf' is not a number"),
        ("0.2,V,value,fit", ",V,value,fit", "line 3: '' is not a number"),
        ("0.2,V,value,fit", "0.2,V,guess,fit", "line 3: kind must be one of"),
        ("0.2,V,value,fit", "0.2,V,value,maybe", "line 3: role must be one of"),
        ("0.2,V,value,fit", "0.2,V,context,fit", "line 3.*'context' is for words"),
        ("0.2,V,value,fit", "0.2,V,value,parameter", "line 3.*a parameter is of the kind"),
        ("0.2,V,value,fit", "0.2,V,event,fit", "line 3.*'cell overpotential' is no event"),
        ("0.2,V,value,fit", "0.2,bananas,value,fit", "line 3.*'bananas' is no unit"),
        (",rapid,,context,context", ",nan,,context,context", "'nan' is not a number"),
        ("C02,", "C01,", "line 3: C01: the id stands twice, here and in .*line 2"),
        ("C02,", ",", "line 3: a row needs an id"),
        ("id,cell", "name,cell", "line 1: the columns must be id, cell"),
        (",cycle,", ",cycles,", "line 1: 'cycles' is not a further column; did you mean 'cycle'"),
        (",cycle,time [h]", ",cycle,cycle", "line 1: the column 'cycle' stands twice"),
        (
            "cell overpotential,0.2",
            "cell overpotentail,0.2",
            "line 3.*did you mean 'cell overpotential'",
        ),
        ("cell overpotential,0.2", "cell overpotential,extra,0.2", "line 3: 17 columns instead of 16"),
        ("=200e-9", "=thin", "line 2: 'thin' is not a number"),
        ("Coating thickness [m]=200e-9", "200e-9", "line 2: cannot read the setting"),
        ("=200e-9", "=200e-9;Coating thickness [m]=1e-7", "line 2: the setting .* stands twice"),
        (",,3000,", ",1500,3000,", "line 3.*two places"),
        (",,3000,", ",,-3000,", "line 3.*must be more than 0 h"),
        (",,3000,", ",,soon,", "line 3: 'soon' is not a number"),
        (",,3000,", ",-1,,", "line 3: cycle must lie in 0 to"),
        (",,3000,", ",0,,", "line 3.*cannot be read before the first cycle"),
        ('still cycling,,,"', 'still cycling,9,,"', "line 2.*is read off the whole run"),
        (
            '"0.1 mA/cm2, 0.1 mAh/cm2 per half-cycle",3000 h,',
            ",3000 h,",
            "line 3.*asks for the protocol",
        ),
        (
            'polarisation,,,"symmetric, 100 nm"',
            'polarisation,,,"symmetric, 100 nm',
            "not readable as CSV",
        ),
        (
            "three-electrode, bare",
            "three-electrode, 200 nm",
            "line 11.*the specimen 'three-electrode, 200 nm' is a Chang2023_LiAlO2",
        ),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path, old, new, message):
    path = copy_of("Chang2023", tmp_path) / "rows.csv"
    change(path, old, new)
    with pytest.raises(ObservationError, match=message) as raised:
        twin.read_rows(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ALD cycles=50, 100, 150, 200", "ALD cycles", "cannot read what 'ALD cycles' compares"),
        ("ALD cycles=50, 100, 150, 200", "ALD cycles=50, many", "'many' is not a number"),
        (
            "ALD cycles=50, 100, 150, 200",
            "ALD cycles=50, 100",
            "one of the values 50 lowest, 100 lowest",
        ),
        ("150 lowest", "the thickest", "one of the values 50 lowest, 100 lowest"),
    ],
)
def test_bad_rankings_name_file_and_line(tmp_path, old, new, message):
    path = copy_of("Liu2018", tmp_path) / "rows.csv"
    change(path, old, new)
    with pytest.raises(ObservationError, match=f"line 24.*{message}"):
        twin.read_rows(path)


def test_file_that_is_none_is_refused_in_words(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(ObservationError):
            twin.read_rows(path)
    (tmp_path / "rows.csv").write_bytes(b"id,cell\xff")
    with pytest.raises(ObservationError, match="UTF-8"):
        twin.read_rows(tmp_path / "rows.csv")


# --- columns that are left out ---------------------------------------------------------------------


def test_specimens_may_be_left_out_where_rows_cannot_share_one(tmp_path):
    lines = (
        "A1,cell a,,slow,,impedance,40,Ohm,value,fit,,",
        "A2,cell a,Stack pressure [Pa]=1e6,slow,,impedance,40,Ohm,value,fit,,",
        "A3,cell b,,slow,,impedance,40,Ohm,value,fit,,",
        "A4,cell a,,slow,,lifetime,40,h,event,fit,,",
        "A5,cell a,,slow,,impedance,40,Ohm,value,validate,,",
    )
    rows = twin.read_rows(write_rows(tmp_path, *lines))
    assert len({row.physical_cell for row in rows}) == len(rows)


def test_specimens_must_be_named_where_rows_may_share_one(tmp_path):
    lines = (
        "A1,cell a,,slow,,impedance,40,Ohm,value,fit,,",
        "A2,cell a,,fast,,impedance,40,Ohm,value,fit,,",
    )
    with pytest.raises(ObservationError, match=r"line 3.*one physical cell or two.*'specimen'"):
        twin.read_rows(write_rows(tmp_path, *lines))
    named = [f"{line},{name}" for line, name in zip(lines, ("first", "second"), strict=True)]
    first, second = twin.read_rows(write_rows(tmp_path, *named, header=f"{HEADER},specimen"))
    assert first.physical_cell != second.physical_cell
    same = [f"{line},first" for line in lines]
    first, second = twin.read_rows(write_rows(tmp_path, *same, header=f"{HEADER},specimen"))
    assert first.physical_cell == second.physical_cell


def test_number_of_a_row_without_cycle_is_kept(tmp_path):
    (row,) = twin.read_rows(
        write_rows(tmp_path, "A1,cell a,,slow,cycle 100,impedance,4e1,Ohm,value,fit,,")
    )
    assert row.value == 40
    assert row.cycle is None  # 'at' is for people
    assert not math.isnan(row.value)
