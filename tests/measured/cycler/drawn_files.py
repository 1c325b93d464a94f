"""Files as nobody wrote them: strategies of Hypothesis for what readers may meet, and what must hold."""

import functools
import io
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import twin
from twin.errors import TwinError
from twin.measured.cycler.terms import TERMS

SLOWEST = 20.0
"""[s] in which a small file must be answered, on a machine with much other work."""
UNITS = (
    "s", "h", "ms", "min", "V", "mV", "A", "mA", "uA", "mA/cm2", "mA/g", "Ah", "mAh", "mAh/g", "mAh/cm2",
    "Wh", "Ohm", "Ohm.cm2", "Hz", "kHz", "%", "1", "C", "?", "", "V/mA",
)  # fmt: skip
ENTRIES = (
    "", "nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "0", "-0.0", "1", "2", "3.7", "-0.001",
    "0.001", "4,2", "--", "NA", "Rest", "CC Chg", "CC DChg", "D", "C", "R", "00:10:00", "99:59:59.9",
    "1d 00:00:01", "2024-01-31 12:00:00", "31.01.2024 12:00", "0000-00-00", "=1+1", "'; DROP",
    "\ufeff", "１", "1_000", "99999999999999999999", "True", "\x1b[31m", '"', "7" * 400,
)  # fmt: skip
SAID = {
    "current": ("positive charges", "positive discharges"),
    "time_unit": ("s", "h"),
    "current_unit": ("mA", "A"),
    "voltage_unit": ("V", "mV"),
    "capacity_unit": ("mAh", "mAh/g"),
    "impedance_unit": ("Ohm", "Ohm.cm2"),
    "active_mass": ("12.3 mg",),
    "area": ("0.785 cm2",),
    "channel": ("1", "A1"),
}
said = st.fixed_dictionaries({}, optional={key: st.sampled_from(own) for key, own in SAID.items()})
names = st.sampled_from([name for term in TERMS for name in term.headers])
headers = st.one_of(
    st.builds("{} / {}".format, names, st.sampled_from(UNITS)),
    st.builds("{}({})".format, names, st.sampled_from(UNITS)),
    st.builds("{}_{}".format, names, st.sampled_from(UNITS)),
    names,
    st.text(max_size=12),
)
ESSENTIAL = (
    ("Test Time / s", "Voltage / V", "Current / A"),
    ("test_time_millisecond", "voltage_volt", "current_ampere", "cycle_count", "step_index"),
    ("Total Time", "Voltage(mV)", "Current(mA)", "Step Type", "Cycle Index"),
    ("Step Time (s)", "Voltage", "Current", "Channel"),
    ("Date Time", "U[V]", "I/mA", "State"),
    ("cycle", "capacity (mAh/g)", "CE"),
    ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm"),
)
numbers = st.one_of(
    st.floats(-5, 5, width=32).map(str), st.integers(-3, 30).map(str), st.floats().map(str)
)
entries = st.one_of(numbers, st.sampled_from(ENTRIES))


@st.composite
def texts(draw) -> bytes:
    """A table of text, more or less."""
    first = list(draw(st.sampled_from(ESSENTIAL)))
    columns = draw(st.permutations(first + draw(st.lists(headers, max_size=3))))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", " "]))
    # most rows are plausible, so that the examples get behind the door
    plausible = st.lists(
        numbers if draw(st.booleans()) else entries, min_size=0, max_size=len(columns) + 1
    )
    rows = draw(
        st.lists(
            st.one_of(st.lists(numbers, min_size=len(columns), max_size=len(columns)), plausible),
            max_size=12,
        )
    )
    preamble = draw(st.lists(st.text(max_size=20), max_size=2))
    lines = [*preamble, delimiter.join(columns), *(delimiter.join(row) for row in rows)]
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    whole = ending.join(lines) + draw(st.sampled_from(["", ending]))
    return whole.encode(
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])), errors="replace"
    )


@functools.cache
def whole_files() -> dict[str, bytes]:
    """One whole file of each format that can be written here, by ending."""
    count = 60
    table = pd.DataFrame(
        {
            "Test Time / s": np.arange(count) * 60.0,
            "Voltage / V": 3.5 + 0.5 * np.sin(np.arange(count) / 5),
            "Current / A": np.where(np.arange(count) // 15 % 2 == 0, 1e-3, -1e-3),
            "Cycle Count / 1": 1 + np.arange(count) // 30,
            "Step Type": np.where(np.arange(count) // 15 % 2 == 0, "CC Chg", "CC DChg"),
        }
    )
    import polars

    parquet, excel, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    polars.from_dict({name: table[name].to_list() for name in table}).write_parquet(parquet)
    table.to_excel(excel, index=False)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data.ndc", bytes(range(256)) * 40)
        archive.writestr("VersionInfo.xml", "<root><config/></root>")
        archive.writestr("Step.xml", "<root/>")
    return {
        ".csv": table.to_csv(index=False).encode(),
        ".parquet": parquet.getvalue(),
        ".xlsx": excel.getvalue(),
        ".ndax": packed.getvalue(),
        ".nda": b"NEWARE" + bytes(range(256)) * 40,
    }


@st.composite
def damaged(draw) -> tuple[str, bytes]:
    """A whole file of some format in which bytes were changed, left out, doubled, or cut off."""
    ending = draw(st.sampled_from([".csv", ".csv", ".csv", ".parquet", ".xlsx", ".ndax", ".nda"]))
    content = bytearray(whole_files()[ending])
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(["change", "leave out", "double", "cut"])):
            case "change":
                content[place : place + 1] = draw(st.binary(min_size=1, max_size=4))
            case "leave out":
                del content[place : place + length]
            case "double":
                content[place:place] = content[place : place + length]
            case "cut":
                del content[place:]
    return ending, bytes(content)


files = st.one_of(
    texts().map(lambda content: (".csv", content)),
    texts().map(lambda content: (".csv", content)),
    damaged(),
    st.tuples(
        st.sampled_from([".csv", ".mpt", ".nda", ".ndax", ".xlsx", ".parquet"]), st.binary(max_size=300)
    ),
)


def check_answered(folder: Path, file: tuple[str, bytes], conventions: dict[str, str]) -> bool:
    """Raise AssertionError, or what should not have been raised, unless a file is read or answered.

    Returns True where it was read.
    """
    ending, content = file
    path = folder / f"made{ending}"
    path.write_bytes(content)
    begun = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            data = twin.read_measurements(path, **conventions)
        except TwinError as error:
            assert "\n" not in str(error)  # noqa: PT017
            data = None
    assert time.monotonic() - begun < SLOWEST
    assert path.read_bytes() == content
    if data is None:
        return False
    for name in ("charge_capacity", "discharge_capacity", "time", "step_duration", "step_charge"):
        if name in data and "step" in data.dims:
            assert (data[name].values >= 0).all(), name
    if "series_time" in data:
        assert (np.diff(data["series_time"].values) >= 0).all()
    return True
