"""The glossary: every parameter and every variable of the model, written once.

PyBaMM-style keys carry their unit in brackets; the results of a run, with theirs, stand in
``results/quantities.py``. A key that exists once per lithium interface is written without its side here
and named by :func:`at`, e.g. ``at(NEGATIVE, INTERPHASE_THICKNESS)``.
"""

NEGATIVE = "Negative"
"""The side of the cell whose lithium interface a discharge strips."""
POSITIVE = "Positive"
"""The side of the cell whose lithium interface, where it has one, a discharge plates."""


def at(side: str, name: str) -> str:
    """The key of an interface variable: ``at("Negative", "Contact fraction")`` is "Negative contact fraction"."""
    return f"{side} {name[0].lower()}{name[1:]}"


# --- PyBaMM's own keys that the twin leans on ----------------------------------------------------
CURRENT = "Current [A]"
VOLTAGE = "Voltage [V]"
SOC = "SoC"
SURFACE_SOC = "Surface SoC"
TEMPERATURE = "Cell temperature [K]"
OPEN_CIRCUIT_VOLTAGE = "Open-circuit voltage [V]"
DIFFUSION_OVERPOTENTIAL = "Diffusion overpotential [V]"
NET_CAPACITY = "Discharge capacity [A.h]"
THROUGHPUT_CAPACITY = "Throughput capacity [A.h]"
NET_ENERGY = "Discharge energy [W.h]"
THROUGHPUT_ENERGY = "Throughput energy [W.h]"

# --- Parameters: cell ----------------------------------------------------------------------------
CURRENT_FUNCTION = "Current function [A]"
CELL_CAPACITY = "Cell capacity [A.h]"
NOMINAL_CAPACITY = "Nominal cell capacity [A.h]"
INITIAL_SOC = "Initial SoC"
INITIAL_TEMPERATURE = "Initial temperature [K]"
AMBIENT_TEMPERATURE = "Ambient temperature [K]"
REFERENCE_TEMPERATURE = "Reference temperature [K]"
UPPER_CUT_OFF = "Upper voltage cut-off [V]"
LOWER_CUT_OFF = "Lower voltage cut-off [V]"
OVERPOTENTIAL_LIMIT = "Overpotential limit [V]"
AREA = "Electrode area [m2]"
STACK_PRESSURE = "Stack pressure [Pa]"
ACTIVE_MASS = "Cathode active mass [kg]"
DIFFUSION_TIME = "Diffusion time constant [s]"
DIFFUSION_ACTIVATION = "Diffusion activation energy [J.mol-1]"
UTILISATION = "Cathode utilisation"
EXCHANGE_CURRENT = "Cathode exchange current density [A.m-2]"
EXCHANGE_CURRENT_ACTIVATION = "Cathode exchange current activation energy [J.mol-1]"
CATHODE_CAPACITANCE = "Cathode double-layer capacitance [F.m-2]"
CALENDAR_FADE_RATE = "Calendar fade rate [s-1]"
CALENDAR_FADE_ACTIVATION = "Calendar fade activation energy [J.mol-1]"
FADE_TRANSFER = "Fade transfer coefficient"
FORMATION_SHARE = "Cathode formation share"
FORMATION_RATE = "Cathode formation rate [s-1]"
DIFFUSION_SPREAD = "Diffusion time constant spread"
SLOW_SHARE = "Slow particles share"
SLOW_RATIO = "Slow particles time constant ratio"

OPEN_CIRCUIT_VOLTAGES = ("LCO", "NCM622")
"""Active materials whose open-circuit voltage the twin knows: what a cathode's file may name."""

# --- Parameters: separator -----------------------------------------------------------------------


def layer(number: int, quantity: str) -> str:
    """The key of a separator layer's parameter, counted from 1 at the negative electrode."""
    return f"Separator layer {number} {quantity}"


LAYER_THICKNESS = "thickness [m]"
LAYER_CONDUCTIVITY = "conductivity [S.m-1]"
LAYER_ACTIVATION = "activation energy [J.mol-1]"
ELECTRONIC_CONDUCTIVITY = "Separator electronic conductivity [S.m-1]"
ELECTRONIC_ACTIVATION = "Separator electronic activation energy [J.mol-1]"

