"""The field's words for what a file holds, and which columns of a file they are.

Those of the Battery Data Format are its preferred labels and machine-readable names (ontology 1.3 of the
Battery Data Alliance: "Test Time / s", `test_time_second`); the others are what Arbin, BaSyTec, BioLogic,
LANDT, Maccor, Neware and people write. What 1.3 calls `schedule_discharging_capacity_ah` is none of them: it
adds up since whatever its operator took for a reset, so that the current is integrated instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from twin.errors import MeasurementError, shown
from twin.measured.cycler.headers import Header, read_header

ANY_CHARGE = ("charge", "areal charge", "specific charge")
ANY_CURRENT = ("current", "areal current", "specific current")
ANY_IMPEDANCE = ("impedance", "areal impedance")
NO_UNIT = ("share",)


@dataclass(frozen=True)
class Term:
    """Something that a column may hold.

    Attributes
    ----------
    name : here
    headers : names that headers have for it, the one that is preferred first
    kinds : kinds of unit that it may have; a header with another kind of unit is something else
    """

    name: str
    headers: tuple[str, ...]
    kinds: tuple[str, ...] = NO_UNIT


TERMS = (
    Term("time", ("test time", "total time", "testtime", "totaltime", "elapsed time", "run time", "time since start", "program duration", "time", "t"), ("time",)),
    Term("step time", ("step time", "steptime", "t step"), ("time",)),
    Term("date", ("date time", "datetime", "date", "dpt time", "dpttime", "absolute time", "abs time", "timestamp", "time stamp", "realtime", "real time", "systime")),
    Term("unix time", ("unix time", "date time"), ("time",)),
    Term("voltage", ("voltage", "cell voltage", "ecell", "volts", "u", "v", "potential", "cell potential", "ewe ece", "ewe"), ("voltage",)),
    Term("current", ("current", "cell current", "amps", "i", "current density"), ANY_CURRENT),
    Term("cycle", ("cycle count", "cycle index", "cycle number", "cycle no", "cycle id", "total cycle", "cycle", "cyc", "cycle c", "cyc count", "cyc no", "cycle p", "n cycle")),
    Term("step", ("step count", "step id", "step no", "step number", "step", "steps", "ns", "line", "step index", "step p")),
    Term("state", ("step type", "step name", "state", "md", "command", "status", "mode of operation")),
    Term("channel", ("channel id", "channel index", "channel", "channel no", "channel number", "chan", "cell id", "cell name", "test id")),
    Term("discharge capacity", ("discharge capacity", "discharging capacity", "cycle discharging capacity", "capacity discharge", "dchg cap", "dchg capacity", "discharge cap", "discharge specific capacity", "specific discharge capacity", "q discharge", "qd", "cap dchg"), ANY_CHARGE),
    Term("charge capacity", ("charge capacity", "charging capacity", "cycle charging capacity", "capacity charge", "chg cap", "chg capacity", "charge cap", "charge specific capacity", "specific charge capacity", "q charge", "qc", "cap chg"), ANY_CHARGE),
    Term("capacity", ("capacity", "cap", "specific capacity"), ANY_CHARGE),
    Term("discharge energy", ("discharge energy", "discharging energy", "cycle discharging energy", "energy discharge", "dchg energy", "dchg eng"), ("energy", "specific energy")),
    Term("charge energy", ("charge energy", "charging energy", "cycle charging energy", "energy charge", "chg energy", "chg eng"), ("energy", "specific energy")),
    Term("coulombic efficiency", ("coulombic efficiency", "coulomb efficiency", "ce", "efficiency", "chg dchg efficiency", "coulombic eff"), NO_UNIT),
    Term("energy efficiency", ("energy efficiency", "ee", "energy eff"), NO_UNIT),
    Term("frequency", ("frequency", "freq", "f"), ("frequency",)),
    Term("impedance real", ("real impedance", "impedance real", "re z", "z re", "z real", "zreal", "zre", "z'", "re", "real", "real z"), ANY_IMPEDANCE),
    Term("impedance imaginary", ("imaginary impedance", "impedance imaginary", "impedance imag", "im z", "z im", "z imag", "zimag", "zim", "z''", "im", "imag", "minus im z", "neg im z", "imaginary"), ANY_IMPEDANCE),
)  # fmt: skip
"""Every term; where two share a header, the unit tells them apart, or the first has it."""
BATTERY_DATA_FORMAT = MappingProxyType({
    "time": ("test time / s", "test_time_second", "test_time_millisecond"),
    "voltage": ("voltage / v", "voltage_volt"),
    "current": ("current / a", "current_ampere"),
})  # fmt: skip
"""The three columns that the Battery Data Format requires, as it spells them, in small letters."""


@dataclass(frozen=True)
class Column:
    """A column of a file whose header is a term.

    Attributes
    ----------
    place : counted from 0
    header : Header
    term : name of a Term
    """

    place: int
    header: Header
    term: str


Columns = Mapping[str, Column]
"""Name of a term -> the column that holds it."""


def find_columns(headers: Sequence[str]) -> Columns:
    """The columns of a file that are known, by term; of several for one term the preferred header.

    Raises MeasurementError: two columns of one header, so that nobody can tell which is meant.
    """
    read = [read_header(text) for text in headers]
    found: dict[str, Column] = {}
    for term in TERMS:
        ranked = sorted(
            (term.headers.index(header.name), place)
            for place, header in enumerate(read)
            if header.name in term.headers and (header.unit is None or header.unit.kind in term.kinds)
        )
        taken = {column.place for column in found.values()}
        ranked = [(rank, place) for rank, place in ranked if place not in taken]
        if not ranked:
            continue
        rank, place = ranked[0]
        twins = [other for other_rank, other in ranked if other_rank == rank]
        if len(twins) > 1 and read[place].text == read[twins[1]].text:
            raise MeasurementError(
                f"two columns are called {shown(headers[place])} (columns {place + 1} and "
                f"{twins[1] + 1}): keep those of one channel"
            )
        found[term.name] = Column(place, read[place], term.name)
    return MappingProxyType(found)


def is_series(columns: Columns) -> bool:
    """True of current and voltage over time."""
    clocks = ("time", "step time", "date", "unix time")
    return {"voltage", "current"} <= set(columns) and any(clock in columns for clock in clocks)


def is_spectrum(columns: Columns) -> bool:
    """True of an impedance over frequency."""
    return {"frequency", "impedance real", "impedance imaginary"} <= set(columns)


def is_cycle_table(columns: Columns) -> bool:
    """True of one row a cycle."""
    told = (
        "discharge capacity",
        "charge capacity",
        "capacity",
        "coulombic efficiency",
        "energy efficiency",
    )
    return "cycle" in columns and any(name in columns for name in told) and not is_series(columns)


def is_known(columns: Columns) -> bool:
    """True of a table of any kind that is read."""
    return is_series(columns) or is_spectrum(columns) or is_cycle_table(columns)


def is_battery_data_format(headers: Iterable[str]) -> bool:
    """True where the three required columns are spelled as the Battery Data Format does."""
    spelled = {" ".join(text.replace("\ufeff", "").lower().split()) for text in headers}
    return all(spelled & set(names) for names in BATTERY_DATA_FORMAT.values())
