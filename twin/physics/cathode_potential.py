"""Equilibrium potential of a cathode material: a sum of elementary functions of the state of charge.

    U(SoC) = w_0 + w_1 SoC + sum_k w_k exp(-SoC / a_k) + sum_j w_j tanh((SoC - c_j) / b)
             - U_t exp(-SoC / a_t)

The weights are fitted to measured tables (``open_circuit_voltage``); the last term is a steep tail down
to the lower cut-off below their first point.
"""

import math

import numpy as np

HIGHEST_STEP = {"LCO": 0.62, "NCM622": 1.0}
"""Material -> state of charge up to which steps describe it: where its table ends."""
TAIL_VOLTAGE = 1.6
"""[V] of the tail at full lithiation, so deep that it ends below any cut-off."""
TAIL_WIDTH = 1.5e-3
"""SoC over which the tail decays: it takes 26 mV from LCO's first measured point, 2 from the second."""
DECAYS = (3e-3, 1e-2, 3e-2, 1e-1)
"""SoC over which the fitted exponentials decay, which follow the steep beginning of the tables."""
STEP_WIDTH = 0.03
"""SoC over which a fitted step rises; the tables have no finer feature."""
STEP_DISTANCE = STEP_WIDTH
"""SoC between fitted steps: side by side they follow any smooth curve."""


def potential(material, soc, weights, exp):
    """Potential against lithium [V] at a state of charge: what `exp` takes, symbol, array or number."""
    terms = basis(material, soc, exp)
    tail = -TAIL_VOLTAGE * exp(-soc / TAIL_WIDTH)
    return sum((w * term for w, term in zip(weights, terms, strict=True)), tail)


def basis(material, soc, exp):
    """Constant, slope, decays at full lithiation and steps tanh(x) over the measured range."""
    yield 1.0
    yield soc
    for width in DECAYS:
        yield exp(-soc / width)
    rising = exp(2 * soc / STEP_WIDTH)  # one for all steps: tanh was two thirds of a cycle's cost
    for centre in np.arange(0.02, HIGHEST_STEP[material], STEP_DISTANCE):
        yield 1 - 2 / (1 + rising * math.exp(-2 * centre / STEP_WIDTH))
