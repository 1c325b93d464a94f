"""The separator's layers: in series, each with its own conductivity and activation energy."""

import pytest
from circuit import ROUNDING, Circuit, arrhenius, unlike_energies

from twin import names

THICKNESS, CONDUCTIVITY, ENERGY = (400e-6, 150e-6), (0.4, 0.02), (20000.0, 45000.0)
"""[m], [S/m], [J/mol] of two unlike layers."""


@pytest.fixture
def layered(bare):
    def build(order):
        changes = {}
        for number, layer in enumerate(order, start=1):
            changes[f"Separator layer {number} thickness [m]"] = THICKNESS[layer]
            changes[f"Separator layer {number} conductivity [S.m-1]"] = CONDUCTIVITY[layer]
            changes[f"Separator layer {number} activation energy [J.mol-1]"] = ENERGY[layer]
        return Circuit(bare.with_layer_like_first(2).replace(changes))

    return build


def test_layers_add_their_resistances(layered):
    moment = layered((0, 1)).at()
    assert moment.value(names.SEPARATOR_RESISTANCE) == pytest.approx(1e-3 + 7.5e-3, rel=ROUNDING)
    assert moment.value(names.SEPARATOR_THICKNESS) == pytest.approx(550e-6, rel=ROUNDING)
    # that of one layer as thick as both
    assert moment.value(names.SEPARATOR_CONDUCTIVITY) == pytest.approx(550e-6 / 8.5e-3, rel=ROUNDING)


def test_each_layer_conducts_with_its_own_activation_energy(layered):
    warm = layered((0, 1)).at(celsius=60).value(names.SEPARATOR_RESISTANCE)
    expected = 1e-3 / arrhenius(ENERGY[0], 60) + 7.5e-3 / arrhenius(ENERGY[1], 60)
    assert warm == pytest.approx(expected, rel=ROUNDING)


def test_order_of_the_layers_does_not_matter(layered):
    one, other = (
        layered(order).at(celsius=40).value(names.SEPARATOR_RESISTANCE) for order in ((0, 1), (1, 0))
    )
    assert one == pytest.approx(other, rel=ROUNDING)


def test_a_pellet_obeys_arrhenius(bare):
    circuit = Circuit(unlike_energies(bare))
    cool, warm = (circuit.at(celsius=celsius).value(names.SEPARATOR_RESISTANCE) for celsius in (25, 60))
    energy = circuit.cell.values["Separator layer 1 activation energy [J.mol-1]"]
    assert cool / warm == pytest.approx(arrhenius(energy, 60), rel=ROUNDING)
    assert cool == pytest.approx(bare.values["Separator layer 1 thickness [m]"] / 0.4, rel=ROUNDING)
