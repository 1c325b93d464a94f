"""Reads ``parameter_sets/``: a cell file names its parts, each part is one TOML file (``parts``).

What no part gives is in ``common.toml``, what a coating leaves out in ``coatings/none.toml``. What fits
found comes on top (``fitted_values``).
"""

import contextlib
import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from twin import names
from twin.cell import Cell
from twin.errors import CellError, ParameterError, TwinError, shown, unknown
from twin.files import read_toml
from twin.fitted_values import FittedSet, own_fit, shipped_fits
from twin.laws import DEFAULTS, check_parameters, unfollowed
from twin.parameters import Parameter
from twin.part_kinds import (
    CATHODE,
    CELLS,
    COATING,
    COMMON,
    ELECTROLYTE,
    FULL_CELL,
    LAYER_KEYS,
    ROLES,
    SYMMETRIC_CELL,
    Kind,
)
from twin.parts import (
    Changes,
    Part,
    Place,
    changed_part,
    checked_part,
    is_shipped,
    read_lineage,
    read_part,
    shipped,
)

ABSENT = "none"
"""What a cell's file may write for a coating or a cathode that it has not."""


NO_CHANGES: Changes = MappingProxyType({})
"""Parts give what stands in their files."""


MOST_LAYERS = 10
"""Most layers of a separator: cells are built of up to three, and one more layer makes every run slower;
what changes by finer steps is one layer with its mean conductivity."""


BEYOND_THE_LIMIT = 2.0
"""A symmetric cell's cut-offs over its overpotential limit, so that it ends at the limit first."""


def cells() -> list[str]:
    """Names of the shipped cells."""
    return sorted(path.stem for path in (shipped("parameter_sets") / "cells").glob("*.toml"))


