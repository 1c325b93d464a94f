"""What the submodels share: the interface they sit on, Arrhenius' law and their citations."""

import pybamm

from twin import names

GAS_CONSTANT = pybamm.constants.R
FARADAY = pybamm.constants.F
OXIDATION_POTENTIAL = 4.0
"""[V] against lithium, at which what oxidises at a cathode has its rate."""
SECONDS_PER_HOUR = 3600
"""Capacities are in A.h, as in PyBaMM; charges by area in C.m-2."""
RESTING_CURRENT = 1e-12
"""[A] below which a cell rests."""


class InterfaceSubModel(pybamm.BaseSubModel):
    """A mechanism of one lithium interface.

    Parameters
    ----------
    param : pybamm.EcmParameters
    side : str
        ``names.NEGATIVE`` or ``names.POSITIVE``; prefixes every variable of the interface.
    options : dict, optional
    """

    def __init__(self, param, side, options=None):
        super().__init__(param, options=options)
        self.side = side

    def key(self, name):
        """The key of this interface's variable."""
        return names.at(self.side, name)

    def conducting_area(self, variables):
        """Share of the nominal area that carries this interface's current: in contact, not isolated."""
        contact = variables[self.key(names.CONTACT_FRACTION)]
        return contact * variables[self.key(names.REACHED_AREA)]

    def state(self, name, scale=1.0):
        """A new state variable of this interface, with the scale that the solver works in."""
        return pybamm.Variable(self.key(name), scale=scale)


def arrhenius(activation_energy, temperature):
    """exp[-E/R (1/T - 1/T0)], dimensionless: 1 at the reference temperature.

    `activation_energy` is the name of the parameter [J.mol-1], `temperature` a symbol [K].
    """
    reference = pybamm.Parameter(names.REFERENCE_TEMPERATURE)
    energy = pybamm.Parameter(activation_energy)
    return pybamm.exp(energy / GAS_CONSTANT * (1 / reference - 1 / temperature))


def oxidation_drive(param, variables, transfer):
    """exp[alpha F (E - 4.0 V)/RT]: how much faster a cathode's electrolyte is oxidised than at 4 V.

    E is the potential of the particles' surface against lithium, `transfer` alpha.
    """
    potential = param.ocv(variables[names.SURFACE_SOC]) - variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]
    thermal = GAS_CONSTANT * variables[names.TEMPERATURE] / FARADAY
    return pybamm.exp(transfer * (potential - OXIDATION_POTENTIAL) / thermal)


def lithium_per_interphase_volume():
    """n F/V_m [C.m-3]: the charge of the lithium in an interphase."""
    molar_volume = pybamm.Parameter(names.INTERPHASE_MOLAR_VOLUME)
    return pybamm.Parameter(names.INTERPHASE_LITHIUM) * FARADAY / molar_volume


def smooth_step(x):
    """0 far below zero, 1 far above, 1/2 at zero; x is in units of the step's width."""
    return (1 + pybamm.tanh(x)) / 2


def bounds_while_driven(events, variables):
    """Lower bounds of a cell that act while it discharges, upper ones while it charges.

    In storage a cell discharges itself: its voltage may sag below any cut-off, its cathode take back all
    its lithium, and it stands there still, and can be charged again.
    """
    discharging = variables[names.CURRENT] / RESTING_CURRENT
    acting = {"Minimum": 1 - discharging, "Maximum": 1 + discharging}
    return [
        pybamm.Event(
            event.name, pybamm.maximum(event.expression, acting[event.name.split()[0]]), event.event_type
        )
        for event in events
    ]


def cite(*keys):
    """Register sources with PyBaMM, so that ``pybamm.print_citations()`` names them."""
    for key in keys:
        pybamm.citations.register(BIBLIOGRAPHY[key])