# --- Parameters: lithium interface ---------------------------------------------------------------
ANODE_POTENTIAL = "Anode potential [V]"
INTERFACE_FACTOR = "Interface resistance factor"
INTERFACE_CAPACITANCE = "Interface capacitance [F.m-2]"
PRISTINE_RESISTANCE = "Pristine interface resistance [Ohm.m2]"
INITIAL_INTERPHASE = "Initial interphase thickness [m]"
GROWTH_RATE = "Interphase growth rate [m.s-1]"
GROWTH_ACTIVATION = "Interphase growth activation energy [J.mol-1]"
DIFFUSION_LIMIT_THICKNESS = "Interphase diffusion-limited thickness [m]"
PASSIVATION_THICKNESS = "Interphase passivation thickness [m]"
GROWTH_PER_CHARGE = "Interphase volume fraction of charge passed"
INTERPHASE_CONDUCTIVITY = "Interphase conductivity [S.m-1]"
INTERPHASE_CONDUCTIVITY_ACTIVATION = "Interphase conductivity activation energy [J.mol-1]"
INTERPHASE_MOLAR_VOLUME = "Interphase molar volume [m3.mol-1]"
INTERPHASE_LITHIUM = "Interphase lithium per formula unit"
TRANSFER_COEFFICIENT = "Interface transfer coefficient"
SATURATION_THICKNESS = "Interphase saturation thickness [m]"
ISOLATED_SHARE = "Isolated area share"
ISOLATION_CHARGE = "Area isolation charge [C.m-2]"
ISOLATION_WIDTH = "Area isolation width [C.m-2]"
CRITICAL_STRIPPING = "Critical stripping current density [A.m-2]"
PRESSURE_EXPONENT = "Contact pressure exponent"
REFERENCE_PRESSURE = "Reference stack pressure [Pa]"
VOID_CHARGE = "Void formation charge [C.m-2]"
HEALING_CHARGE = "Contact healing charge [C.m-2]"
CREEP_TIME = "Contact creep time [s]"
CONTACT_ACTIVATION = "Contact activation energy [J.mol-1]"
SPOT_RADIUS = "Contact spot radius [m]"
TRAPPED_SHARE = "Trapped void share"
FILAMENT_COEFFICIENT = "Filament growth coefficient [m3.C-1]"
FILAMENT_REFERENCE = "Filament reference current density [A.m-2]"
FILAMENT_EXPONENT = "Filament current exponent"
FILAMENT_INITIATION = "Filament initiation current density [A.m-2]"
FILAMENT_ACCELERATION_LENGTH = "Filament acceleration length [m]"
FILAMENT_ACCELERATION_EXPONENT = "Filament acceleration exponent"
FILAMENT_RETRACTING_SHARE = "Filament retracting share"
FILAMENT_RETRACTION_CHARGE = "Filament retraction charge [C.m-2]"
FILAMENT_CLOSING_TIME = "Filament closing time [s]"
FILAMENT_CREEP_PRESSURE = "Filament creep pressure [Pa]"
PRESSING_PRESSURE = "Pressing pressure [Pa]"
REFERENCE_PRESSING = "Reference pressing pressure [Pa]"
FILAMENT_PRESSURE_EXPONENT = "Filament pressure exponent"
FASTEST_FILAMENT = "Fastest filament over mean"
SHORT_RESISTANCE = "Short-circuit resistance at contact [Ohm.m2]"
SHORT_LENGTH = "Short-circuit decay length [m]"
LITHIUM_INVENTORY = "Lithium inventory [C.m-2]"
DEPLETION_WIDTH = "Lithium depletion width [C.m-2]"
HOST_CAPACITY = "Anode host capacity [C.m-2]"
PLATEAU = (0.02, 0.98)
"""Lithium per host atom between which an alloy's potential is flat, and known."""

# --- Parameters: sacrificial layer ---------------------------------------------------------------
LAYER_DEPTH = "Sacrificial layer thickness [m]"
LAYER_MIXED_CONDUCTIVITY = "Sacrificial layer conductivity [S.m-1]"
LAYER_MIXED_ACTIVATION = "Sacrificial layer conductivity activation energy [J.mol-1]"
CONVERSION_RATE = "Sacrificial layer conversion rate [m.s-1]"
CONVERSION_ACTIVATION = "Sacrificial layer conversion activation energy [J.mol-1]"
CONVERSION_LIMIT = "Sacrificial layer diffusion-limited thickness [m]"
CONVERSION_LITHIUM = "Sacrificial layer lithium uptake [C.m-2]"
LAYER_STRENGTHENING = "Sacrificial layer strengthening"