def cells_in(folder: Path) -> list[str]:
    """Names of the cells whose files lie in a user's folder: those that say their interfaces."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        with contextlib.suppress(CellError):
            if "interfaces" in read_toml(path, CellError):
                found.append(path.stem)
    return found


def cells_beside(cell: Cell) -> Iterator[Cell]:
    """The cells in the folder of a user's own cell; of a shipped one, all that ship.

    Cells that cannot be read are left out.
    """
    if cell.folder is None:
        yield from map(load_cell, cells())
        return
    for name in cells_in(cell.folder):
        with contextlib.suppress(TwinError):
            yield load_cell(cell.folder / f"{name}.toml")


def load_cell(
    name: str | Path,
    *,
    fitted: bool = True,
    changes: Changes = NO_CHANGES,
    beside: Path | None = None,
) -> Cell:
    """A shipped cell by name, or the cell of a user's own TOML file by path.

    With `fitted`, values that a fit found take the place of those in the parts' files, and say so in
    their `source`: the fits that ship, of shipped parts, and on top the fit of the folder in which the
    user's file lies (``fitted/`` in it). A user's own part is no shipped one, whatever it is called.
    `changes` say what parts give instead of what stands in their files: a variant
    (:mod:`twin.measured.variants`). `beside` is a user's folder in which a shipped cell was measured: it
    takes the fit of that folder, too.

    Raises CellError (no such cell; the nearest is offered; a part that does not exist) or
    ParameterError (file and line of a value without a source, unreadable or out of range).
    """
    if not isinstance(name, str | os.PathLike):
        raise CellError(f"a cell is a name or a path, not {shown(name)}")
    path = Path(name)
    if path.suffix.lower() != ".toml":
        if str(name) not in cells():
            raise CellError(
                unknown(str(name), cells(), "a shipped cell (`twin cells`) or the path of a .toml file")
            )
        path = shipped("parameter_sets") / "cells" / f"{name}.toml"
    if not path.stem.isprintable():
        raise CellError(f"the name of {shown(str(path))} holds characters that cannot be printed")
    folder = beside if is_shipped(path) else path.parent
    cell = _compose(path, changes)
    cell = dataclasses.replace(cell, folder=None if folder is None else folder.resolve())
    if fitted:
        own = own_fit(cell.folder)
        for found in (*shipped_fits(), *([own] if own else [])):
            cell = with_fitted(cell, found)
    return cell


def stale(fitted_set: str) -> str:
    """What the source of a value says that a fit moved once, and whose file has changed since."""
    return f"not fitted: {fitted_set} started from another value or prior"


def with_fitted(cell: Cell, fitted: FittedSet) -> Cell:
    """The cell with the values of a fit, for the parts that both have.

    A value is taken where the part's file still gives the value and the prior that the fit started from,
    and where the earlier fit that was its prior, if any, is still that of the part. Where not, the value
    stays, and its source says so.
    """
    taken, parameters = {}, dict(cell.parameters)
    for key, entry in cell.parameters.items():
        found = fitted.values.get(cell.label(key))
        if found is None:
            continue
        if found.stated == entry.stated.prior and found.earlier in ("", entry.fitted_set):
            taken[key] = found.value
            parameters[key] = entry if found.earlier else entry.stated
        else:
            parameters[key] = dataclasses.replace(entry, source=f"{entry.source}; {stale(fitted.name)}")
    cell = dataclasses.replace(cell, parameters=MappingProxyType(parameters))
    return cell.fitted(taken, fitted.name) if taken else cell


def _compose(path: Path, changes: Changes) -> Cell:
    """The cell of a file with its parts, changed as said, before any fit."""
    content = read_toml(path, CellError)
    interfaces = content.pop("interfaces", None)
    if not isinstance(interfaces, str) or interfaces not in CELLS:
        raise CellError(
            f"{path}: interfaces must be one of {', '.join(CELLS)}, not {shown(interfaces)}: "
            '"negative" for a cell with a cathode, "both" for a symmetric one'
        )
    kind = CELLS[interfaces]
    named = _named_parts(content.pop("parts", {}), path, kind)
    layers = range(1, len(named["separator"]) + 1)
    layer_keys = [names.layer(number, quantity) for number in layers for quantity in LAYER_KEYS.values()]
    keys = (*kind.keys, *layer_keys)
    own = changed_part(checked_part(path, content, kind, keys), kind, keys, changes)
    _check_complete([key for key in kind.must if key not in own.parameters], kind, path)

    folder = shipped("parameter_sets")

    def default(file: str, part_kind: Kind) -> Mapping[str, Parameter]:
        part = read_part(folder / file, part_kind)
        return changed_part(part, part_kind, part_kind.keys, changes).parameters

    parameters = dict(default("common.toml", COMMON))
    voltage, laws = "none", {mechanism: DEFAULTS[mechanism] for mechanism in kind.laws}
    for role, part_kind in ROLES.items():
        if part_kind is COATING:
            parameters |= default("coatings/none.toml", COATING)
        for number, name in enumerate(named[role], start=1):
            given, texts, named_laws = _given_by(part_kind, name, number, path, own, changes)
            parameters |= given
            laws |= named_laws
            voltage = texts.get("open_circuit_voltage", voltage)
    laws |= own.laws
    for key in unfollowed(laws):
        parameters.pop(key, None)
    parameters |= own.parameters
    check_parameters(laws, parameters, path)
    if kind is SYMMETRIC_CELL:
        parameters |= _default_cut_offs(parameters)
    cell = Cell(
        name=path.stem,
        description=own.texts.get("description", ""),
        reference=own.texts.get("reference", ""),
        interfaces=interfaces,
        open_circuit_voltage=voltage,
        laws=MappingProxyType(laws),
        parts=MappingProxyType(
            {role: given if len(given) > 1 else given[0] for role, given in named.items() if given}
        ),
        parameters=MappingProxyType(parameters),
    )
    _check_deposition(cell, path)
    cell.check_consistency()
    return cell


def _named_parts(parts, path: Path, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Names of the parts of every role: several for the layers of a separator, none of what is absent.

    Raises CellError: a role that is missing, unknown or none of this cell's, or what is no name.
    """
    place = Place(path, "parts")
    if not isinstance(parts, dict):
        raise CellError(f"[parts] must be a table of roles and names, not {shown(parts)} ({place})")
    named = {
        role: _names(role, parts[role], Place(path, role)) if role in parts else () for role in ROLES
    }
    for role in ("coating", "cathode"):
        if named[role] == (ABSENT,):
            named[role] = ()
    for role in ("anode_interface", "separator", *(["cathode"] if kind is FULL_CELL else [])):
        if not named[role]:
            raise CellError(f"{path}: [parts] names no {role}, which {kind.words} has")
    for role in parts:
        if role not in ROLES:
            raise CellError(f"{unknown(role, ROLES, 'a role of a part')} ({Place(path, role)})")
    if kind is SYMMETRIC_CELL and named["cathode"]:
        raise CellError(f"a symmetric cell has no cathode: leave it out of [parts] ({place})")
    return named


