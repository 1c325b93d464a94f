"""What each kind of file in ``parameter_sets/`` must and may say: the one list of parameters."""

from dataclasses import dataclass

from twin import names
from twin.laws import own_parameters


@dataclass(frozen=True)
class Kind:
    """A kind of file, and the values that it holds.

    Attributes
    ----------
    words : what an error calls it
    folder : where the shipped ones lie
    must : keys without a default: the file, what it is based on, or the cell's own file gives them
    may : keys with a default, and those that only some of its kind have
    texts : entries of the file that are texts, no parameters
    laws : mechanisms whose law the file may name
    """

    words: str
    folder: str
    must: tuple[str, ...]
    may: tuple[str, ...] = ()
    texts: tuple[str, ...] = ("description", "based_on")
    laws: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        own = (key for mechanism in self.laws for key in sorted(own_parameters(mechanism)))
        return tuple(dict.fromkeys((*self.must, *self.may, *own)))


PAIR = Kind(
    "a pair",
    "pairs",
    must=(
        names.PRISTINE_RESISTANCE,
        names.GROWTH_RATE,
        names.CRITICAL_STRIPPING,
        names.FILAMENT_COEFFICIENT,
        names.FILAMENT_INITIATION,
        names.LITHIUM_INVENTORY,
    ),
    may=(
        names.ANODE_POTENTIAL,
        names.HOST_CAPACITY,
        names.DEPLETION_WIDTH,
        names.INTERFACE_CAPACITANCE,
        names.GROWTH_ACTIVATION,
        names.DIFFUSION_LIMIT_THICKNESS,
        names.PASSIVATION_THICKNESS,
        names.GROWTH_PER_CHARGE,
        names.INTERPHASE_CONDUCTIVITY,
        names.INTERPHASE_CONDUCTIVITY_ACTIVATION,
        names.INTERPHASE_MOLAR_VOLUME,
        names.INTERPHASE_LITHIUM,
        names.INITIAL_INTERPHASE,
        names.REFERENCE_PRESSURE,
        names.PRESSURE_EXPONENT,
        names.VOID_CHARGE,
        names.HEALING_CHARGE,
        names.CREEP_TIME,
        names.CONTACT_ACTIVATION,
        names.SPOT_RADIUS,
        names.REFERENCE_PRESSING,
        names.FILAMENT_PRESSURE_EXPONENT,
        names.FILAMENT_REFERENCE,
        names.FILAMENT_EXPONENT,
        names.FILAMENT_ACCELERATION_LENGTH,
        names.FILAMENT_ACCELERATION_EXPONENT,
        names.FASTEST_FILAMENT,
        names.SHORT_RESISTANCE,
        names.SHORT_LENGTH,
        names.ELECTRONIC_CONDUCTIVITY,
        names.ELECTRONIC_ACTIVATION,
        names.LAYER_DEPTH,
        names.LAYER_MIXED_CONDUCTIVITY,
        names.LAYER_MIXED_ACTIVATION,
        names.CONVERSION_RATE,
        names.CONVERSION_ACTIVATION,
        names.CONVERSION_LIMIT,
        names.CONVERSION_LITHIUM,
        names.LAYER_STRENGTHENING,
    ),
    laws=(
        "interphase growth",
        "interface kinetics",
        "contact",
        "filament",
        "interface area",
        "plating",
    ),
)
"""Lithium or an alloy on an electrolyte. Its defaults are in common.toml."""


COATING = Kind(
    "a coating",
    "coatings",
    must=(
        names.COATING_THICKNESS,
        names.COATING_RESISTIVITY,
        names.LITHIATION_DEPTH,
        names.COATED_CRITICAL_STRIPPING,
        names.COATED_FILAMENT_INITIATION,
    ),
    may=(
        names.COATING_INSULATING_RESISTIVITY,
        names.HOPPING_DISTANCE,
        names.COATING_ACTIVATION,
        names.LITHIATION_TIME,
        names.INITIAL_LITHIATION,
        names.BREACH_EXPONENT,
        names.PINHOLE_DAMAGE,
        names.PINHOLE_THICKNESS,
        names.STRAIN_DAMAGE,
        names.STRAIN_THICKNESS,
        names.STRAIN_EXPONENT,
        names.FATIGUE_EXPONENT,
        names.FATIGUE_CHARGE,
        names.ALD_CYCLES,
        names.ALD_GROWTH,
    ),
    laws=("wetting",),
)
"""A film on the lithium. Its defaults are those of coatings/none.toml; of atomic layer deposition there
are none, because only some films were made so."""


