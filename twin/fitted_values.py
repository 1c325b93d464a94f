"""Files of fitted values: what a fit found, under the parts and keys that it moved.

Those that ship lie in ``parameter_sets/fitted``; that of a user's own folder in its ``fitted/``. Beside
each value stand the one that its part's file gave and the prior there: where the file no longer says the
same, the fit is not of that file. A parameter whose prior was the posterior of an earlier fit says of
which (``earlier``).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from twin.errors import CellError, FittedSetError
from twin.files import read_toml
from twin.parameters import Prior, label
from twin.parts import Place, checked_text, read_prior, shipped
from twin.ranges import checked_value, finite_number

FITTED = "fitted"
"""Folder of a user's own folder, and of what ships, in which fitted values and their draws lie."""
DRAWS = "_draws.nc"
"""How the name of the file of draws ends, beside the fitted values of that name."""


@dataclass(frozen=True)
class FittedValue:
    """What a fit found for a parameter.

    Attributes
    ----------
    value : at the optimum
    low, high : 5 and 95 % of the posterior; NaN where the file does not say
    stated : the prior around the value that the part's file gave
    earlier : name of the fit whose posterior was the prior instead; "" of the stated one
    """

    value: float
    low: float
    high: float
    stated: Prior
    earlier: str = ""


@dataclass(frozen=True)
class FittedSet:
    """A file of fitted values.

    Attributes
    ----------
    name : of the paper or the folder whose rows were fitted
    path : of the file
    values : label of a parameter (:func:`twin.parameters.label`) -> what was found
    renamed : beginning of the labels in its files -> what a folder that was renamed since is called
    """

    name: str
    path: Path
    values: Mapping[str, FittedValue]
    renamed: tuple[str, str] = ("", "")

    @property
    def draws(self) -> Path:
        """The file of its draws, whether it is there or not."""
        return self.path.with_name(self.path.stem + DRAWS)

    def relabelled(self, name: str) -> str:
        """The label that a parameter of its files has now."""
        before, now = self.renamed
        return now + name.removeprefix(before) if before and name.startswith(before) else name


def shipped_fits() -> tuple[FittedSet, ...]:
    """The fits that ship, by name. Raises FittedSetError: a file that is none."""
    paths = sorted((shipped("parameter_sets") / FITTED).glob("*.toml"))
    return tuple(read_fitted(path) for path in paths)


def own_fit(folder: Path | None) -> FittedSet | None:
    """The fit of a user's own folder; None where it has none.

    A folder that was renamed keeps its fit: its parts are called after the folder, and what the fit
    calls them is put right. A fit that is called as one that ships is no folder's.

    Raises FittedSetError: a file that cannot be read, or several of which none is called as the folder.
    """
    if folder is None:
        return None
    folder = folder.resolve()
    taken = {path.stem for path in (shipped("parameter_sets") / FITTED).glob("*.toml")}
    try:
        found = sorted(path for path in (folder / FITTED).glob("*.toml") if path.stem not in taken)
    except (OSError, ValueError):  # no folder can have such a name, or it may not be read
        return None
    own = [path for path in found if path.stem == folder.name] or found
    if not own:
        return None
    if len(own) > 1:
        raise FittedSetError(
            f"{folder / FITTED} holds the fits {', '.join(path.stem for path in own)}, and none called "
            f"{folder.name}: leave the one that is meant"
        )
    return read_fitted(own[0], folder.name)


def read_fitted(path: Path, folder: str = "") -> FittedSet:
    """A file of fitted values; `folder` is what the user's own folder is called that it belongs to.

    Raises FittedSetError: it is not a fitted set.
    """
    renamed = (f"{path.stem}/", f"{folder}/") if folder and folder != path.stem else ("", "")
    found = FittedSet(folder or path.stem, path, {}, renamed)
    values = {}
    fitted = _table(read_toml(path, FittedSetError), "fitted", path)
    for part in fitted:
        entries = _table(fitted, part, path)
        for key in entries:
            name = found.relabelled(label(part, key))
            values[name] = _value(key, _table(entries, key, path), path)
    return FittedSet(found.name, path, MappingProxyType(values), renamed)


def _table(content: Mapping, key: str, path: Path) -> Mapping:
    found = content.get(key)
    if not isinstance(found, dict):
        raise FittedSetError(f"{path} is not a fitted set: no [{key}] table")
    return found


def _value(key: str, entry: Mapping, path: Path) -> FittedValue:
    for word in ("value", "start", "prior"):
        if word not in entry:
            raise FittedSetError(f"{path} is not a fitted set: '{key}' has no {word}")
    place = Place(path, key)
    try:
        start = checked_value(key, entry["start"], place)
        low, high = (
            finite_number(f"{word} of '{key}'", entry[word], place) if word in entry else math.nan
            for word in ("low", "high")
        )
        return FittedValue(
            checked_value(key, entry["value"], place),
            low,
            high,
            read_prior(key, start, entry["prior"], place),
            checked_text(f"earlier of '{key}'", entry.get("earlier", ""), place),
        )
    except CellError as error:
        raise FittedSetError(str(error)) from None
