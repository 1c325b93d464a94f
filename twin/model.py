"""The solid-state cell as a PyBaMM model: the submodels of ``physics`` in circuit order."""

import pybamm

from twin import names
from twin.cell import Cell
from twin.laws import DEFAULTS, LAWS
from twin.parameter_sets import load_cell
from twin.physics.capacity_fade import CapacityFade, FadeByPotential, NoCapacityFade
from twin.physics.cathode_formation import CathodeFormation, NoFormation
from twin.physics.charge_transfer import ChargeTransfer, NoChargeTransfer
from twin.physics.coating import Coating
from twin.physics.coating_damage import CoatingDamage
from twin.physics.contact import AccumulatingVoids, Contact
from twin.physics.diffusion import Diffusion
from twin.physics.dissipation import Dissipation
from twin.physics.filament import Filament, RetractingFilament
from twin.physics.interface_area import IsolatedArea, KeptArea
from twin.physics.interface_currents import InterfaceCurrents
from twin.physics.interface_kinetics import ActivatedInterface, OhmicInterface
from twin.physics.interface_overpotential import InterfaceOverpotential, PlatingEverywhere
from twin.physics.interphase_growth import InterphaseGrowth, SaturatingGrowth
from twin.physics.lithium_balance import LithiumBalance
from twin.physics.lithium_inventory import LithiumInventory
from twin.physics.open_circuit_voltage import OPEN_CIRCUIT_VOLTAGES, OpenCircuitVoltage
from twin.physics.parallel_diffusion import (
    SHELLS,
    LognormalDiffusion,
    ParallelDiffusion,
    TwoPopulations,
)
from twin.physics.pristine_resistance import PristineOfCoating, PristineOfPair
from twin.physics.sacrificial_layer import SacrificialLayer
from twin.physics.separator_resistance import SeparatorResistance
from twin.physics.short_circuit import ShortCircuit
from twin.physics.terminal_voltage import TerminalVoltage

SIDES = {
    "none": (),
    "negative": (names.NEGATIVE,),
    "both": (names.NEGATIVE, names.POSITIVE),
}
"""Lithium interfaces of the cell, by the option "interfaces"."""

DEFAULT_CELLS = {
    "negative": "Chang2023_LiAlO2_LGPS_LCO",
    "both": "Chang2023_LiAlO2_LGPS_symmetric",
}
"""Whose parameter values a model takes that is given none."""

SUBMODELS = {
    "cathode diffusion": {
        "one time constant": Diffusion,
        "lognormal time constants": LognormalDiffusion,
        "two time constants": TwoPopulations,
    },
    "capacity fade": {"by time": CapacityFade, "by potential": FadeByPotential},
    "cathode formation": {"none": NoFormation, "oxidation": CathodeFormation},
    "interphase growth": {"passivating": InterphaseGrowth, "saturating": SaturatingGrowth},
    "interface kinetics": {"ohmic": OhmicInterface, "activated": ActivatedInterface},
    "contact": {"refilled by plating": Contact, "accumulating voids": AccumulatingVoids},
    "filament": {"one way": Filament, "retracting": RetractingFilament},
    "wetting": {"as the pair": PristineOfPair, "its own": PristineOfCoating},
    "plating": {
        "through what is in contact": InterfaceOverpotential,
        "everywhere": PlatingEverywhere,
    },
    "interface area": {"kept": KeptArea, "isolated by stripping": IsolatedArea},
}
"""Submodel of each law that a mechanism may follow (:data:`twin.laws.LAWS`)."""

INTERFACE_MECHANISMS = {
    "currents": InterfaceCurrents,
    "sacrificial layer": SacrificialLayer,
    "coating": Coating,
    "coating damage": CoatingDamage,
    "interface area": SUBMODELS["interface area"],
    "interphase growth": SUBMODELS["interphase growth"],
    "contact": SUBMODELS["contact"],
    "filament": SUBMODELS["filament"],
    "lithium inventory": LithiumInventory,
    "wetting": SUBMODELS["wetting"],
    "interface kinetics": SUBMODELS["interface kinetics"],
    "plating": SUBMODELS["plating"],
}


