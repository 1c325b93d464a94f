"""Linear algebra that gives the same to the bit in whatever process it is done."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
T = TypeVar("T")


def on_one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """The function, with one thread of BLAS wherever it runs.

    With several, sums are added up in another order. Worker processes have one thread, and the process
    that asks has one for each core: where a task ran would decide its last digits.
    """

    @functools.wraps(function)
    def limited(*arguments: P.args, **options: P.kwargs) -> T:
        with threadpool_limits(limits=1, user_api="blas"):
            return function(*arguments, **options)

    return limited
