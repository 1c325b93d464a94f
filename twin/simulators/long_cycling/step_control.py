"""Numbers by which a step of a protocol is integrated, for both forms of ``exact_cycle``."""

FIRST_STEP = 0.5
"""[s] once the fast states have settled."""
FIRST_RELAXING_STEP = 1e-9
"""[s] where their relaxation is integrated."""
SMALLEST_STEP = 1e-15
"""[s] below which the solver gives up."""
MOST_STEPS = 20_000
"""Bounds the work of one step of a protocol."""
LARGEST_GROWTH, SMALLEST_SHRINKAGE, SAFETY, SMALLEST_ERROR = 8.0, 0.1, 0.9, 1e-4
EXPONENT = -0.25
"""RODAS is of order 4, its estimate of the error of order 3."""
LAST_MOMENT = 1e-9
"""Of a step's duration, which counts as its end."""
CUT_OFF_TOLERANCE = 1e-6
"""[V], or relative current, on the place of a cut-off."""
MOST_LANDINGS = 8
"""Trials of a step that ends there, before a shorter one comes first."""
LANDING_SHARE = 0.1
"""Of that tolerance: to which the place is found along the interpolation of a step."""
MOST_TRIALS, NARROWEST, LEAST_SHARE = 60, 1e-12, 1e-4
"""Evaluations of it, the share of the step below which none goes, and of the bracket that it moves."""
FAST_RATE = 10.0
"""[1/s] from which a state counts as relaxing at once, ..."""
FAST_SHARE = 1e4
"""... but never unless it relaxes this many times within the duration of the step."""
MOST_SETTLING, SETTLED = 12, 1e-3
"""Newton iterations to put fast states where they relax to, and the share of the tolerance to reach."""
MOST_CURRENT_TRIALS, CURRENT_TOLERANCE = 50, 1e-12
"""Newton iterations for the current at the start of a step, and the residual to reach."""