BIBLIOGRAPHY = {
    "DealGrove1965": """@article{DealGrove1965,
        author={Deal, B. E. and Grove, A. S.},
        title={General Relationship for the Thermal Oxidation of Silicon},
        journal={Journal of Applied Physics}, volume={36}, pages={3770--3778}, year={1965},
        doi={10.1063/1.1713945}}""",
    "Hartmann2013": """@article{Hartmann2013,
        author={Hartmann, Pascal and others},
        title={Degradation of NASICON-Type Materials in Contact with Lithium Metal: Formation of
               Mixed Conducting Interphases (MCI) on Solid Electrolytes},
        journal={The Journal of Physical Chemistry C}, volume={117}, pages={21064--21074},
        year={2013}, doi={10.1021/jp4051275}}""",
    "Wenzel2016": """@article{Wenzel2016,
        author={Wenzel, Sebastian and others},
        title={Direct Observation of the Interfacial Instability of the Fast Ionic Conductor
               Li10GeP2S12 at the Lithium Metal Anode},
        journal={Chemistry of Materials}, volume={28}, pages={2400--2407}, year={2016},
        doi={10.1021/acs.chemmater.6b00610}}""",
    "Liu2018": """@article{Liu2018,
        title={Stabilizing the Interface of NASICON Solid Electrolyte against Li Metal with Atomic
               Layer Deposition},
        author={Liu, Yulong and others},
        journal={ACS Applied Materials and Interfaces}, volume={10}, year={2018},
        doi={10.1021/acsami.8b06366}}""",
    "Verwey1935": """@article{Verwey1935,
        author={Verwey, E. J. W.},
        title={Electrolytic conduction of a solid insulator at high fields: The formation of the
               anodic oxide film on aluminium},
        journal={Physica}, volume={2}, pages={1059--1063}, year={1935},
        doi={10.1016/S0031-8914(35)90193-8}}""",
    "CabreraMott1949": """@article{CabreraMott1949,
        author={Cabrera, N. and Mott, N. F.},
        title={Theory of the oxidation of metals},
        journal={Reports on Progress in Physics}, volume={12}, pages={163--184}, year={1949},
        doi={10.1088/0034-4885/12/1/308}}""",
    "Santhosha2019": """@article{Santhosha2019,
        author={Santhosha, A. L. and others},
        title={The Indium-Lithium Electrode in Solid-State Lithium-Ion Batteries: Phase Formation,
               Redox Potentials, and Interface Stability},
        journal={Batteries and Supercaps}, volume={2}, pages={524--529}, year={2019},
        doi={10.1002/batt.201800149}}""",
    "Duan2023": """@article{Duan2023,
        title={Article 2300815},
        author={Duan and others},
        journal={Advanced Energy Materials}, year={2023}, doi={10.1002/aenm.202300815}}""",
    "Doux2020": """@article{Doux2020,
        author={Doux, Jean-Marie and others},
        title={Stack Pressure Considerations for Room-Temperature All-Solid-State Lithium Metal
               Batteries},
        journal={Advanced Energy Materials}, volume={10}, pages={1903253}, year={2020},
        doi={10.1002/aenm.201903253}}""",
    "Coffin1954": """@article{Coffin1954,
        author={Coffin, L. F.},
        title={A Study of the Effects of Cyclic Thermal Stresses on a Ductile Metal},
        journal={Transactions of the ASME}, volume={76}, pages={931--950}, year={1954}}""",
    "Kasemchainan2019": """@article{Kasemchainan2019,
        author={Kasemchainan, Jitti and others},
        title={Critical stripping current leads to dendrite formation on plating in lithium anode
               solid electrolyte cells},
        journal={Nature Materials}, volume={18}, pages={1105--1111}, year={2019},
        doi={10.1038/s41563-019-0438-9}}""",
    "Krauskopf2019": """@article{Krauskopf2019,
        author={Krauskopf, Thorben and others},
        title={Toward a Fundamental Understanding of the Lithium Metal Anode in Solid-State
               Batteries},
        journal={ACS Applied Materials and Interfaces}, volume={11}, pages={14463--14477},
        year={2019}, doi={10.1021/acsami.9b02537}}""",
    "Eckhardt2022": """@article{Eckhardt2022,
        author={Eckhardt, Janis K. and others},
        title={3D Impedance Modeling of Metal Anodes in Solid-State Batteries: Incompatibility of
               Pore Formation and Constriction Effect in Physical-Based 1D Circuit Models},
        journal={ACS Applied Materials and Interfaces}, volume={14}, year={2022},
        doi={10.1021/acsami.2c12991}}""",
    "Bielefeld2019": """@article{Bielefeld2019,
        author={Bielefeld, Anja and Weber, Dominik A. and Janek, Juergen},
        title={Microstructural Modeling of Composite Cathodes for All-Solid-State Batteries},
        journal={The Journal of Physical Chemistry C}, volume={123}, pages={1626--1634},
        year={2019}, doi={10.1021/acs.jpcc.8b11043}}""",
    "Lewis2021": """@article{Lewis2021,
        author={Lewis, John A. and others},
        title={Linking void and interphase evolution to electrochemistry in solid-state batteries
               using operando X-ray tomography},
        journal={Nature Materials}, volume={20}, pages={503--510}, year={2021},
        doi={10.1038/s41563-020-00903-2}}""",
    "Koerver2017": """@article{Koerver2017,
        author={Koerver, Raimund and others},
        title={Capacity Fade in Solid-State Batteries: Interphase Formation and Chemomechanical
               Processes in Nickel-Rich Layered Oxide Cathodes and Lithium Thiophosphate Solid
               Electrolytes},
        journal={Chemistry of Materials}, volume={29}, pages={5574--5582}, year={2017},
        doi={10.1021/acs.chemmater.7b00931}}""",
    "Han2017": """@article{Han2017,
        author={Han, Xiaogang and others},
        title={Negating interfacial impedance in garnet-based solid-state Li metal batteries},
        journal={Nature Materials}, volume={16}, pages={572--579}, year={2017},
        doi={10.1038/nmat4821}}""",
    "Porz2017": """@article{Porz2017,
        author={Porz, Lukas and others},
        title={Mechanism of Lithium Metal Penetration through Inorganic Solid Electrolytes},
        journal={Advanced Energy Materials}, volume={7}, pages={1701003}, year={2017},
        doi={10.1002/aenm.201701003}}""",
    "Ning2023": """@article{Ning2023,
        author={Ning, Ziyang and others},
        title={Dendrite initiation and propagation in lithium metal solid-state batteries},
        journal={Nature}, volume={618}, pages={287--293}, year={2023},
        doi={10.1038/s41586-023-05970-4}}""",
    "Kazyak2020": """@article{Kazyak2020,
        author={Kazyak, Eric and others},
        title={Li Penetration in Ceramic Solid Electrolytes: Operando Microscopy Analysis of
               Morphology, Propagation, and Reversibility},
        journal={Matter}, volume={2}, pages={1025--1048}, year={2020},
        doi={10.1016/j.matt.2020.02.008}}""",
    "Lewis2022": """@article{Lewis2022,
        author={Lewis, John A. and others},
        title={Role of Areal Capacity in Determining Short Circuiting of Sulfide-Based Solid-State
               Batteries},
        journal={ACS Applied Materials and Interfaces}, volume={14}, pages={4051--4060}, year={2022},
        doi={10.1021/acsami.1c20139}}""",
    "Sharafi2016": """@article{Sharafi2016,
        author={Sharafi, Asma and others},
        title={Characterizing the Li-Li7La3Zr2O12 interface stability and kinetics as a function of
               temperature and current density},
        journal={Journal of Power Sources}, volume={302}, pages={135--139}, year={2016},
        doi={10.1016/j.jpowsour.2015.10.053}}""",
    "Lee2020": """@article{Lee2020,
        author={Lee, Yong-Gun and others},
        title={High-energy long-cycling all-solid-state lithium metal batteries enabled by
               silver-carbon composite anodes},
        journal={Nature Energy}, volume={5}, pages={299--308}, year={2020},
        doi={10.1038/s41560-020-0575-z}}""",
    "Masias2019": """@article{Masias2019,
        author={Masias, Alvaro and others},
        title={Elastic, plastic, and creep mechanical properties of lithium metal},
        journal={Journal of Materials Science}, volume={54}, pages={2585--2600}, year={2019},
        doi={10.1007/s10853-018-2971-3}}""",
}
