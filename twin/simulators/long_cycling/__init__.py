"""The fast simulator: the equations of the model, compiled, and jumps over cycles without news."""

from twin.simulators.long_cycling.run import in_c, record, records, simulate, states_after
from twin.simulators.long_cycling.step_plan import UnknownStepError

__all__ = ["UnknownStepError", "in_c", "record", "records", "simulate", "states_after"]
