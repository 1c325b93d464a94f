"""The model in PyBaMM's own hands: entry points, options, stock Simulation, Thevenin itself."""

import numpy as np
import pybamm
import pytest

import twin
from twin import names

CCCV = ["Charge at 1C until 4.2 V", "Hold at 4.2 V until C/20", "Discharge at 1C until 2.6 V"]


def thevenin(options=None):
    return twin.SolidStateCell(options={"interfaces": "none", **(options or {})})


# --- at home in PyBaMM ----------------------------------------------------------------------------
def test_model_and_parameter_values_come_through_the_entry_points():
    model = pybamm.Model("SolidStateCell")
    values = pybamm.ParameterValues("Chang2023_LiAlO2_LGPS_LCO")
    solution = pybamm.Simulation(
        model, parameter_values=values, experiment=pybamm.Experiment([tuple(CCCV)])
    ).solve()
    assert solution["Voltage [V]"].entries[-1] == pytest.approx(2.6, abs=1e-4)


@pytest.mark.parametrize("name", twin.cells())
def test_every_shipped_cell_is_a_pybamm_parameter_set(name):
    values = pybamm.ParameterValues(name)
    cell = twin.load_cell(name)
    assert values["Electrode area [m2]"] == cell.area
    assert cell.description in pybamm.parameter_sets.get_docstring(name)


def test_default_is_the_coated_full_cell():
    values = twin.SolidStateCell().default_parameter_values
    assert values["Coating thickness [m]"] == 200e-9


@pytest.mark.parametrize("interfaces", ["negative", "both"])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_structure_is_well_posed(interfaces, layers):
    model = twin.SolidStateCell(options={"interfaces": interfaces, "number of separator layers": layers})
    model.check_well_posedness(post_discretisation=True)


def test_capacity_termination_ends_a_pybamm_experiment():
    values = twin.parameter_values(
        twin.load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False).replace(
            {"Calendar fade rate [s-1]": 1e-5, "Interface resistance factor": 0.1}
        )
    )
    experiment = pybamm.Experiment([tuple(CCCV)] * 20, termination="80% capacity")
    solution = pybamm.Simulation(
        twin.SolidStateCell(), parameter_values=values, experiment=experiment
    ).solve()
    capacity = solution.summary_variables["Capacity [A.h]"]
    assert 1 < len(capacity) < 20
    assert capacity[-1] <= 0.8 * capacity[0] < capacity[-2]


def test_impedance_spectrum_goes_from_the_separator_to_all_resistances():
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric", fitted=False)
    values = twin.parameter_values(cell)
    spectrum = pybamm.EISSimulation(
        twin.SolidStateCell(options={"interfaces": "both"}),
        parameter_values=values,
        skip_surface_form_check=True,
    ).solve(np.array([1e9, 1e-3]))
    high, low = spectrum.impedance
    separator = values["Separator layer 1 thickness [m]"] / 0.4
    faces = 2 * values["Pristine interface resistance [Ohm.m2]"]
    assert high.real * cell.area == pytest.approx(separator, rel=1e-3)
    assert low.real * cell.area == pytest.approx(separator + faces, rel=1e-3)
    assert abs(low.imag) < 1e-3 * low.real


def test_sources_of_the_physics_are_registered_with_pybamm(tmp_path):
    twin.SolidStateCell()
    pybamm.print_citations(str(tmp_path / "citations.txt"), output_format="bibtex")
    text = (tmp_path / "citations.txt").read_text()
    for key in ("DealGrove1965", "Wenzel2016", "Kasemchainan2019", "Porz2017", "Coffin1954"):
        assert key in text


# --- options -------------------------------------------------------------------------------------
def test_options_in_the_place_of_the_name_are_refused():
    with pytest.raises(pybamm.OptionError, match="by keyword"):
        twin.SolidStateCell({"interfaces": "both"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interfaces": "two"}, "'interfaces' must be one of"),
        ({"number of separator layers": 0}, "separator layers"),
        ({"number of rc elements": 2}, "its own resistor"),
        ({"not an option": "something"}, "Option 'not an option' not recognised"),
        ({"operating mode": "wrong"}, "Option 'operating mode' must be one of"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(pybamm.OptionError, match=message):
        twin.SolidStateCell(options=options)


# --- without interfaces it is PyBaMM's Thevenin: what PyBaMM itself tests of it -----------------------
def test_thevenin_has_pybamms_defaults():
    own, stock = thevenin(), pybamm.equivalent_circuit.Thevenin()
    x = own.variables["x ECMD"]
    assert own.default_var_pts == {x: 20}
    assert own.default_geometry == {"ECMD particle": {x: {"min": 0, "max": 1}}}
    assert isinstance(own.default_spatial_methods["ECMD particle"], pybamm.FiniteVolume)
    assert own.default_submesh_types == {"ECMD particle": pybamm.Uniform1DSubMesh}
    assert own.default_quick_plot_variables == stock.default_quick_plot_variables
    assert own.default_parameter_values.keys() == stock.default_parameter_values.keys()
    assert own.variables.keys() == stock.variables.keys()


@pytest.mark.parametrize(
    "options",
    [
        {},
        *({"number of rc elements": number} for number in (0, 2, 3, 4)),
        {"diffusion element": "true"},
        {"calculate discharge energy": "true"},
        *(
            {"operating mode": mode}
            for mode in (
                "voltage",
                "power",
                "differential power",
                "resistance",
                "differential resistance",
                "CCCV",
                lambda variables: variables["Voltage [V]"] + variables["Current [A]"] - 1,
            )
        ),
    ],
)
def test_thevenin_is_well_posed_with_each_of_its_options(options):
    thevenin(options).check_well_posedness()


def test_thevenin_refuses_a_negative_number_of_rc_elements():
    with pytest.raises(pybamm.OptionError, match="natural numbers"):
        thevenin({"number of rc elements": -1})


def test_thevenin_gives_pybamms_results():
    def voltage(model):
        return pybamm.Simulation(model).solve([0, 600])["Voltage [V]"](np.linspace(0, 600, 13))

    np.testing.assert_array_equal(voltage(thevenin()), voltage(pybamm.equivalent_circuit.Thevenin()))


def test_interface_variables_are_named_by_their_side():
    model = twin.SolidStateCell(options={"interfaces": "both"})
    for side in (names.NEGATIVE, names.POSITIVE):
        assert names.at(side, names.CONTACT_FRACTION) in model.variables
