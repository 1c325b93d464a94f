"""RODAS, a Rosenbrock method for stiff differential-algebraic systems: its tableau and one step of it.

For M x' = f(x), with M diagonal, 1 for a differential row and 0 for an algebraic one, a step of length h
solves six linear systems of one matrix, one after the other::

    (M / (h gamma) - J) u_i = f(x + sum_j a_ij u_j) + M sum_j c_ij u_j / h,      J = df/dx at x
    x_new = x + sum_i m_i u_i

The method is of order 4, L-stable and stiffly accurate. Its embedded solution, of order 3, lacks only
the last stage, so that u_6 estimates the error. An interpolation of order 3 lies between x and x_new.

Source: Hairer and Wanner 1996, Solving Ordinary Differential Equations II, 2nd edition. Section IV.7
derives this form, which needs no product with J; Section VI.4 derives the conditions for differential-
algebraic systems and the method. The coefficients are those of the authors' Fortran code RODAS.
"""

GAMMA = 0.25
"""Diagonal coefficient of every stage: with this one the method is L-stable."""

A = {
    2: (1.544,),
    3: (0.9466785280815826, 0.2557011698983284),
    4: (3.314825187068521, 2.896124015972201, 0.9986419139977817),
    5: (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950),
    6: (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0),
}
"""By stage i: the weights a_ij with which earlier stages enter the state at which it is evaluated."""

C = {
    2: (-5.6688,),
    3: (-2.430093356833875, -0.2063599157091915),
    4: (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
    5: (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
    6: (
        8.083246795921522,
        -7.981132988064893,
        -31.52159432874371,
        16.31930543123136,
        -6.058818238834054,
    ),
}
"""By stage i: the weights c_ij with which earlier stages enter its right side."""

SOLUTION = (*A[6], 1.0)
"""The weights m_i: to the state at which the last stage is evaluated, that stage itself is added."""

BENDS = (
    (10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662),
    (-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872),
)
"""Two combinations b_1 and b_2 of the stages by which the interpolation bends away from a straight line:
at a share s of the step it is (1 - s) x + s (x_new + (1 - s) (b_1 + s b_2))."""


def rodas_step(evaluate, solve, x, mass, h):
    """One step of x, for numbers and symbols alike.

    Parameters
    ----------
    evaluate : callable
        f of a state.
    solve : callable
        The solution u of (M / (h GAMMA) - J) u = right side.
    x : (unknown,) the state at the start of the step
    mass : (unknown,) diagonal of M
    h : length of the step

    Returns
    -------
    (new, error, bends) : x_new, the estimate of its error, and the two combinations of `BENDS`.
    """
    per_h = 1 / h
    stages = []
    for stage in range(1, len(SOLUTION) + 1):
        at = x + _combination(A.get(stage, ()), stages)
        right = evaluate(at) + mass * (_combination(C.get(stage, ()), stages) * per_h)
        stages.append(solve(right))
    bends = [_combination(weights, stages) for weights in BENDS]
    return x + _combination(SOLUTION, stages), stages[-1], bends


def _combination(weights, stages):
    """The weighted sum of as many stages as there are weights."""
    return sum((w * stage for w, stage in zip(weights, stages, strict=False)), 0)