def _names(role: str, chosen, place: Place) -> tuple[str, ...]:
    if isinstance(chosen, str):
        return (chosen,)
    if role != "separator":
        raise CellError(f"{role} must be the name of one part, not {shown(chosen)} ({place})")
    if not isinstance(chosen, list) or not chosen:
        raise CellError(
            f"separator must be the name of an electrolyte or a list of such names, one a layer, not "
            f"{shown(chosen)} ({place})"
        )
    if len(chosen) > MOST_LAYERS:
        raise CellError(
            f"the separator has {len(chosen)} layers; at most {MOST_LAYERS} are possible: take one "
            f"layer with the mean conductivity of many ({place})"
        )
    return tuple(chosen)


def _given_by(
    kind: Kind, name: str, number: int, path: Path, own: Part, changes: Changes
) -> tuple[dict[str, Parameter], dict[str, str], dict[str, str]]:
    """Parameters, texts and laws that a part, the `number`th of its role, gives to the cell of `path`.

    Raises CellError: it leaves out what has no default and the cell itself does not say. ParameterError:
    a law without its parameters, or they without it.
    """
    lineage = read_lineage(kind, name, path, changes)
    texts = {word: text for part in lineage for word, text in part.texts.items()}
    laws = {mechanism: law for part in lineage for mechanism, law in part.laws.items()}
    in_cell = {key: key for key in kind.keys}
    if kind is ELECTROLYTE:
        in_cell = {key: names.layer(number, quantity) for key, quantity in LAYER_KEYS.items()}
    given = {in_cell[key]: entry for part in lineage for key, entry in part.parameters.items()}
    missing = [key for key in kind.must if in_cell[key] not in {*given, *own.parameters}]
    _check_complete(missing, kind, lineage[-1].path)
    followed = {mechanism: DEFAULTS[mechanism] for mechanism in kind.laws} | laws
    check_parameters(followed, given, lineage[-1].path)
    if kind is CATHODE and "open_circuit_voltage" not in texts:
        raise CellError(
            f"{lineage[-1].path}: a cathode names its open_circuit_voltage, one of "
            f"{', '.join(names.OPEN_CIRCUIT_VOLTAGES)}"
        )
    return given, texts, laws


def _check_complete(missing: Sequence[str], kind: Kind, path: Path) -> None:
    if missing:
        listed = ", ".join(f"'{key}'" for key in missing)
        instead = "" if kind in CELLS.values() else "; give it there or in the cell's file"
        raise CellError(f"{path}: no value for {listed}, which {kind.words} must give{instead}")


def _default_cut_offs(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Cut-offs of a symmetric cell that gives none: it ends at its overpotential limit before."""
    limit = parameters[names.OVERPOTENTIAL_LIMIT].value
    source = f"default: {BEYOND_THE_LIMIT:g} times the overpotential limit, where a symmetric cell ends"
    ends = {
        names.UPPER_CUT_OFF: BEYOND_THE_LIMIT * limit,
        names.LOWER_CUT_OFF: -BEYOND_THE_LIMIT * limit,
    }
    return {
        key: Parameter(value, source, "common") for key, value in ends.items() if key not in parameters
    }


def _check_deposition(cell: Cell, path: Path) -> None:
    """Raise ParameterError where a film is not as thick as its cycles of atomic layer deposition say."""
    given = {key for key in (names.ALD_CYCLES, names.ALD_GROWTH) if key in cell.parameters}
    if not given:
        return
    if len(given) == 1:
        raise ParameterError(
            f"{path}: '{names.ALD_CYCLES}' and '{names.ALD_GROWTH}' are given together or not at all"
        )
    cell.replace({key: cell.values[key] for key in (names.ALD_CYCLES, names.COATING_THICKNESS)})