class SolidStateCell(pybamm.equivalent_circuit.Thevenin):
    """Equivalent circuit of an all-solid-state lithium cell.

    [lithium interface] - separator - [second lithium interface, or composite cathode]

    Parameters
    ----------
    name : str, optional
    options : dict, optional
        Those of :class:`pybamm.equivalent_circuit.Thevenin`, and

        * "interfaces" : "negative" (default: full cell with a lithium anode), "both" (symmetric
          cell), or "none", which is PyBaMM's Thevenin with its own options and defaults;
        * "number of separator layers" : natural number, 1 by default;
        * a law for each mechanism of :data:`twin.laws.LAWS`, e.g. "capacity fade" : "by potential".

        With interfaces, "diffusion element" is "true" by default in a full cell and
        "calculate discharge energy" is "true" in both.
    build : bool, optional

    Notes
    -----
    ``pybamm.EISSimulation(model)`` gives impedance spectra. ``Simulation.solve(initial_soc=…)`` needs
    ``pybamm.Simulation(model, cache_esoh=False)``, as it does for PyBaMM's own Thevenin: by default
    PyBaMM 26.10 asks such a model for the electrodes of a lithium-ion cell.

    Raises
    ------
    pybamm.OptionError
        An option that is not known or not allowed; options given in the place of the name.
    """

    def __init__(self, name="Solid-state cell", options=None, build=True):
        if not isinstance(name, str):
            raise pybamm.OptionError(
                f"the model's name must be a string, not {name!r}; give options by keyword: "
                "SolidStateCell(options={...})"
            )
        super().__init__(name, options, build)

    def set_options(self, extra_options=None):
        extra = dict(extra_options or {})
        interfaces = extra.pop("interfaces", "negative")
        layers = extra.pop("number of separator layers", 1)
        laws = {mechanism: extra.pop(mechanism, DEFAULTS[mechanism]) for mechanism in LAWS}
        for mechanism, law in laws.items():
            if law not in LAWS[mechanism]:
                raise pybamm.OptionError(
                    f"Option '{mechanism}' must be one of {list(LAWS[mechanism])}. Got '{law}' instead."
                )
        if interfaces not in SIDES:
            raise pybamm.OptionError(
                f"Option 'interfaces' must be one of {list(SIDES)}. Got '{interfaces}' instead."
            )
        if not (isinstance(layers, int) and layers >= 1):
            raise pybamm.OptionError(
                f"Option 'number of separator layers' must be 1, 2, ... Got '{layers}' instead."
            )
        if interfaces != "none":
            has_cathode = interfaces == "negative"
            extra = {
                "diffusion element": "true" if has_cathode else "false",
                "calculate discharge energy": "true",
                "number of rc elements": 0,
                **extra,
            }
        super().set_options(extra)
        if interfaces != "none":
            # as in PyBaMM's porous electrodes: the double layers are states, so that spectra exist
            self.options["surface form"] = "differential"
        self.options["interfaces"] = interfaces
        self.options["number of separator layers"] = layers
        for mechanism, law in laws.items():
            self.options[mechanism] = law
        if interfaces != "none" and self.options["number of rc elements"] != 0:
            raise pybamm.OptionError(
                "Option 'number of rc elements' must be 0 with interfaces: each interface is its "
                "own resistor and capacitor. Use options={'interfaces': 'none'} for PyBaMM's "
                "Thevenin with RC elements."
            )

    @property
    def sides(self):
        """Sides that have a lithium interface."""
        return SIDES[self.options["interfaces"]]

    def set_submodels(self, build):
        if not self.sides:
            super().set_submodels(build)
            return
        has_cathode = self.options["interfaces"] == "negative"
        # what PyBaMM's "C-rate" refers to: "at C/10" and "until C/10" are one current
        self.param.Q = pybamm.Parameter(names.NOMINAL_CAPACITY)
        self.set_external_circuit_submodel()
        self.submodels["Throughput"] = pybamm.external_circuit.DischargeThroughput(
            self.param, self.options
        )
        self.submodels["Open-circuit voltage"] = OpenCircuitVoltage(self.param, self.options)
        self.submodels["Separator"] = SeparatorResistance(self.param, options=self.options)
        for side in self.sides:
            for mechanism, known in INTERFACE_MECHANISMS.items():
                submodel = self._followed(mechanism) if isinstance(known, dict) else known
                self.submodels[f"{side} {mechanism}"] = submodel(self.param, side, self.options)
        self.submodels["Short circuit"] = ShortCircuit(self.param, self.sides, self.options)
        transfer = ChargeTransfer if has_cathode else NoChargeTransfer
        fade = self._followed("capacity fade") if has_cathode else NoCapacityFade
        formation = self._followed("cathode formation") if has_cathode else NoFormation
        self.submodels["Cathode formation"] = formation(self.param, options=self.options)
        self.submodels["Charge transfer"] = transfer(self.param, options=self.options)
        self.submodels["Capacity fade"] = fade(self.param, self.sides, self.options)
        self.set_diffusion_submodel()
        self.set_thermal_submodel()
        self.submodels["Voltage"] = TerminalVoltage(self.param, self.sides, self.options)
        self.submodels["Dissipation"] = Dissipation(self.param, self.sides, self.options)
        self.submodels["Lithium balance"] = LithiumBalance(self.param, self.sides, self.options)

        if build:
            self.build_model()
        self.summary_variables = self._cell_summary_variables()

    def set_diffusion_submodel(self):
        if self.sides and self.options["diffusion element"] == "true":
            self.submodels["Diffusion"] = self._followed("cathode diffusion")(self.param, self.options)
        else:
            super().set_diffusion_submodel()

    def _followed(self, mechanism):
        """Submodel of the law that a mechanism follows."""
        return SUBMODELS[mechanism][self.options[mechanism]]

    @property
    def default_var_pts(self):
        points = super().default_var_pts
        if self.sides and isinstance(self.submodels.get("Diffusion"), ParallelDiffusion):
            return dict.fromkeys(points, SHELLS)
        return points

    def _cell_summary_variables(self):
        per_interface = (
            names.INTERPHASE_THICKNESS,
            names.CONTACT_FRACTION,
            names.COATING_DAMAGE,
            names.FILAMENT_DEPTH,
            names.CONVERTED_FRACTION,
        )
        return [
            names.CAPACITY,
            names.THROUGHPUT_CAPACITY,
            names.LEAKED_CHARGE,
            names.INTERNAL_RESISTANCE,
            *(names.at(side, name) for side in self.sides for name in per_interface),
        ]

    @property
    def default_parameter_values(self):
        if not self.sides:
            return super().default_parameter_values
        cell = load_cell(DEFAULT_CELLS[self.options["interfaces"]])
        layers = self.options["number of separator layers"]
        for number in range(2, layers + 1):
            cell = cell.with_layer_like_first(number)
        return parameter_values(cell)

    @property
    def default_quick_plot_variables(self):
        if not self.sides:
            return super().default_quick_plot_variables
        return [
            names.CURRENT,
            [names.VOLTAGE, names.OPEN_CIRCUIT_VOLTAGE],
            [names.at(side, names.ELECTRODE_OVERPOTENTIAL) for side in self.sides],
            [names.at(side, names.INTERPHASE_RESISTANCE) for side in self.sides],
            [names.at(side, names.CONTACT_FRACTION) for side in self.sides],
            [names.at(side, names.FILAMENT_DEPTH) for side in self.sides],
        ]


def build(cell: Cell) -> SolidStateCell:
    """The model of a cell's structure; its parameters stay symbols."""
    return SolidStateCell(
        options={
            "interfaces": cell.interfaces,
            "number of separator layers": cell.separator_layers,
            **cell.laws,
        }
    )


def parameter_values(cell: Cell) -> pybamm.ParameterValues:
    """A cell's parameter values as PyBaMM takes them."""
    return pybamm.ParameterValues(parameter_dict(cell))


def parameter_dict(cell: Cell) -> dict:
    """As :func:`parameter_values`, as the dictionary that PyBaMM's entry points return."""
    return {
        **cell.values,
        **functions_of(cell),
        "chemistry": "ecm",
        names.CURRENT_FUNCTION: cell.values[names.NOMINAL_CAPACITY],
    }


def functions_of(cell: Cell) -> dict:
    """What stands in the equations of a cell and follows from its structure, not from its values."""
    return {
        names.OPEN_CIRCUIT_VOLTAGE: OPEN_CIRCUIT_VOLTAGES[cell.open_circuit_voltage],
        "Entropic change [V/K]": 0.0,
    }
