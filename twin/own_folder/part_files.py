"""The files of a new folder's parts: based on shipped ones, or with what must be filled in."""

from collections.abc import Mapping

from twin.cell import Cell
from twin.fitted_values import FittedValue, shipped_fits
from twin.own_folder.texts import FILL_IN, comment, commented_out, entry, quoted
from twin.parameters import label
from twin.part_kinds import CATHODE, ROLES, Kind
from twin.parts import read_part, shipped
from twin.results.phrases import number

NEW_PARTS = {"anode_interface": "my_pair", "separator": "my_electrolyte", "cathode": "my_cathode"}
"""What the parts of an empty stack are called, by role."""


def parts_like(cell: Cell) -> dict[str, str]:
    """The files of the parts of a shipped cell, by name: each takes over what the shipped part says."""
    found = {}
    fits = {
        name: (fit.name, value) for fit in shipped_fits() for name, value in fit.values.items()
    }  # fmt: skip
    for role, said in cell.parts.items():
        for name in (said,) if isinstance(said, str) else said:
            found[name] = _based_on(name, ROLES[role], fits)
    return found


def _based_on(name: str, kind: Kind, fits: Mapping[str, tuple[str, FittedValue]]) -> str:
    part = read_part(shipped("parameter_sets") / kind.folder / f"{name}.toml", kind)
    lines = [
        comment(f"{part.texts.get('description', name)}: as the shipped part {name}."),
        comment(
            "All of it is taken over, with what was fitted of it: a fit of this folder starts from the "
            "posterior. Where your part differs, take the sign # away before an entry and say so: the "
            "entry is then your part's own, and its prior is the one that you write."
        ),
        "",
        f"based_on = {quoted(name)}",
        "",
    ]
    for key, found in part.parameters.items():
        told = fits.get(label(found.part, key))
        lines += [commented_out(key, found, _told(told)), ""]
    return "\n".join(lines)


def _told(found: tuple[str, FittedValue] | None) -> str:
    if found is None:
        return ""
    name, value = found
    return f"{name} fitted {number(value.value)} ({number(value.low)} to {number(value.high)})"


def empty_parts(interfaces: str) -> dict[str, str]:
    """The files of the parts of a stack whose values must be filled in, by name."""
    return {
        name: _to_fill_in(ROLES[role])
        for role, name in NEW_PARTS.items()
        if role != "cathode" or interfaces == "negative"
    }


def _to_fill_in(kind: Kind) -> str:
    shipped_ones = sorted(path.stem for path in (shipped("parameter_sets") / kind.folder).glob("*.toml"))
    others = ", ".join(name for name in shipped_ones if name != "none")
    more = ", ".join(key for key in kind.keys if key not in kind.must)
    lines = [
        comment(f"This file is {kind.words}."),
        comment(
            f'based_on = "NAME" takes over what a shipped one says ({others}); only what differs is '
            "then said here, and the rest of the entries may go."
        ),
        comment(
            "A value that a fit may move has a prior, on a line below its source: "
            'prior = { distribution = "lognormal", factor = 3, lower = 1e-6, upper = 1e-3 }'
        ),
    ]
    if more:
        lines.append(comment(f"What else may be said, and is the default where it is not: {more}."))
    _, _, noun = kind.words.partition(" ")
    lines += ["", f"description = {quoted(f'our {noun}')}"]
    if kind is CATHODE:
        lines += [
            comment("Whose open-circuit voltage it has: LCO or NCM622."),
            f"open_circuit_voltage = {quoted(FILL_IN)}",
        ]
    return "\n".join([*lines, "", "\n\n".join(entry(key, FILL_IN, FILL_IN) for key in kind.must), ""])
