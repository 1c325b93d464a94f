"""RODAS: the conditions that its coefficients meet, and what a step of it is worth."""

import numpy as np
import pytest

from twin.simulators.long_cycling.rodas import GAMMA, SOLUTION, A, C, rodas_step

STAGES = len(SOLUTION)


def lower(rows):
    """(stage, stage) matrix of the rows of a tableau."""
    matrix = np.zeros((STAGES, STAGES))
    for stage, row in rows.items():
        matrix[stage - 1, : len(row)] = row
    return matrix


# The method as it is usually written (Hairer and Wanner 1996, equations IV.7.4 and IV.7.25):
# alpha and Gamma instead of A and C, weights b instead of m
gamma = np.linalg.inv(np.eye(STAGES) / GAMMA - lower(C))
alpha = lower(A) @ gamma
beta = alpha + gamma
omega = np.linalg.inv(beta)
a, b_sum = alpha.sum(axis=1), beta.sum(axis=1)


def differential(weights):
    """What the conditions of orders 1 to 4 for differential equations say: (found, right) by order."""
    b = weights @ gamma
    return {
        1: [(b.sum(), 1)],
        2: [(b @ b_sum, 1 / 2)],
        3: [(b @ a**2, 1 / 3), (b @ beta @ b_sum, 1 / 6)],
        4: [
            (b @ a**3, 1 / 4),
            (b @ (a * (alpha @ b_sum)), 1 / 8),
            (b @ beta @ a**2, 1 / 12),
            (b @ beta @ beta @ b_sum, 1 / 24),
        ],
    }


def algebraic(weights):
    """The further conditions for index-1 systems up to order 3 (Section VI.4)."""
    b = weights @ gamma
    return [(b @ omega @ a**2, 1), (b @ omega @ a**3, 1), (b @ (a * (alpha @ omega @ a**2)), 1 / 4)]


NEW = np.array(SOLUTION)
EMBEDDED = np.array([*SOLUTION[:-1], 0.0])
ROUNDING = 1e-12  # sixteen digits, multiplied by at most some thousand


@pytest.mark.parametrize(("weights", "order"), [(NEW, 4), (EMBEDDED, 3)], ids=["new", "embedded"])
def test_order_conditions_for_differential_equations(weights, order):
    by_order = differential(weights)
    for met in range(1, order + 1):
        for found, right in by_order[met]:
            assert found == pytest.approx(right, abs=ROUNDING)
    if order < 4:
        assert any(abs(found - right) > 1e-3 for found, right in by_order[order + 1])


def test_order_conditions_for_algebraic_equations():
    for found, right in algebraic(NEW):
        assert found == pytest.approx(right, abs=ROUNDING)
    assert algebraic(EMBEDDED)[0][0] == pytest.approx(1, abs=ROUNDING)


def test_the_method_is_stiffly_accurate():
    """The new state is a stage: it meets the algebraic equations of a linear system exactly."""
    np.testing.assert_allclose(NEW @ gamma, beta[-1], atol=ROUNDING)
    assert a[-1] == pytest.approx(1, abs=ROUNDING)


@pytest.mark.parametrize("weights", [NEW, EMBEDDED], ids=["new", "embedded"])
def test_the_method_is_l_stable(weights):
    b, one = weights @ gamma, np.ones(STAGES)
    assert 1 - b @ omega @ one == pytest.approx(0, abs=ROUNDING)
    for z in 1j * np.logspace(-3, 5, 200):
        growth = 1 + z * b @ np.linalg.solve(np.eye(STAGES) - z * beta, one)
        assert abs(growth) <= 1 + ROUNDING


def stepped(x, h):
    """One step of a stiff system with one algebraic unknown, and its interpolation half way.

    x' = -y, 0 = y + y**3 / 3 - 2 x, and a state that follows x within a millisecond.
    """

    def evaluate(at):
        slow, fast, y = at
        return np.array([-y, 1000 * (slow - fast), y + y**3 / 3 - 2 * slow])

    jacobian = np.array([[0, 0, -1], [1000, -1000, 0], [-2, 0, 1 + x[2] ** 2]])
    mass = np.array([1.0, 1.0, 0.0])
    system = np.diag(mass) / (h * GAMMA) - jacobian
    new, error, bends = rodas_step(evaluate, lambda right: np.linalg.solve(system, right), x, mass, h)
    share = 0.5
    middle = (1 - share) * x + share * (new + (1 - share) * (bends[0] + share * bends[1]))
    return new, error, middle


def along(h, end=0.5):
    """The slow state at the end, in steps of length h."""
    x = consistent(1.0)
    for _ in range(round(end / h)):
        x, _, _ = stepped(x, h)
    return x


def consistent(slow):
    y = np.roots([1 / 3, 0, 1, -2 * slow])
    y = y[abs(y.imag) < 1e-9].real.item()
    return np.array([slow, slow, y])


def test_half_the_step_has_a_sixteenth_of_the_error():
    truth = along(1 / 640)
    errors = [np.abs(along(h) - truth)[[0, 2]] for h in (1 / 20, 1 / 40)]
    ratio = errors[0] / errors[1]
    # order 4 in the limit; the step is not small against every derivative
    assert np.all((ratio > 12) & (ratio < 20))


def test_error_estimate_and_interpolation_fall_with_the_fourth_power_of_the_step():
    x = along(1 / 640, 0.25)
    found = []
    for h in (1 / 20, 1 / 40):
        _, error, middle = stepped(x, h)
        truth = x
        for _ in range(64):
            truth, _, _ = stepped(truth, h / 128)
        found.append((abs(error[0]), abs(middle[0] - truth[0])))
    ratio = np.divide(*found)
    assert np.all((ratio > 12) & (ratio < 20)), ratio
