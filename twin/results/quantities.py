"""What is known of each result: its unit, its name on an axis, which way it is better, what NaN means.

A section for each kind of Dataset. A name may stand in two of them (`time` counts from the start of the
run, and in a time series from the start of the cycle), never twice in one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import xarray as xr

from twin.cell import Cell
from twin.errors import DatasetError, shown, unknown
from twin.protocols.half_cycle_voltages import voltage_named


@dataclass(frozen=True)
class Quantity:
    """One result, and how it is read.

    Attributes
    ----------
    name : of the variable in a Dataset
    units : "1" where it has none
    long_name : for people, on an axis
    better : which way a cell is better; None where neither way is
    never : of an event, what NaN says: "no short" came while the run lasted, so that among many draws
        it counts as infinitely late. None: NaN is no value, because the run had ended or had nothing to
        divide by
    cells : which cells have it: "every", those with a cathode ("full"), those without ("symmetric")
    in_percent : True for a share that people read in percent
    """

    name: str
    units: str
    long_name: str
    better: Literal["higher", "lower"] | None = None
    never: str | None = None
    cells: Literal["every", "full", "symmetric"] = "every"
    in_percent: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        """`units` and `long_name`, as a variable of a Dataset carries them."""
        return {"units": self.units, "long_name": self.long_name}

    def is_of(self, cell: Cell) -> bool:
        """True where runs of this cell hold it."""
        return self.cells == "every" or (self.cells == "full") == cell.has_cathode


def _section(*quantities: Quantity) -> Mapping[str, Quantity]:
    return MappingProxyType({quantity.name: quantity for quantity in quantities})


# fmt: off
RESULTS = _section(
    # per cycle
    Quantity("discharge_capacity", "A.h", "Discharge capacity", "higher"),
    Quantity("charge_capacity", "A.h", "Charge capacity", "higher"),
    Quantity("specific_discharge_capacity", "mA.h/g", "Specific discharge capacity", "higher", cells="full"),
    Quantity("areal_discharge_capacity", "mA.h/cm2", "Areal discharge capacity", "higher", cells="full"),
    Quantity("areal_charge_passed", "mA.h/cm2", "Charge passed in the cycle, both ways"),
    Quantity("capacity_retention", "1", "Capacity retention", "higher", in_percent=True),
    Quantity("kind", "1", "Kind of cycle: its block's name, or its steps"),
    Quantity("spent", "1", "True where a cycle delivers hardly any of what it is to deliver"),
    Quantity("coulombic_efficiency", "1", "Coulombic efficiency", "higher", in_percent=True),
    Quantity("discharge_energy", "W.h", "Energy delivered", "higher", cells="full"),
    Quantity("charge_energy", "W.h", "Energy taken up", cells="full"),
    Quantity("energy_efficiency", "1", "Energy efficiency", "higher", cells="full", in_percent=True),
    Quantity("mean_discharge_voltage", "V", "Discharge voltage, averaged over the charge passed", "higher", cells="full"),
    Quantity("mean_charge_voltage", "V", "Charge voltage, averaged over the charge passed", "lower", cells="full"),
    Quantity("time", "h", "Time at the end of the cycle"),
    Quantity("charge_time", "h", "Charging time of a cycle", "lower"),
    Quantity("cell_overpotential", "V", "Cell overpotential at the end of the half-cycle", "lower", cells="symmetric"),
    Quantity("plating_overpotential", "V", "Plating overpotential of one electrode", "lower"),
    Quantity("stripping_overpotential", "V", "Stripping overpotential of one electrode", "lower"),
    Quantity("leak_fraction", "1", "Share of the charge passed that leaks meanwhile", "lower"),
    Quantity("half_cycle_current_density", "A/m2", "Current density of the last half-cycle"),
    Quantity("resistance", "Ohm m2", "Area-specific small-signal resistance at the end of the cycle", "lower"),
    Quantity("interphase_thickness", "m", "Interphase thickness", "lower"),
    Quantity("contact_fraction", "1", "Contact fraction", "higher"),
    Quantity("coating_damage", "1", "Coating damage", "lower"),
    Quantity("filament_depth", "m", "Mean filament depth", "lower"),
    Quantity("layer_conversion", "1", "Share of the sacrificial layer that has converted"),
    Quantity("lithium_left", "C/m2", "Lithium left at the interface", "higher"),
    Quantity("total_lithium", "C/m2", "Lithium of the whole cell, wherever it is"),
    Quantity("bare_fraction", "1", "Share of the interface that the coating leaves bare", "lower"),
    Quantity("computed", "1", "True where the cycle was solved, False where it lies between solved cycles"),
    # of the whole run
    Quantity("cycle", "1", "Cycle number"),
    Quantity("fresh_resistance", "Ohm m2", "Area-specific small-signal resistance before the first cycle", "lower"),
    Quantity("outcome", "1", "Worst that happened"),
    Quantity("short_circuit_onset_cycle", "1", "First cycle with a soft or hard short circuit", "higher", never="no short"),
    Quantity("short_circuit_onset_time", "h", "Time of the first soft or hard short circuit", "higher", never="no short"),
    Quantity("critical_current_density", "A/m2", "Current density at which the short appears", "higher", never="no short", cells="symmetric"),
    Quantity("cumulative_charge", "mA.h/cm2", "Charge passed up to the short, both ways", "higher", never="no short", cells="symmetric"),
    Quantity("end_of_life_cycle", "1", "First cycle at whose end the cell is spent", "higher", never="not spent"),
    Quantity("lifetime", "h", "Time of the first failure of any kind", "higher", never="no failure"),
    Quantity("failure_progress", "1", "How far the nearest failure has come at the end of the run, 1 is failure", "lower"),
    Quantity("notes", "1", "What the run has to say about itself"),
)
"""What a run says, per cycle or as a whole."""

HANDED_ON = _section(
    Quantity("final_state", "in the state's name", "State of the cell at the end of the run"),
    Quantity("reference_capacity", "A.h", "Discharge capacity of the first cycle of each kind"),
)
"""What a run holds beside that, for another one that goes on from it."""

STUDIES = _section(
    Quantity("energy_delivered", "W.h", "Energy delivered over life", "higher", cells="full"),
    Quantity("run_time", "h", "Time at the end of the run", "lower"),
    # of one run it is 0 or 1, no goal; what a study makes better is its share of the draws, the chance
    Quantity("short_circuit", "1", "1 where a soft or hard short circuit occurred within the run", in_percent=True),
    Quantity("short_circuit_probability", "1", "Chance of a short circuit within the run", "lower", in_percent=True),
    Quantity("usable_draws", "1", "Draws with an answer"),
    Quantity("outcomes", "1", "Draws of each outcome"),
)
"""What a study says of each point, beside the results of its runs."""

SEARCHES = _section(
    Quantity("chance", "1", "Chance that a constraint asks about", in_percent=True),
    Quantity("fresh_chance", "1", "Chance on fresh draws at the best", in_percent=True),
    Quantity("excess", "1", "How far the chance is from what is asked; above zero: not met"),
    Quantity("reached", "as the bound", "Bound that would be met with the probability asked"),
    Quantity("missed", "1", "How far from meeting every constraint, 0 where all are met"),
    Quantity("draws_run", "1", "Draws run before the answer was clear"),
    Quantity("feasible", "1", "Meets every constraint"),
    Quantity("on_front", "1", "No feasible point is better in every objective"),
)
"""What a search says of each evaluation, beside its design and its objectives."""

FORECASTS = _section(
    Quantity("alive", "1", "Cells that deliver, without a short", "higher", in_percent=True),
    Quantity("short_circuit_probability", "1", "Chance of a short circuit by this cycle", "lower", in_percent=True),
    Quantity("short_circuit_probability_interval", "1", "Chance of a short circuit by this cycle, with its interval", "lower", in_percent=True),
    Quantity("outcomes", "1", "Draws of each outcome"),
)
"""What the summary of a forecast says of its draws together, beside the results of their runs."""

FOLLOWING = _section(
    Quantity("measured_cycles", "1", "Cycles measured"),
    Quantity("capacity_retention", "1", "Capacity retention", "higher", in_percent=True),
    Quantity("cell_overpotential", "V", "Cell overpotential at the end of the half-cycle", "lower", cells="symmetric"),
    Quantity("short_circuit_onset_cycle", "1", "First cycle with a soft or hard short circuit", "higher", never="no short"),
    Quantity("short_circuit_probability", "1", "Chance of a short circuit by this cycle", "lower", in_percent=True),
    Quantity("measured_onset", "1", "First cycle with a short that was measured", never="no short"),
    Quantity("resamplings", "1", "How often the particles were re-sampled"),
    Quantity("sweeps", "1", "Steps of each particle"),
    Quantity("accepted", "1", "Share of the steps that were accepted"),
    Quantity("effective", "1", "Particles left, had the new cycles only re-weighted them"),
    Quantity("seconds", "s", "Time that the update took"),
    Quantity("alarm", "1", "What the cell does that the model does not know"),
    Quantity("parameter_value", "in the parameter's name", "What a parameter of this cell is"),
)
"""What a twin that follows its cell says after each update."""

LAB_TESTS = _section(
    Quantity("sustained_current_density", "A/m2", "Highest current density without a short", "higher"),
    Quantity("current_density", "A/m2", "Current density"),
    Quantity("pulse_resistance", "Ohm m2", "Resistance at the end of the pulse", "lower"),
    Quantity("instantaneous_resistance", "Ohm m2", "Resistance at the start of the pulse", "lower"),
    Quantity("pulse_duration", "s", "Duration of the pulse"),
    Quantity("state_of_charge", "1", "State of charge", in_percent=True),
)
"""What the tests of a laboratory say, from a ramp of currents to pulses."""

SPECTRA = _section(
    Quantity("cycle", "1", "Cycle number"),
    Quantity("frequency", "Hz", "Frequency"),
    Quantity("impedance_real", "Ohm m2", "Real part of the impedance"),
    Quantity("impedance_imag", "Ohm m2", "Imaginary part of the impedance"),
    Quantity("high_frequency_resistance", "Ohm", "High-frequency resistance of the cell", "lower"),
    Quantity("total_resistance", "Ohm", "Resistance of the cell without diffusion", "lower"),
)
"""What impedance spectra hold."""

TIME_SERIES = _section(
    Quantity("time", "h", "Time since the start of the cycle"),
    Quantity("current", "A", "Current"),
    Quantity("current_density", "A/m2", "Current density"),
    Quantity("voltage", "V", "Voltage"),
    Quantity("open_circuit_voltage", "V", "Open-circuit voltage"),
    Quantity("capacity", "A.h", "Charge passed since the current changed direction"),
    Quantity("state_of_charge", "1", "State of charge", cells="full", in_percent=True),
    Quantity("temperature", "K", "Temperature"),
    Quantity("step", "1", "Step of the cycle, counted from 1"),
)
"""What the inside of a cycle holds, point by point."""

DRAWN_PARAMETERS = _section(
    Quantity("parameter_value", "in the parameter's name", "Value that each draw has"),
    Quantity("parameter_centre", "in the parameter's name", "Value of the cell, around which is drawn"),
    Quantity("parameter_informed", "1", "1 - posterior over prior deviation"),
    Quantity("parameter_cell_share", "1", "Share of the spread that is between equal cells"),
    Quantity("parameter_source", "1", "Source of the value and its prior"),
)
"""What a forecast or a study says of the draws that it ran on."""

FITTED_SPAN = _section(
    Quantity("condition_low", "in the condition's name", "Lowest value in this protocol"),
    Quantity("condition_high", "in the condition's name", "Highest value in this protocol"),
    Quantity("fitted_low", "in the condition's name", "Lowest value that was fitted; NaN: none was"),
    Quantity("fitted_high", "in the condition's name", "Highest value that was fitted; NaN: none was"),
    Quantity("fitted_part", "1", "Part of the cell that was fitted farthest from this protocol"),
    Quantity("times_beyond", "1", "How many times beyond what was fitted, 1 inside; twice for 10 K"),
    Quantity("model_error", "1", "Standard deviation of ln(rate of ageing) added outside what was fitted"),
)
"""What a forecast says of the conditions that were fitted, over `condition`."""

MEASUREMENTS = _section(
    # per cycle, over half_cycle
    Quantity("half_cycle_current", "A", "Mean current of the half-cycle"),
    Quantity("half_cycle_end_voltage", "V", "Voltage at the end of the half-cycle"),
    Quantity("half_cycle_resistance", "Ohm", "Resistance at the start of the half-cycle", "lower"),
    Quantity("half_cycle_resistance_delay", "s", "Time into the half-cycle at which its resistance was read"),
    # per step
    Quantity("step_cycle", "1", "Cycle of the step"),
    Quantity("step_direction", "1", "What the step does: charge, discharge or rest"),
    Quantity("step_control", "1", "What the step holds: CC the current, CV the voltage"),
    Quantity("step_start", "s", "Time at which the step starts"),
    Quantity("step_duration", "s", "Duration of the step"),
    Quantity("step_charge", "A.h", "Charge passed in the step"),
    Quantity("step_current", "A", "Mean current of the step, positive discharges"),
    Quantity("step_end_current", "A", "Current at the end of the step, positive discharges"),
    Quantity("step_first_voltage", "V", "Voltage at the first point of the step"),
    Quantity("step_end_voltage", "V", "Voltage at the end of the step"),
    # per point
    Quantity("series_time", "h", "Time since the start of the file"),
    Quantity("series_current", "A", "Current, positive discharges"),
    Quantity("series_voltage", "V", "Voltage"),
    Quantity("series_cycle", "1", "Cycle of the point"),
)
"""What the file of a cycler says beside what a run says, too."""

OUTSIDE = _section(
    Quantity("outside", "1", "Conditions outside of what was fitted, in words"),
    FITTED_SPAN["model_error"],
)
"""What a study says of each of its points in respect of what was fitted."""
# fmt: on

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({**RESULTS, **STUDIES})
"""What a study may be about: the results of a run, and what it says of a point beyond them."""

EDGES = ("low", "high")
"""What stands behind a quantity's name for the ends of its interval: `lifetime_low`."""
BASELINE = "baseline_"
"""What stands before a quantity's name for its value at the point that a study compares with."""
DIFFERENCE = "difference_"
"""What stands before a quantity's name for how far a point is from the one compared with."""
DERIVED = re.compile(
    rf"(?:{BASELINE}|{DIFFERENCE})?(?P<name>\w+?)(?:_q[\d.]+)?(?:_(?:{'|'.join(EDGES)}))?"
)
"""Names that are made of a quantity's, also at a quantile over the draws: `lifetime_q5`."""


