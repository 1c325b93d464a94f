"""The stack to scale."""

import dataclasses
from xml.etree.ElementTree import fromstring

import pytest

from twin.parameter_sets import cells, load_cell
from twin.studio.stack import THINNEST, drawing, layers_of
from twin.units import unit_of_key, words_of_key

RECT = "{http://www.w3.org/2000/svg}rect"


@pytest.mark.parametrize("name", cells())
def test_layers_are_as_wide_as_they_are_thick(name):
    cell = load_cell(name)
    widths = [float(own.attrib["width"]) for own in fromstring(drawing(cell)).iter(RECT)]
    layers = layers_of(cell)
    assert len(widths) == len(layers)
    known = [
        (w, own.thickness)
        for w, own in zip(widths, layers, strict=True)
        if own.thickness and w > THINNEST
    ]
    scale = known[0][0] / known[0][1]
    for width, thickness in known:
        assert width == pytest.approx(scale * thickness, rel=0.02, abs=0.1)


def test_a_symmetric_stack_reads_the_same_from_both_ends():
    layers = layers_of(load_cell("Chang2023_LiAlO2_LGPS_symmetric"))
    assert layers == layers[::-1]
    assert [own.role for own in layers] == [
        "anode_interface",
        "coating",
        "separator",
        "coating",
        "anode_interface",
    ]


def test_each_layer_tells_its_parameters_with_unit_source_and_prior():
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO")
    titles = [own[0].text for own in fromstring(drawing(cell)).iter(RECT)]
    for title, key in zip(
        titles,
        (
            "Interphase growth rate [m.s-1]",
            "Coating lithiated resistivity [Ohm.m]",
            "Separator layer 1 conductivity [S.m-1]",
            "Cathode utilisation",
        ),
        strict=True,
    ):
        entry = cell.parameters[key]
        line = next(own for own in title.splitlines() if own.startswith(words_of_key(key)))
        assert f"{entry.value:.4g} {unit_of_key(key)} ({entry.source}; " in line


def test_names_are_text_whatever_stands_in_them():
    cell = load_cell("Chang2023_Li_LGPS_LCO")
    bad = "<script>alert(1)</script>"
    drawn = drawing(dataclasses.replace(cell, description=bad, parts={**cell.parts, "cathode": bad}))
    assert "<script" not in drawn
    fromstring(drawn)
