"""A circuit's functions as C: what one circuit is asked, and what several are asked at once."""

from typing import Any

import casadi

from twin.simulators.long_cycling.lane_code import UnknownOperationError, lane_code


def c_functions(
    *, alone: tuple[casadi.Function, ...], together: tuple[casadi.Function, ...]
) -> dict[str, Any]:
    """C code of a circuit, to stand between ``lanes.h`` and ``exact_cycle.c``.

    Parameters
    ----------
    alone, together : of casadi.Function
        What one circuit is asked, and what as many as there are lanes are asked at once.

    Returns
    -------
    dict
        `text`, and `sizes` of what the functions of `alone` work in, by the names that
        ``exact_cycle.c`` gives them; or `unknown_operation`, one of CasADi's that has no form in C here.
    """
    generator = casadi.CodeGenerator("circuit.c")
    sizes = {}
    for function in alone:
        generator.add(function)
        name = function.name().upper()
        sizes[f"{name}_ARGUMENTS"] = function.sz_arg()
        sizes[f"{name}_RESULTS"] = function.sz_res()
        sizes[f"{name}_WORK"] = function.sz_w()
    try:
        return {"text": "\n".join((generator.dump(), *map(lane_code, together))), "sizes": sizes}
    except UnknownOperationError as operation:
        return {"unknown_operation": str(operation)}
