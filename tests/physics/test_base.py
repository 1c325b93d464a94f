"""What the mechanisms share: Arrhenius' law, the smooth step, sources that PyBaMM prints."""

import numpy as np
import pybamm
import pytest
from circuit import GAS_CONSTANT, ROUNDING

import twin
from twin import names
from twin.laws import LAWS
from twin.physics.base import BIBLIOGRAPHY, arrhenius, smooth_step

ENERGY = "Activation energy [J.mol-1]"


def acceleration(energy, kelvin):
    values = pybamm.ParameterValues({names.REFERENCE_TEMPERATURE: 298.15, ENERGY: energy})
    return values.evaluate(arrhenius(ENERGY, pybamm.Scalar(kelvin)))


def test_arrhenius_is_a_straight_line_over_the_inverse_temperature():
    energy = 40000.0
    kelvin = np.array([260.0, 280.0, 298.15, 320.0, 350.0])
    logarithm = np.log([acceleration(energy, value) for value in kelvin])
    slope, intercept = np.polyfit(1 / kelvin, logarithm, 1)
    assert slope == pytest.approx(-energy / GAS_CONSTANT, rel=ROUNDING)
    assert intercept + slope / 298.15 == pytest.approx(0, abs=ROUNDING)  # 1 at the reference


def test_fifty_kilojoules_nearly_double_a_rate_over_ten_degrees():
    # the rule of thumb of reaction kinetics; 1.92 to the three digits given
    assert acceleration(50000.0, 308.15) == pytest.approx(1.92, abs=0.005)


def test_smooth_step_goes_from_nothing_to_one_about_its_middle():
    x = np.linspace(-12, 12, 49)
    step = np.array([smooth_step(pybamm.Scalar(value)).evaluate() for value in x])
    assert np.all(np.diff(step) >= 0)
    assert step + step[::-1] == pytest.approx(np.ones_like(x), abs=1e-15)  # even about 1/2
    assert step[0] < 1e-9 < 0.5 == step[24]
    # one width from the middle the step has done 88 %: (1 + tanh 1)/2
    assert smooth_step(pybamm.Scalar(1)).evaluate() == pytest.approx(0.8808, abs=5e-5)


def test_every_source_of_the_bibliography_is_cited_by_a_mechanism(tmp_path):
    for mechanism, known in LAWS.items():
        for law in known:
            twin.SolidStateCell(options={mechanism: law})
    pybamm.print_citations(str(tmp_path / "citations.txt"), output_format="bibtex")
    text = (tmp_path / "citations.txt").read_text()
    assert [key for key in BIBLIOGRAPHY if key not in text] == []
