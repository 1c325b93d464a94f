"""How sharply a coating fails: its equations know it, and so does who predicts them, without PyBaMM."""

FAILURE_WIDTH = 0.02
"""Width of the smooth step, in damage D, with which a film fails around D = 1."""
