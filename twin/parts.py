"""Files of parts, read and checked: a part is one TOML file.

A parameter is a table under its PyBaMM-style key::

    ["Interphase growth rate [m.s-1]"]
    value = 1e-14
    source = "Wenzel2016, refitted"
    prior = { distribution = "lognormal", factor = 3, lower = 1e-16, upper = 1e-12 }

without a prior it is fixed; a guess says ``source = "assumed"``. A part may be ``based_on`` another of
its kind and give only what differs: what it takes over stays the other's, and is fitted with it.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twin import names
from twin.errors import CellError, ParameterError, shown, unknown
from twin.files import line_of, read_toml
from twin.laws import DEFAULTS, checked_laws, unfollowed
from twin.parameters import Parameter, Prior
from twin.part_kinds import CELLS, ROLES, Kind
from twin.ranges import LARGEST_VALUE, checked_value, finite_number

ENTRIES = ("value", "source", "prior", "note")
"""What stands under a parameter's key."""


SPREAD_OF = {"lognormal": "factor", "normal": "deviation", "uniform": None}
"""Distribution of a prior -> the word for its standard deviation, None where the bounds say it."""


LONGEST_NAME = 100
"""Longest name of a part [characters]: any file system holds it."""


LARGEST_FACTOR = 1e6
"""Largest factor of a lognormal prior: six decades a standard deviation say that nothing is known."""


KINDS = (*ROLES.values(), *CELLS.values())
"""Every kind of file, parts before cells: who gives a key is looked up in this order."""


@dataclass(frozen=True)
class Part:
    """A file of a part.

    `label` is what the parameters that it gives have as their part: "pairs/Li_LGPS" of a shipped file,
    "my_folder/Li_LGPS.toml" of a user's own, so that a fit of the one is none of the other. `laws` are
    those that it names: mechanism -> law.
    """

    path: Path
    label: str
    texts: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    laws: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """Where in a file a key stands; the file is searched only when somebody asks for the words."""

    path: Path
    key: str
    within: tuple[str, ...] = ()
    """Names of the tables around it, of a file in which the key may stand several times."""

    def __str__(self) -> str:
        return f"{self.path.name}, line {line_of(self.path, self.key, self.within)}"


@dataclass(frozen=True)
class Instead:
    """What takes the place of entries in a part's file: the same kind of entries, said elsewhere.

    `within` are the names of the tables around them in the file `path`.
    """

    path: Path
    content: Mapping
    within: tuple[str, ...] = ()


Changes = Mapping[str, Sequence[Instead]]
"""Label of a part -> what is said instead of its entries, in the order in which it is applied."""


