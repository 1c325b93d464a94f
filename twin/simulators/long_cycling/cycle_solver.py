"""What solves cycles of a circuit: native code where the machine has a C compiler, otherwise Python."""

import ctypes
from collections.abc import Sequence

import numpy as np

from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit
from twin.simulators.long_cycling.exact_cycle import PythonCycles
from twin.simulators.long_cycling.step_codes import REASONS, Reason
from twin.simulators.long_cycling.step_plan import Request, StepEnds


def cycle_solver(circuit: CompiledCircuit, tolerance: float, *, many: bool = False):
    """What solves cycles of a circuit: native code where the machine has it, otherwise Python.

    Parameters
    ----------
    circuit : CompiledCircuit
    tolerance : float
        Relative, on the states, over one integration step.
    many : bool
        Whether it will be asked for many cycles at a time: these then run side by side in the lanes of
        the processor. How many they are changes no number.

    Returns an object with ``solve(requests)``, the StepEnds of each Request, and
    ``recorded(parameters, x)``, what the circuit records, (row, recorded), at `x` (row, state with the
    current last).
    """
    library = circuit.wide_library if many else circuit.library
    if library is None:
        return PythonCycles(circuit, tolerance)
    return NativeCycles(circuit, library, tolerance)


class NativeCycles:
    """Solves cycles in ``exact_cycle.c``."""

    def __init__(self, circuit: CompiledCircuit, library: ctypes.CDLL, tolerance: float):
        self.tolerance, self.width = tolerance, circuit.size + 3
        self.reasons = REASONS + circuit.event_names
        self.library, self.entries = library, len(circuit.recorded)
        count, array = ctypes.c_int, ctypes.c_void_p
        library.exact_cycles.argtypes = [*[count] * 3, ctypes.c_double, *[array] * 7]
        library.recorded.argtypes = [count, *[array] * 3]

    def solve(self, requests: Sequence[Request]) -> list[StepEnds]:
        """How the steps of each cycle ended."""
        steps = np.array([len(request.cycle.steps) for request in requests], dtype=np.int32)
        plans = _side_by_side([request.cycle.table for request in requests])
        cut_offs = _side_by_side([request.cycle.cut_offs for request in requests])
        parameters = np.zeros(cut_offs.shape, dtype=np.uintp)
        for own, request in zip(parameters, requests, strict=True):
            own[: len(request.cycle.steps)] = _addresses(request.parameters)
        y = np.array([request.y for request in requests])
        ends = np.empty((*cut_offs.shape, self.width))
        reasons = np.full(cut_offs.shape, Reason.NOT_ENDED, dtype=np.int32)
        arrays = (y, parameters, steps, plans, cut_offs, ends, reasons)
        self.library.exact_cycles(
            len(requests), *plans.shape[1:], self.tolerance, *(array.ctypes.data for array in arrays)
        )
        words = [
            tuple(self.reasons[one] for one in own.tolist() if one != Reason.NOT_ENDED)
            for own in reasons
        ]
        return [StepEnds(values[: len(why)], why) for values, why in zip(ends, words, strict=True)]

    def recorded(self, parameters: np.ndarray, x: np.ndarray) -> np.ndarray:
        """(row, recorded) at the states `x` (row, state with the current last)."""
        x, values = np.ascontiguousarray(x), np.empty((len(x), self.entries))
        self.library.recorded(len(x), parameters.ctypes.data, x.ctypes.data, values.ctypes.data)
        return values


def _addresses(parameters: np.ndarray) -> int | np.ndarray:
    """Where the parameters (parameter,) of all steps or (step, parameter) of each stand in memory."""
    if parameters.ndim == 1:
        return parameters.ctypes.data
    return parameters.ctypes.data + parameters.strides[0] * np.arange(len(parameters), dtype=np.uintp)


def _side_by_side(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """(array, ...) with zeros where one is shorter than another."""
    shapes = {array.shape for array in arrays}
    if len(shapes) == 1:
        return np.array(arrays)
    together = np.zeros((len(arrays), *np.max(list(shapes), axis=0)), dtype=arrays[0].dtype)
    for own, array in zip(together, arrays, strict=True):
        own[tuple(map(slice, array.shape))] = array
    return together
