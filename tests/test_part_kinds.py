"""The list of parameters is what the equations ask for, and every one has a default or must be given."""

import pytest

import twin
from twin import names
from twin.errors import CellError
from twin.files import read_toml
from twin.laws import LAWS, unfollowed
from twin.model import SUBMODELS
from twin.part_kinds import CELLS, COATING, COMMON, LAYER_KEYS, ROLES
from twin.parts import shipped
from twin.physics.open_circuit_voltage import OPEN_CIRCUIT_VOLTAGES
from twin.simulators.long_cycling.compiled_circuit import compiled

DEPOSITION = {names.ALD_CYCLES, names.ALD_GROWTH}
"""How a film was made: the circuit knows its thickness."""


@pytest.mark.parametrize("name", ["Chang2023_Li_LGPS_LCO", "Chang2023_Li_LGPS_symmetric"])
def test_a_cell_may_say_what_its_equations_ask_for_and_how_it_was_made(name):
    cell = twin.load_cell(name)
    layer = {names.layer(1, quantity) for quantity in LAYER_KEYS.values()}
    beyond = DEPOSITION | ({names.ACTIVE_MASS} if cell.has_cathode else set())
    asked = set(compiled(cell).parameters)
    of_other_laws = set(unfollowed(cell.laws))
    assert not asked & of_other_laws
    assert set(CELLS[cell.interfaces].keys) == asked - layer | beyond | of_other_laws


def test_what_no_file_must_say_has_a_default():
    defaults = read_toml(shipped("parameter_sets") / "common.toml", CellError)
    assert set(defaults) == set(COMMON.must)
    film = read_toml(shipped("parameter_sets") / "coatings" / "none.toml", CellError)
    assert set(film) - {"description"} == {*COATING.must, *COATING.may} - DEPOSITION


@pytest.mark.parametrize("kind", [*ROLES.values(), *CELLS.values()], ids=lambda kind: kind.words)
def test_no_key_stands_twice(kind):
    assert len(kind.keys) == len(set(kind.keys))


def test_every_open_circuit_voltage_that_a_cathode_may_name_has_a_function():
    assert {*names.OPEN_CIRCUIT_VOLTAGES, "none"} == set(OPEN_CIRCUIT_VOLTAGES)


def test_every_law_that_a_file_may_name_has_a_submodel_and_some_kind_of_file_names_it():
    known = {mechanism: set(laws) for mechanism, laws in LAWS.items()}
    assert known == {mechanism: set(submodels) for mechanism, submodels in SUBMODELS.items()}
    assert set(LAWS) == {mechanism for kind in ROLES.values() for mechanism in kind.laws}