def shipped(folder: str) -> Path:
    """Where a folder of data lies: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "shipped" / folder
    return installed if installed.is_dir() else Path(__file__).parent.parent / folder


def read_part(path: Path, kind: Kind) -> Part:
    """The file of a part. Raises as :func:`checked_part`, and CellError: cannot be read."""
    return checked_part(path, read_toml(path, CellError), kind, kind.keys)


def changed_part(part: Part, kind: Kind, keys: Collection[str], changes: Changes) -> Part:
    """The part with what is said instead of its entries.

    What belongs to a law that it followed before, and no longer does, is dropped. Raises as
    :func:`checked_part`.
    """
    for other in changes.get(part.label, ()):
        said = checked_part(other.path, other.content, kind, keys, label=part.label, within=other.within)
        laws = {**part.laws, **said.laws}
        followed = {mechanism: laws.get(mechanism, DEFAULTS[mechanism]) for mechanism in said.laws}
        dropped = unfollowed(followed)
        kept = {key: entry for key, entry in part.parameters.items() if key not in dropped}
        part = replace(
            part,
            texts={**part.texts, **said.texts},
            parameters=kept | dict(said.parameters),
            laws=laws,
        )
    return part


def checked_part(
    path: Path,
    content: Mapping,
    kind: Kind,
    keys: Collection[str],
    *,
    label: str = "",
    within: tuple[str, ...] = (),
) -> Part:
    """What stands in the file of a part or of a cell, which may give `keys`.

    `label` is the part's, by default that of its file, and `within` the tables around the entries.

    Raises CellError (an entry that nothing reads, a text that is none) or ParameterError (a key that
    this kind has not, a value or a prior that is not allowed), with file and line.
    """
    own = path.resolve()
    folder = f"{kind.folder}/" if kind.folder else ""
    label = label or (f"{folder}{own.stem}" if is_shipped(path) else f"{own.parent.name}/{own.name}")
    texts, parameters, laws = {}, {}, {}
    for key, entry in content.items():
        place = Place(path, key, within)
        if key == "laws" and kind.laws:
            laws = checked_laws(entry, kind.laws, place)
        elif key in kind.texts:
            texts[key] = checked_text(f"'{key}'", entry, place)
        elif key in keys:
            parameters[key] = _parameter(key, entry, label, place)
        elif owners := [other.words for other in KINDS if key in other.keys]:
            raise ParameterError(
                f"'{key}' is no value of {kind.words}: it belongs in the file of {owners[0]} ({place})"
            )
        elif isinstance(entry, dict):
            raise ParameterError(f"{unknown(key, keys, 'a parameter')} ({place})")
        else:
            raise CellError(f"{unknown(key, kind.texts, f'an entry of {kind.words}')} ({place})")
    voltage = texts.get("open_circuit_voltage", names.OPEN_CIRCUIT_VOLTAGES[0])
    if voltage not in names.OPEN_CIRCUIT_VOLTAGES:
        place = Place(path, "open_circuit_voltage", within)
        raise CellError(
            f"{unknown(voltage, names.OPEN_CIRCUIT_VOLTAGES, 'an open-circuit voltage')} ({place})"
        )
    return Part(path, label, texts, parameters, laws)


def read_lineage(kind: Kind, name, cell_path: Path, changes: Changes) -> list[Part]:
    """A part that a cell names, behind those that it is based on, the oldest first.

    A user's own part lies beside the cell's file and comes before a shipped one of its name; shipped
    files know shipped ones only, and a part may be based on the shipped one of its own name.

    Raises CellError: a part that does not exist, or that is based on itself; and as :func:`read_part`.
    """

    def read(path: Path) -> Part:
        return changed_part(read_part(path, kind), kind, kind.keys, changes)

    parts = [read(_found(kind, name, cell_path, ()))]
    while "based_on" in parts[-1].texts:
        older, passed = parts[-1].texts["based_on"], [part.path for part in parts]
        parts.append(read(_found(kind, older, parts[-1].path, passed)))
    return parts[::-1]


def is_shipped(path: Path) -> bool:
    """Whether a file is one of the package's own, however it is reached."""
    # a loop of links has no end, and is no file of the package
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(shipped("parameter_sets")))


def _found(kind: Kind, name, asking: Path, passed: Sequence[Path]) -> Path:
    """File of the part `name` that the file `asking` asks for, none of those already `passed`."""
    place = Place(asking, str(name))
    plain = checked_text("the name of a part", name, place).removesuffix(".toml")
    if not plain or len(plain) > LONGEST_NAME or "/" in plain or "\\" in plain:
        raise CellError(
            f"{shown(name)} is not the name of a part: give that of one that ships, or of a file beside "
            f"this one, without its folder ({place})"
        )
    own = asking.parent / f"{plain}.toml"
    file = shipped("parameter_sets") / kind.folder / f"{plain}.toml"
    beside = not is_shipped(asking) and own.is_file() and own.resolve() != asking.resolve()
    if beside and own not in passed:
        return own
    if file.is_file() and file not in passed:
        return file
    if beside or file.is_file():
        raise CellError(f"based_on = '{plain}' leads back to itself ({place})")
    known = sorted(path.stem for path in file.parent.glob("*.toml"))
    raise CellError(
        f"{unknown(plain, known, f'{kind.words} that ships or lies beside this file')} ({place})"
    )