# --- Parameters: coating -------------------------------------------------------------------------
COATING_THICKNESS = "Coating thickness [m]"
COATING_RESISTIVITY = "Coating lithiated resistivity [Ohm.m]"
COATING_INSULATING_RESISTIVITY = "Coating insulating resistivity [Ohm.m]"
HOPPING_DISTANCE = "Coating hopping distance [m]"
ALD_CYCLES = "ALD cycles"
ALD_GROWTH = "Thickness per ALD cycle [m]"
COATING_ACTIVATION = "Coating resistivity activation energy [J.mol-1]"
LITHIATION_DEPTH = "Coating lithiation depth [m]"
LITHIATION_TIME = "Coating lithiation time constant [s]"
INITIAL_LITHIATION = "Coating initial lithiated fraction"
BREACH_EXPONENT = "Coating breach exponent"
COATED_PRISTINE_RESISTANCE = "Coated pristine interface resistance [Ohm.m2]"
COATED_CRITICAL_STRIPPING = "Coated critical stripping current density [A.m-2]"
COATED_FILAMENT_INITIATION = "Coated filament initiation current density [A.m-2]"
PINHOLE_DAMAGE = "Coating pinhole damage [m2.C-1]"
PINHOLE_THICKNESS = "Coating pinhole thickness [m]"
STRAIN_DAMAGE = "Coating strain damage [m2.C-1]"
STRAIN_THICKNESS = "Coating strain thickness [m]"
STRAIN_EXPONENT = "Coating strain exponent"
FATIGUE_EXPONENT = "Coating fatigue exponent"
FATIGUE_CHARGE = "Coating fatigue reference charge [C.m-2]"

# --- Variables: cell -----------------------------------------------------------------------------
CURRENT_DENSITY = "Current density [A.m-2]"
FARADAIC_CURRENT_DENSITY = "Faradaic current density [A.m-2]"
LEAK_CURRENT_DENSITY = "Leak current density [A.m-2]"
LEAKED_CHARGE = "Leaked charge [A.h]"
SHORT_CONDUCTANCE = "Short-circuit conductance [S.m-2]"
ACCESSIBLE_CAPACITY = "Accessible capacity [A.h]"
CAPACITY = "Capacity [A.h]"
CAPACITY_LOSS = "Capacity loss fraction"
FORMATION = "Cathode formation"
CATHODE_CURRENT_DENSITY = "Cathode current density [A.m-2]"
OXIDISABLE_LITHIUM = "Oxidisable lithium of the electrolyte [C.m-2]"
CATHODE_LITHIUM = "Cathode lithium [C.m-2]"
LOST_LITHIUM = "Lithium lost with cathode material [C.m-2]"
TOTAL_LITHIUM = "Total lithium [C.m-2]"
SEPARATOR_RESISTANCE = "Separator resistance [Ohm.m2]"
SEPARATOR_CONDUCTIVITY = "Separator conductivity [S.m-1]"
SEPARATOR_THICKNESS = "Separator thickness [m]"
CHARGE_TRANSFER_OVERPOTENTIAL = "Cathode charge-transfer overpotential [V]"
CHARGE_TRANSFER_RESISTANCE = "Cathode charge-transfer resistance [Ohm.m2]"
CHARGE_TRANSFER_DISSIPATION = "Cathode charge-transfer dissipation [W.m-2]"
INTERNAL_RESISTANCE = "Internal resistance [Ohm.m2]"
DISSIPATION = "Dissipated power [W]"

