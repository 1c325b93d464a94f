"""The numbers that control how a step of a protocol is integrated.

``exact_cycle.py`` imports them; ``native`` hands each to ``exact_cycle.c`` under the same name. A "step"
here is one of the integration; what a protocol asks for is a "protocol step".
"""

# --- The size of a step ---------------------------------------------------------------------------

FIRST_STEP = 0.5
"""[s] The first step of a protocol step, once its fast states stand where they relax to."""

FIRST_RELAXING_STEP = 1e-9
"""[s] The first step where the relaxation itself is integrated: interfaces relax within milliseconds."""

SMALLEST_STEP = 1e-200
"""[s] The solver gives up where error control asks for a shorter step than this. No rate of the model
has a bound: with an exponent of 58, a filament crosses a separator within 1e-70 s."""

MOST_STEPS = 20_000
"""The solver gives up after this many trials in one protocol step, so that its work is bounded."""

EXPONENT = -0.25
"""A step is multiplied by error ** EXPONENT: the error that RODAS estimates is that of a method of
order 3, and grows with the fourth power of the step (Hairer and Wanner 1996, Section IV.8)."""

SAFETY = 0.9
"""The next step is this share of the one that would just be accepted, so that few are rejected."""

LARGEST_GROWTH = 8.0
"""A step is at most this many times as long as the one before it."""

SMALLEST_SHRINKAGE = 0.25
"""A step is at least this share of the one before it: an error of thousands of tolerances, or numbers
that are not finite, say that a step left the model's range, not by how much it was too long."""

LARGEST_TREND = 1.5
"""The predictive controller lets a step grow by at most this factor because the error falls from step to
step. Without such growth the error of a relaxation stays at a tenth of the tolerance."""

SMALLEST_ERROR = 1e-4
"""A smaller error, in units of the tolerance, counts as this: the predictive controller (Gustafsson
1994, ACM Trans. Math. Softw. 20, 496) divides by the error of the step before."""

LAST_MOMENT = 1e-9
"""A protocol step is over when this share of its duration is left: a shorter one is a rounding error."""

# --- Where a protocol step ends: at a cut-off or an event -----------------------------------------

CUT_OFF_TOLERANCE = 1e-6
"""A step that misses a cut-off by at most this has landed on it, and a protocol step that begins as
close to its cut-off is skipped: [V], or the share of a current."""

SHORTEST_MOMENT = 1e-15
"""A step that crosses the end is not shortened below this share of the time since the protocol step
began: that time would be the same number before and after it."""

MOST_LANDINGS = 8
"""After this many landings that missed, a step of half the length is taken before the next is tried."""

LANDING_SHARE = 0.1
"""Along the interpolation of a step, the root search comes within this share of CUT_OFF_TOLERANCE; the
rest of it is left for the difference between interpolation and step."""

MOST_TRIALS = 60
"""The root search asks the interpolation at most this often; bisection alone would need 40 trials."""

NARROWEST = 1e-12
"""The root search ends when its bracket is this share of the step: rounding errors decide below it."""

LEAST_SHARE = 1e-4
"""The root search keeps this share of its bracket away from both ends, so that the bracket shrinks."""

# --- How a protocol step begins: the current, and what relaxes at once ----------------------------

FAST_RATE = 10.0
"""[1/s] Only a state that relaxes at this rate or faster is put where it relaxes to, not integrated."""

FAST_SHARE = 1e4
"""Only a state whose relaxation fits this often into the protocol step is put where it relaxes to."""

MOST_SETTLING = 12
"""After this many iterations of Newton's method for the fast states, their relaxation is integrated."""

LARGEST_SURGE = 1.5
"""A relaxation through which the current falls from more than this many times where it settles, as on a
jump of the voltage that is held, is integrated: a filament grows in those milliseconds, too."""

SETTLED = 1e-3
"""Newton's method for the fast states ends when it moves each by at most this share of its tolerance."""

LEAST_SLOPE = 1e-6
"""A power can be taken with a current of either direction, of which the smaller is meant. The two count
as equal where the slope of the control row is, without current, at most this share of what it is with
either, as in a symmetric cell at rest: then the cell discharges, as PyBaMM's first guess makes it."""

MOST_CURRENT_TRIALS = 50
"""The solver gives up after this many iterations of Newton's method for the current at the start."""

CURRENT_TOLERANCE = 1e-12
"""Newton's method for the current ends when the control row misses its target by at most this share of
it, or by this where the target is below 1."""