def checked_text(what: str, value, place: Place) -> str:
    """`value` on one line, if it is a text that can be printed. Raises CellError: it is not."""
    if not isinstance(value, str):
        raise CellError(f"{what} must be a text, not {shown(value)} ({place})")
    text = " ".join(value.split())
    if not text.isprintable():
        raise CellError(f"{what} holds characters that cannot be printed: {shown(value)} ({place})")
    return text


def read_prior(key: str, value: float, entry, place) -> Prior:
    """The prior of a parameter around its value. Raises ParameterError: it makes no sense."""
    what = f"prior of '{key}'"
    if not isinstance(entry, dict):
        raise ParameterError(
            f'{what} must be a table, as {{ distribution = "lognormal", factor = 3, lower = 1e-9, '
            f"upper = 1e-6 }}, not {shown(entry)} ({place})"
        )
    distribution = entry.get("distribution")
    if not isinstance(distribution, str) or distribution not in SPREAD_OF:
        raise ParameterError(f"{what}: {unknown(distribution, SPREAD_OF, 'a distribution')} ({place})")
    spread_word = SPREAD_OF[distribution]
    words = ["distribution", "lower", "upper", *([spread_word] if spread_word else [])]
    for word in entry:
        if word not in words:
            raise ParameterError(
                f"{what}: {unknown(word, words, f'a word of a {distribution} prior')} ({place})"
            )
    for word in words:
        if word not in entry:
            raise ParameterError(f"{what} has no {word} ({place})")
    lower, upper = (
        checked_value(key, entry[word], f"{word} bound of its prior, {place}")
        for word in ("lower", "upper")
    )
    if not lower < upper:
        raise ParameterError(
            f"{what}: its lower bound {lower:g} must lie below its upper bound {upper:g} ({place})"
        )
    if not lower <= value <= upper:
        raise ParameterError(
            f"'{key}' = {value:g} lies outside its prior's bounds {lower:g} to {upper:g} ({place})"
        )
    if distribution == "lognormal" and value <= 0:
        raise ParameterError(
            f"{what}: a lognormal prior needs a value above zero, not {value:g}; take a normal or a "
            f"uniform one ({place})"
        )
    spread = 1.0
    if spread_word:
        spread = finite_number(f"{spread_word} of the {what}", entry[spread_word], place)
        low, high = (1.0, LARGEST_FACTOR) if distribution == "lognormal" else (0.0, LARGEST_VALUE)
        if not low < spread <= high:
            raise ParameterError(
                f"{what}: {spread_word} must be more than {low:g} and at most {high:g}, not {spread:g} "
                f"({place})"
            )
    return Prior(distribution, lower, upper, centre=value, spread=spread)


def prior_table(prior: Prior) -> dict[str, str | float]:
    """A prior as it stands in a file, the inverse of :func:`read_prior`; its centre is the value."""
    word = SPREAD_OF[prior.distribution]
    spread = {word: prior.spread} if word else {}
    return {
        "distribution": prior.distribution,
        **spread,
        "lower": prior.lower,
        "upper": prior.upper,
    }


def _parameter(key: str, entry, label: str, place: Place) -> Parameter:
    if not isinstance(entry, dict):
        raise ParameterError(
            f"'{key}' must be a table with value and source, not {shown(entry)} ({place})"
        )
    for word in entry:
        if word not in ENTRIES:
            raise ParameterError(f"{unknown(word, ENTRIES, f'an entry of {key!r}')} ({place})")
    for needed in ("value", "source"):
        if needed not in entry:
            hint = '; a guess says source = "assumed"' if needed == "source" else ""
            raise ParameterError(f"'{key}' has no {needed}{hint} ({place})")
    for word in ("source", "note"):
        if not checked_text(f"{word} of '{key}'", entry.get(word, "none"), place):
            raise ParameterError(f"'{key}' has an empty {word} ({place})")
    value = checked_value(key, entry["value"], place)
    prior = read_prior(key, value, entry["prior"], place) if "prior" in entry else None
    return Parameter(value, checked_text(f"source of '{key}'", entry["source"], place), label, prior)