# --- Variables: one per lithium interface --------------------------------------------------------
PLATING_CURRENT = "Plating current density [A.m-2]"
STRIPPING_CURRENT = "Stripping current density [A.m-2]"
PLATED_CHARGE = "Net plated charge [C.m-2]"
PRISTINE = "Pristine resistance [Ohm.m2]"
INTERPHASE_THICKNESS = "Interphase thickness [m]"
INTERPHASE_RESISTANCE = "Interphase resistance [Ohm.m2]"
INTERPHASE_SECANT_RESISTANCE = "Interphase share under current [Ohm.m2]"
LITHIATED_DEPTH = "Coating lithiated depth [m]"
COATING_RESISTANCE = "Coating resistance [Ohm.m2]"
COATING_SECANT_RESISTANCE = "Coating resistance under current [Ohm.m2]"
BARE_FRACTION = "Bare fraction"
COATING_DAMAGE_SUM = "Coating damage sum"
COATING_DAMAGE = "Coating damage"
CONTACT_FRACTION = "Contact fraction"
TRAPPED_VOIDS = "Trapped void fraction"
STRIPPED_CHARGE = "Stripped charge [C.m-2]"
ISOLATED_AREA = "Isolated area fraction"
REACHED_AREA = "Reached area fraction"
ISOLATION_RATE = "Area isolation rate [s-1]"
COATING_SHARE = "Coating share of interface resistance [Ohm.m2]"
INTERPHASE_SHARE = "Interphase share of interface resistance [Ohm.m2]"
LAYER_SHARE = "Sacrificial layer resistance [Ohm.m2]"
CONSTRICTION_RESISTANCE = "Constriction resistance [Ohm.m2]"
CONTACT_RESISTANCE = "Contact loss resistance [Ohm.m2]"
FILAMENT_DEPTH = "Filament depth [m]"
FRESH_FILAMENT = "Fresh filament depth [m]"
INTERFACE_RESISTANCE = "Interface resistance [Ohm.m2]"
INTERFACE_SECANT_RESISTANCE = "Interface resistance under current [Ohm.m2]"
INTERFACE_OVERPOTENTIAL = "Interface overpotential [V]"
ELECTRODE_OVERPOTENTIAL = "Electrode overpotential [V]"
ELECTRODE_POTENTIAL = "Electrode potential [V]"
LITHIUM = "Lithium inventory left [C.m-2]"
CONVERTED_DEPTH = "Sacrificial layer converted depth [m]"
CONVERTED_FRACTION = "Sacrificial layer converted fraction"

# --- Conditions: what a cell works under, of a whole protocol ---------------------------------------
CHARGE_CURRENT = "Charge current density [A.m-2]"
DISCHARGE_CURRENT = "Discharge current density [A.m-2]"
WORKING_TEMPERATURE = "Temperature [K]"
HALF_CYCLE_CHARGE = "Charge per half-cycle [C.m-2]"
CYCLES = "Cycles"
RUN_TIME = "Time [h]"

# --- Events --------------------------------------------------------------------------------------
HARD_SHORT_EVENT = "Hard short circuit"
OVERPOTENTIAL_EVENT = "Overpotential limit"
LARGEST_POWER_EVENT = "Largest power"

# --- Words of a result Dataset ---------------------------------------------------------------------
MECHANISMS = (
    "separator",
    "sacrificial_layer",
    "coating",
    "interphase",
    "contact",
    "charge_transfer",
)
"""Coordinate of `resistance`; in a symmetric cell both interfaces are summed."""

INTERFACES = {NEGATIVE: "negative", POSITIVE: "positive"}
"""Coordinate of the interface states, by side."""

OUTCOMES = (
    "completed",
    "end_of_life",
    "soft_short",
    "overpotential_limit",
    "hard_short",
    "infeasible",
    "solver_failure",
)
"""From best to worst; a run reports the worst that happened.

end_of_life: a coating failed or the accessible capacity fell below 80 %. soft_short: more than
2.5 % of the charge passed leaked. hard_short: the short carries the current. infeasible: a step
that the cell cannot run. solver_failure: no answer."""

NO_ANSWER = ("infeasible", "solver_failure")
"""Outcomes that say nothing about the cell: left out of every quantile, and counted."""

DEAD = ("hard_short", "overpotential_limit")
"""Outcomes that end a run before its last cycle: from then on the cell delivers nothing."""

# thermal parameters of PyBaMM's lumped submodel
CELL_THERMAL_MASS = "Cell thermal mass [J/K]"
CELL_JIG_HEAT_TRANSFER = "Cell-jig heat transfer coefficient [W/K]"
JIG_THERMAL_MASS = "Jig thermal mass [J/K]"
JIG_AIR_HEAT_TRANSFER = "Jig-air heat transfer coefficient [W/K]"
