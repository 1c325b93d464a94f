"""What solves cycles of a circuit: native code where the machine has a C compiler, otherwise Python."""

import ctypes
import functools
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
        self._batch: _Batch | None = None
        count, array = ctypes.c_int, ctypes.c_void_p
        library.exact_cycles.argtypes = [*[count] * 3, ctypes.c_double, *[array] * 8]
        library.recorded.argtypes = [count, *[array] * 3]

    def solve(self, requests: Sequence[Request]) -> list[StepEnds]:
        """How the steps of each cycle ended."""
        if self._batch is None or not self._batch.fits(requests):
            self._batch = _Batch(requests, self.tolerance)
        batch = self._batch
        batch.y[:] = [request.y for request in requests]
        batch.reasons.fill(Reason.NOT_ENDED)
        ends: np.ndarray = np.empty((*batch.reasons.shape, self.width))
        self.library.exact_cycles(*batch.given, ends.ctypes.data, batch.reasons_address)
        why = [_in_words(self.reasons, tuple(own.tolist())) for own in batch.reasons]
        return [StepEnds(values[: len(own)], own) for values, own in zip(ends, why, strict=True)]

    def recorded(self, parameters: np.ndarray, x: np.ndarray) -> np.ndarray:
        """(row, recorded) at the states `x` (row, state with the current last)."""
        x, values = np.ascontiguousarray(x), np.empty((len(x), self.entries))
        self.library.recorded(len(x), parameters.ctypes.data, x.ctypes.data, values.ctypes.data)
        return values


@functools.cache
def _in_words(reasons: tuple[str, ...], codes: tuple[int, ...]) -> tuple[str, ...]:
    """Why each step of a cycle ended, as far as they began."""
    return tuple(reasons[code] for code in codes if code != Reason.NOT_ENDED)


class _Batch:
    """What C takes for as long as the same runs ask for the same cycles.

    Attributes
    ----------
    given : tuple
        The arguments of ``exact_cycles``, but for the last two.
    y : (request, state)
        Where each cycle begins: written anew before each call.
    reasons : (request, step)
        Where C writes why each step ended, and `reasons_address` its address.
    """

    def __init__(self, requests: Sequence[Request], tolerance: float):
        self._requests = requests
        steps = np.array([len(request.cycle.steps) for request in requests], dtype=np.int32)
        plans = _side_by_side([request.cycle.table for request in requests])
        cut_offs = _side_by_side([request.cycle.cut_offs for request in requests])
        parameters, rows = _parameters(requests, cut_offs.shape[1])
        self.y = np.array([request.y for request in requests])
        self.reasons = np.empty(cut_offs.shape, dtype=np.int32)
        self._kept_alive = (self.y, parameters, rows, steps, plans, cut_offs)
        addresses = [array.ctypes.data for array in self._kept_alive]
        self.given = (len(requests), *plans.shape[1:], tolerance, *addresses)
        self.reasons_address = self.reasons.ctypes.data

    def fits(self, requests: Sequence[Request]) -> bool:
        """Whether these are requests for the same cycles with the same parameters."""
        return len(requests) == len(self._requests) and all(
            new.cycle is old.cycle and new.parameters is old.parameters
            for new, old in zip(requests, self._requests, strict=True)
        )


def _parameters(requests: Sequence[Request], steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The parameters of all requests (row, parameter), and the row of each step (request, step)."""
    if all(request.parameters.ndim == 1 for request in requests):
        own = np.arange(len(requests), dtype=np.int32)
        return np.array([request.parameters for request in requests]), np.repeat(own, steps)
    tables = [np.atleast_2d(request.parameters) for request in requests]
    rows = np.zeros((len(requests), steps), dtype=np.int32)
    first = 0
    for own, table in zip(rows, tables, strict=True):
        own[: len(table)] = first + np.arange(len(table))
        own[len(table) :] = first
        first += len(table)
    return np.concatenate(tables), rows


def _side_by_side(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """(array, ...) with zeros where one is shorter than another."""
    shapes = {array.shape for array in arrays}
    if len(shapes) == 1:
        return np.array(arrays)
    together = np.zeros((len(arrays), *np.max(list(shapes), axis=0)), dtype=arrays[0].dtype)
    for own, array in zip(together, arrays, strict=True):
        own[tuple(map(slice, array.shape))] = array
    return together
