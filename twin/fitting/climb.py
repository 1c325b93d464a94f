"""How the lengths of a Gaussian process are learnt: from some points, with a limit on the climb."""

import numpy as np
from scipy.optimize import minimize

LEARNT_FROM = 300
"""Points, spread evenly over all, that lengths are learnt from: the time grows as the number cubed."""
STEPS = 30
"""Most iterations of that search: the likelihood is flat long before."""


def climb(negative, start, bounds):
    """Where the negative ln of the marginal likelihood is least, and its value there."""
    found = minimize(
        negative, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    return found.x, found.fun


def spread_over(places: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of places, spread evenly over all."""
    return places[np.linspace(0, len(places) - 1, min(count, len(places))).astype(int)]
