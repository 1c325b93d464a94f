"""A CasADi function as C that acts on several circuits at once.

CasADi's own code generator writes C for one circuit. This one writes the same operations, one after the
other, on the vectors of ``lanes.h``, whose entries each belong to a circuit.
"""

import math

import casadi

ELEMENTARY = (
    *("sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    *("exp", "log", "sqrt", "floor", "ceil", "erf", "log1p", "expm1"),
)
"""Functions of one number that C's mathematical library has under CasADi's name; ``lanes.h`` calls each
for all lanes as ``each_<name>``."""

FORMS = {name: f"each_{name}({{0}})" for name in ELEMENTARY} | {
    "assign": "{0}",
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "-{0}",
    "sq": "{0} * {0}",
    "twice": "{0} + {0}",
    "inv": "1.0 / {0}",
    "pow": "each_pow({0}, {1})",
    "constpow": "each_pow({0}, {1})",
    "fabs": "size({0})",
    "fmax": "largest({0}, {1})",
    "fmin": "smallest({0}, {1})",
    "sign": "sign({0})",
    "lt": "truth({0} < {1})",
    "le": "truth({0} <= {1})",
    "eq": "truth({0} == {1})",
    "ne": "truth({0} != {1})",
    "not": "truth({0} == 0.0)",
    "and": "truth(({0} != 0.0) & ({1} != 0.0))",
    "or": "truth(({0} != 0.0) | ({1} != 0.0))",
    "if_else_zero": "pick({0} != 0.0, {1}, all(0.0))",
}
"""How an operation of CasADi, by its name, is written in C; {0} and {1} are its operands."""

OPERATIONS = {
    getattr(casadi, name): name.removeprefix("OP_").lower()
    for name in dir(casadi)
    if name.startswith("OP_")
}
"""The name of an operation by the number that CasADi gives it."""


class UnknownOperationError(Exception):
    """An operation of CasADi that has no form here; its text is the name of the operation."""


def lane_code(function: casadi.Function) -> str:
    """C code of a function.

    Parameters
    ----------
    function : casadi.Function
        Of SX, so that it is a list of operations on numbers.

    Returns
    -------
    str
        ``static void <name>(const lanes *i0, ..., lanes *o0, ...)``: inputs, then outputs, each an array
        of as many `lanes` as it has entries.

    Raises
    ------
    UnknownOperationError : it contains an operation that has no form here.
    """
    statements = [_statement(function, place) for place in range(function.n_instructions())]
    given = [f"const lanes *i{place}" for place in range(function.n_in())]
    found = [f"lanes *o{place}" for place in range(function.n_out())]
    registers = ", ".join(f"a{place}" for place in range(function.sz_w()))
    head = f"static void {function.name()}({', '.join(given + found)})"
    return "\n".join([f"{head} {{", f"lanes {registers};", *statements, "}\n"])


def _statement(function: casadi.Function, place: int) -> str:
    operation = OPERATIONS[function.instruction_id(place)]
    given, found = function.instruction_input(place), function.instruction_output(place)
    if operation == "output":
        return f"o{found[0]}[{found[1]}] = a{given[0]};"
    if operation == "input":
        value = f"i{given[0]}[{given[1]}]"
    elif operation == "const":
        value = f"all({_number(function.instruction_constant(place))})"
    elif operation in FORMS:
        value = FORMS[operation].format(*(f"a{register}" for register in given))
    else:
        raise UnknownOperationError(operation)
    return f"a{found[0]} = {value};"


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
