"""What can be turned: a parameter of the cell or of its cycle, with the range of its slider."""

import math
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.cell import Cell
from twin.results.validity import PRESSURES, TEMPERATURES

KELVIN = 273.15
"""[K] of 0 °C."""


@dataclass(frozen=True)
class Knob:
    """One slider.

    Attributes
    ----------
    name : in the address
    label, unit : for people
    key : of the cell's parameter; "" of what belongs to the protocol
    low, high, step : in `unit`; of a logarithmic one `step` is the ratio of neighbours
    per_unit, offset : a value in the key's unit is offset + per_unit times that in `unit`
    is_logarithmic : True where the range spans decades
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    key: str = ""
    per_unit: float = 1.0
    offset: float = 0.0
    is_logarithmic: bool = False

    def to_key(self, shown: float) -> float:
        """The parameter's value of what the slider shows, as short a number as a person would write."""
        return float(f"{self.offset + self.per_unit * shown:.9g}")

    def of_key(self, value: float) -> float:
        """What the slider shows of the parameter's value."""
        return (value - self.offset) / self.per_unit

    @property
    def stops(self) -> list[float]:
        """Every value that the slider can stand at."""
        if not self.is_logarithmic:
            count = round((self.high - self.low) / self.step) + 1
            return [float(f"{value:.6g}") for value in np.linspace(self.low, self.high, count)]
        count = round(math.log(self.high / self.low) / math.log(self.step)) + 1
        return [float(f"{value:.3g}") for value in np.geomspace(self.low, self.high, count)]


THICKNESS = Knob("thickness", "Coating thickness", "nm", 5, 500, 5, names.COATING_THICKNESS, 1e-9)
COLDEST = round(TEMPERATURES[0] - KELVIN)
"""[°C] where the laws begin to hold."""
HOTTEST = round(TEMPERATURES[1] - KELVIN)
"""[°C] where they end."""
TEMPERATURE = Knob(
    "temperature", "Temperature", "°C", COLDEST, HOTTEST, 1, names.AMBIENT_TEMPERATURE, 1.0, KELVIN
)  # fmt: skip
PRESSURE = Knob(
    "pressure",
    "Stack pressure",
    "MPa",
    PRESSURES[0] / 1e6,
    PRESSURES[1] / 1e6,
    0.5,
    names.STACK_PRESSURE,
    1e6,
)
UPPER = Knob("upper", "Charge until", "V", 3.2, 4.5, 0.01, names.UPPER_CUT_OFF)
LOWER = Knob("lower", "Discharge until", "V", 1.5, 3.2, 0.01, names.LOWER_CUT_OFF)
RATE = Knob("rate", "Current", "C", 0.02, 5, 1.08, is_logarithmic=True)
CURRENT = Knob("current", "Current density", "mA/cm²", 0.01, 10, 1.1, is_logarithmic=True)
CHARGE = Knob("charge", "Charge per half-cycle", "mAh/cm²", 0.01, 5, 1.1, is_logarithmic=True)
REST = Knob("rest", "Rest after each half-cycle", "min", 0, 120, 5)
CYCLES = Knob("cycles", "Cycles", "", 10, 2000, 10)


def knobs_of(cell: Cell) -> tuple[Knob, ...]:
    """The sliders of a cell: a symmetric one passes charge, a full one goes between its cut-offs."""
    film = (THICKNESS,) if cell.has_coating else ()
    around = (TEMPERATURE, PRESSURE)
    cycle = (RATE, UPPER, LOWER) if cell.has_cathode else (CURRENT, CHARGE)
    return (*film, *cycle, *around, REST, CYCLES)