def quantity_behind(name: str) -> Quantity | None:
    """The quantity that a variable holds, also under a name made of it; None for any other name."""
    known = {**LAB_TESTS, **FORECASTS, **QUANTITIES}
    if name in known:
        return known[name]
    found = DERIVED.fullmatch(name)
    return known.get(found["name"]) if found else None


def curve_quantity(name: str) -> Quantity | None:
    """What a run says in each cycle under a name, the voltages within its half-cycles included."""
    voltage = voltage_named(name)
    if voltage is None:
        return RESULTS.get(name)
    words = f"{voltage.half.capitalize()} voltage at {voltage.percent} % of the nominal capacity"
    return Quantity(name, "V", words, cells="full")


def is_event(name: str) -> bool:
    """True where NaN says of a variable that something never came."""
    quantity = quantity_behind(name)
    return quantity is not None and quantity.never is not None


def ageing(data: xr.Dataset) -> Quantity:
    """What tells the age of the cell behind a run or a forecast: its retention or, without a cathode, its
    overpotential, because such a cell passes the charge that it is told to pass."""
    return RESULTS["cell_overpotential" if "cell_overpotential" in data else "capacity_retention"]


def variable_of(data: xr.Dataset, name: str) -> xr.DataArray:
    """A variable or coordinate of a Dataset. Raises DatasetError: there is none of that name."""
    if not isinstance(data, xr.Dataset):
        raise DatasetError(f"a picture shows an xarray.Dataset, not {shown(data)}")
    if name in data.variables:
        return data[name]
    raise DatasetError(unknown(name, map(str, data.variables), "in this Dataset"))