ELECTROLYTE = Kind(
    "an electrolyte",
    "electrolytes",
    must=("Thickness [m]", "Conductivity [S.m-1]", "Conductivity activation energy [J.mol-1]"),
)
"""A layer of the separator."""


CATHODE = Kind(
    "a cathode",
    "cathodes",
    must=(
        names.UPPER_CUT_OFF,
        names.LOWER_CUT_OFF,
        names.UTILISATION,
        names.DIFFUSION_TIME,
        names.DIFFUSION_ACTIVATION,
        names.EXCHANGE_CURRENT,
        names.EXCHANGE_CURRENT_ACTIVATION,
        names.CATHODE_CAPACITANCE,
        names.CALENDAR_FADE_RATE,
        names.CALENDAR_FADE_ACTIVATION,
    ),
    texts=("description", "based_on", "open_circuit_voltage"),
    laws=("cathode diffusion", "capacity fade", "cathode formation"),
)
"""A composite with an active material, whose open-circuit voltage it names."""


LAYER_KEYS = dict(
    zip(
        ELECTROLYTE.must,
        (names.LAYER_THICKNESS, names.LAYER_CONDUCTIVITY, names.LAYER_ACTIVATION),
        strict=True,
    )
)
"""Keys of an electrolyte's file -> what they are called in a layer of the separator."""


CAPACITIES = (names.AREA, names.CELL_CAPACITY, names.NOMINAL_CAPACITY)
"""What no part can say of a cell."""


SURROUNDINGS = (
    names.REFERENCE_TEMPERATURE,
    names.INITIAL_TEMPERATURE,
    names.AMBIENT_TEMPERATURE,
    names.INITIAL_SOC,
    names.CELL_THERMAL_MASS,
    names.CELL_JIG_HEAT_TRANSFER,
    names.JIG_THERMAL_MASS,
    names.JIG_AIR_HEAT_TRANSFER,
    names.STACK_PRESSURE,
    names.PRESSING_PRESSURE,
    names.INTERFACE_FACTOR,
    names.OVERPOTENTIAL_LIMIT,
)
"""How a cell was built and is kept."""


COMMON = Kind("the defaults", "", must=(*SURROUNDINGS, *PAIR.may), texts=())
"""common.toml: what no file has to say."""


CELL_TEXTS = ("description", "reference")
"""Texts of a cell's file; its `interfaces` and its [parts] are read on their own."""


FULL_CELL = Kind(
    "a full cell",
    "cells",
    must=(*CAPACITIES, names.ACTIVE_MASS),
    may=(*SURROUNDINGS, *PAIR.keys, *COATING.keys, *CATHODE.keys),
    texts=CELL_TEXTS,
    laws=(*PAIR.laws, *COATING.laws, *CATHODE.laws),
)
"""A lithium interface and a cathode. What it says of a part takes the place of what the part says."""


CUT_OFFS = (names.UPPER_CUT_OFF, names.LOWER_CUT_OFF)
"""Of a full cell they are a cathode's; a symmetric cell has a default, far from where it ends."""


SYMMETRIC_CELL = Kind(
    "a symmetric cell",
    "cells",
    must=CAPACITIES,
    may=(*SURROUNDINGS, *PAIR.keys, *COATING.keys, *CUT_OFFS),
    texts=CELL_TEXTS,
    laws=(*PAIR.laws, *COATING.laws),
)
"""Two lithium interfaces. What it says of a part takes the place of what the part says."""


CELLS = {"negative": FULL_CELL, "both": SYMMETRIC_CELL}
"""Kind of a cell by where its lithium interfaces are."""


ROLES = {
    "anode_interface": PAIR,
    "coating": COATING,
    "separator": ELECTROLYTE,
    "cathode": CATHODE,
}
"""Kind of a part by what a cell's file calls it."""
