"""Reads ``parameter_sets/``: a cell file names its parts, each part is one TOML file.

A parameter is a table under its PyBaMM-style key::

    ["Interphase growth rate [m.s-1]"]
    value = 1e-14
    source = "Wenzel2016, refitted"
    prior = { distribution = "lognormal", factor = 3, lower = 1e-16, upper = 1e-12 }

without a prior it is fixed; a guess says ``source = "assumed"``. A part may be ``based_on`` another of
its folder and give only what differs: what it takes over stays the other's, and is fitted with it. What
no part gives is in ``common.toml``. A fitted set
(``parameter_sets/fitted/*.toml``) holds the values that a fit found, under the same parts and keys.
"""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from twin import names
from twin.cell import Cell
from twin.errors import CellError, FittedSetError, ParameterError, unknown
from twin.parameters import Parameter, Prior, checked_value

ROLES = {
    "anode_interface": "pairs",
    "coating": "coatings",
    "separator": "electrolytes",
    "cathode": "cathodes",
}
"""Role of a part in a cell file -> folder that holds such parts."""
REQUIRED_ROLES = ("anode_interface", "separator")
INTERFACES = ("negative", "both")
LAYER_KEYS = {
    "Conductivity [S.m-1]": names.LAYER_CONDUCTIVITY,
    "Conductivity activation energy [J.mol-1]": names.LAYER_ACTIVATION,
    "Thickness [m]": names.LAYER_THICKNESS,
}
"""Keys of an electrolyte file -> what they are called in a layer of the separator."""
DISTRIBUTIONS = ("lognormal", "normal", "uniform")


def shipped(folder: str) -> Path:
    """Where a folder of data lies: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "shipped" / folder
    return installed if installed.is_dir() else Path(__file__).parent.parent / folder


def cells() -> list[str]:
    """Names of the shipped cells."""
    return sorted(path.stem for path in (shipped("parameter_sets") / "cells").glob("*.toml"))


def load_cell(name: str | Path, *, fitted: bool = True) -> Cell:
    """A shipped cell by name, or the cell of a user's own TOML file by path.

    With `fitted`, values that a fit found take the place of those in the parts' files.

    Raises CellError (no such cell; the nearest is offered; a part that does not exist) or
    ParameterError (file and line of a value without a source, unreadable or out of range).
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = shipped("parameter_sets") / "cells" / f"{name}.toml"
        if not path.is_file():
            raise CellError(
                unknown(str(name), cells(), "a shipped cell (`twin cells`) or the path of a .toml file")
            )
    cell = _compose(path)
    if fitted:
        for fitted_path in sorted((shipped("parameter_sets") / "fitted").glob("*.toml")):
            cell = apply_fitted(cell, fitted_path)
    return cell


def family(name: str) -> list[str]:
    """Names of the shipped cells that are fitted together: those of one paper, e.g. "Chang2023"."""
    found = [cell for cell in cells() if cell.split("_")[0] == name]
    if not found:
        known = sorted({cell.split("_")[0] for cell in cells()})
        raise CellError(unknown(name, known, "a paper with shipped cells"))
    return found


def apply_fitted(cell: Cell, path: Path) -> Cell:
    """The cell with the values of a fitted set, for the parts that both have.

    Raises FittedSetError: the file is not a fitted set.
    """
    content = _read_toml(path)
    if "fitted" not in content:
        raise FittedSetError(f"{path} is not a fitted set: no [fitted] table")
    changes = {
        key: content["fitted"][entry.part][key]["value"]
        for key, entry in cell.parameters.items()
        if key in content["fitted"].get(entry.part, {})
    }
    if not changes:
        return cell
    return cell.fitted(changes, path.stem)


def _compose(path: Path) -> Cell:
    content = _read_toml(path)
    parts = content.get("parts", {})
    for role in REQUIRED_ROLES:
        if role not in parts:
            raise CellError(f"{path}: [parts] names no {role}")
    for role in parts:
        if role not in ROLES:
            raise CellError(f"{path}: {unknown(role, ROLES, 'a part')}")
    interfaces = content.get("interfaces")
    if interfaces not in INTERFACES:
        raise CellError(f"{path}: interfaces must be one of {INTERFACES}, not {interfaces!r}")

    parameters: dict[str, Parameter] = {}
    ocv = "none"
    for role, folder in ROLES.items():
        chosen = parts.get(role, "none")
        if role == "separator":
            for number, layer in enumerate(_as_list(chosen), start=1):
                parameters |= _separator_layer(number, layer, path)
            continue
        if role == "cathode" and chosen == "none":
            continue
        for part_path in _lineage(folder, chosen, path):
            part = _read_toml(part_path)
            ocv = part.get("open_circuit_voltage", ocv)
            parameters |= _parameters(part, part_path, f"{folder}/{part_path.stem}")
    common_path = shipped("parameter_sets") / "common.toml"
    own = _parameters(content, path, f"cells/{path.stem}")
    parameters = _parameters(_read_toml(common_path), common_path, "common") | parameters | own
    cell = Cell(
        name=path.stem,
        description=content.get("description", ""),
        reference=content.get("reference", ""),
        interfaces=interfaces,
        open_circuit_voltage=ocv,
        parts=MappingProxyType({role: _frozen(part) for role, part in parts.items()}),
        parameters=MappingProxyType(parameters),
    )
    missing = sorted(_required_keys(cell) - set(parameters))
    if missing:
        raise CellError(f"{path}: no value for {', '.join(repr(key) for key in missing)}")
    cell.check_consistency()
    return cell


