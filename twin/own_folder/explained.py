"""What to write under each key that a new folder asks for, and where a laboratory finds it."""

from collections.abc import Mapping
from types import MappingProxyType

from twin import names

EXPLAINED: Mapping[str, str] = MappingProxyType({
    names.AREA: "area of one electrode; a disc of 10 mm has 7.854e-5 m2",
    names.ACTIVE_MASS: "mass of active material in the cathode, without binder, carbon and electrolyte",
    names.CELL_CAPACITY: (
        "what would pass between full and empty: of a cathode all of its active material (LCO 273.85, "
        "NCM622 203 mAh/g); of a symmetric cell the lithium of both foils (10 um hold 2.06 mAh/cm2)"
    ),
    names.NOMINAL_CAPACITY: "the capacity that C refers to: 1C discharges it in an hour",
    names.STACK_PRESSURE: "pressure on the stack while it is cycled",
    names.PRESSING_PRESSURE: "pressure at which the separator was pressed",
    names.AMBIENT_TEMPERATURE: "temperature of the chamber",
    names.OVERPOTENTIAL_LIMIT: "overpotential at which a cell counts as failed: the cycler's limit",
    names.INTERFACE_FACTOR: "interface resistance of this build over that of its pair, 1 if alike",
    names.HOST_CAPACITY: "charge that fills an alloy's host metal once; none of a lithium foil",
    names.UPPER_CUT_OFF: "voltage of the whole cell at which charging ends",
    names.LOWER_CUT_OFF: "voltage of the whole cell at which discharging ends",
    names.PRISTINE_RESISTANCE: "resistance of the fresh interface, from impedance: Ohm cm2 times 1e-4",
    names.GROWTH_RATE: "thickness that an interphase gains per time at first; 0 where none forms",
    names.CRITICAL_STRIPPING: (
        "current density at which stripping leaves voids at the reference pressure; 10 A/m2 are 1 mA/cm2"
    ),
    names.FILAMENT_COEFFICIENT: (
        "depth that filaments gain per charge at the reference current; 3e-9 m3/C let them cross 0.1 mm "
        "after 9 mAh/cm2; 0 where none grow"
    ),
    names.FILAMENT_INITIATION: "current density above which filaments grow",
    names.LITHIUM_INVENTORY: "lithium of the foil: 10 um hold 74200 C/m2",
    "Thickness [m]": "thickness of this layer, from its mass or a micrograph",
    "Conductivity [S.m-1]": "ionic conductivity at 298 K: mS/cm times 0.1",
    "Conductivity activation energy [J.mol-1]": "from an Arrhenius plot: eV times 96485",
    names.UTILISATION: "share of the active material that takes part",
    names.DIFFUSION_TIME: "time in which lithium spreads through a particle",
    names.DIFFUSION_ACTIVATION: "how diffusion in the cathode speeds up with heat: eV times 96485",
    names.EXCHANGE_CURRENT: "of the charge transfer at the cathode, by area of the electrode",
    names.EXCHANGE_CURRENT_ACTIVATION: "how charge transfer speeds up with heat: eV times 96485",
    names.CATHODE_CAPACITANCE: "double layer of the cathode, from impedance; 1 F/m2 if unknown",
    names.CALENDAR_FADE_RATE: "share of the capacity that is lost per second; 1e-9 is 3 % a year",
    names.CALENDAR_FADE_ACTIVATION: "how this loss speeds up with heat: eV times 96485",
    names.COATING_THICKNESS: "thickness of the film; 0 is bare",
    names.COATING_RESISTIVITY: "resistivity of the film where lithium has entered it",
    names.LITHIATION_DEPTH: "depth to which lithium enters the film",
    names.COATED_CRITICAL_STRIPPING: "current density at which stripping leaves voids under the film",
    names.COATED_FILAMENT_INITIATION: "current density above which filaments grow under the film",
})  # fmt: skip
"""Key -> what to write, without a full stop."""