def _lineage(folder: str, chosen: str, cell_path: Path) -> list[Path]:
    """Files of a part and of those that it is based on, the oldest first.

    Raises CellError: a part that is based on itself.
    """
    files = [_part_path(folder, chosen, cell_path)]
    while older := _read_toml(files[-1]).get("based_on"):
        path = _part_path(folder, older, cell_path)
        if path in files:
            raise CellError(f"{files[-1]}: based_on = '{older}' leads back to itself")
        files.append(path)
    return files[::-1]


def _separator_layer(number: int, layer: str, cell_path: Path) -> dict[str, Parameter]:
    layer_path = _part_path("electrolytes", layer, cell_path)
    part = f"electrolytes/{layer_path.stem}"
    entries = _parameters(_read_toml(layer_path), layer_path, part, allowed=LAYER_KEYS)
    return {names.layer(number, LAYER_KEYS[key]): entry for key, entry in entries.items()}


KNOWN_KEYS = frozenset(
    value for constant, value in vars(names).items() if constant.isupper() and isinstance(value, str)
)


def _parameters(
    content: Mapping, path: Path, part: str, *, allowed: Collection[str] = KNOWN_KEYS
) -> dict[str, Parameter]:
    tables = {key: entry for key, entry in content.items() if isinstance(entry, dict)}
    tables.pop("parts", None)
    for key in tables:
        if key not in allowed and not key.startswith("Separator layer "):
            raise ParameterError(
                f"{unknown(key, allowed, 'a parameter')} ({path.name}, line {_line_of(path, key)})"
            )
    return {key: _parameter(key, entry, path, part) for key, entry in tables.items()}


def _parameter(key: str, entry: Mapping, path: Path, part: str) -> Parameter:
    where = f"{path.name}, line {_line_of(path, key)}"
    for needed in ("value", "source"):
        if needed not in entry:
            hint = '; a guess says source = "assumed"' if needed == "source" else ""
            raise ParameterError(f"'{key}' has no {needed}{hint} ({where})")
    if not (isinstance(entry["source"], str) and entry["source"].strip()):
        raise ParameterError(f"'{key}' has an empty source ({where})")
    for word in entry:
        if word not in ("value", "source", "prior", "note"):
            raise ParameterError(
                f"{unknown(word, ('value', 'source', 'prior', 'note'), f'an entry of {key!r}')} "
                f"({where})"
            )
    value = checked_value(key, entry["value"], where)
    prior = _prior(key, value, entry["prior"], where) if "prior" in entry else None
    return Parameter(value=value, source=entry["source"], part=part, prior=prior)


def _prior(key: str, value: float, entry: Mapping, where: str) -> Prior:
    distribution = entry.get("distribution")
    if distribution not in DISTRIBUTIONS:
        raise ParameterError(
            f"prior of '{key}' must be one of {DISTRIBUTIONS}, not {distribution!r} ({where})"
        )
    spread_name = {"lognormal": "factor", "normal": "deviation", "uniform": None}[distribution]
    for needed in ("lower", "upper", *([spread_name] if spread_name else [])):
        if needed not in entry:
            raise ParameterError(f"prior of '{key}' has no {needed} ({where})")
    lower, upper = float(entry["lower"]), float(entry["upper"])
    if not lower <= value <= upper or lower == upper:
        raise ParameterError(
            f"'{key}' = {value:g} lies outside its prior's bounds {lower:g} to {upper:g} ({where})"
        )
    spread = float(entry[spread_name]) if spread_name else 1.0
    if spread <= 0 or (distribution == "lognormal" and spread <= 1):
        raise ParameterError(f"prior of '{key}': {spread_name} {spread:g} is too small ({where})")
    return Prior(distribution, lower, upper, centre=value, spread=spread)


def _required_keys(cell: Cell) -> set[str]:
    """What the model of this structure will ask for: the keys of the default cell's files."""
    folder = shipped("parameter_sets")
    reference = ["common.toml", "pairs/Li_LGPS.toml", "coatings/none.toml"]
    if cell.has_cathode:
        reference.append("cathodes/LCO.toml")
    keys = {
        key
        for name in reference
        for key, entry in _read_toml(folder / name).items()
        if isinstance(entry, dict)
    }
    layers = len(_as_list(cell.parts["separator"]))
    keys |= {names.layer(n, q) for n in range(1, layers + 1) for q in LAYER_KEYS.values()}
    return keys | {names.AREA, names.CELL_CAPACITY, names.NOMINAL_CAPACITY}


def _part_path(folder: str, chosen: str, cell_path: Path) -> Path:
    own = (cell_path.parent / chosen).with_suffix(".toml")
    if own.is_file() and own != cell_path:
        return own
    path = shipped("parameter_sets") / folder / f"{chosen}.toml"
    if not path.is_file():
        known = [p.stem for p in path.parent.glob("*.toml")]
        raise CellError(
            f"{cell_path}: "
            f"{unknown(chosen, sorted(known), f'a part in {folder}, or a file beside the cell')}"
        )
    return path


def _read_toml(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CellError(f"{path}: not readable as TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CellError(f"{path}: cannot be read: {error}") from None


def _line_of(path: Path, key: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if key in line), 1)


def _as_list(chosen) -> list[str]:
    return [chosen] if isinstance(chosen, str) else list(chosen)


def _frozen(part):
    return part if isinstance(part, str) else tuple(part)
