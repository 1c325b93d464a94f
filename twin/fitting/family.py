"""The family of a cell: the rows that it is fitted to, how equal cells differ, and the fit there is."""

from collections.abc import Collection, Mapping
from pathlib import Path

from twin.arguments import checked_kind
from twin.cell import Cell
from twin.errors import CellError, FittedSetError, unknown
from twin.files import check_writable
from twin.fitted_values import FITTED, own_fit
from twin.measured.folder import ROWS, folder_of, holds, is_shipped_folder, shipped_experiments
from twin.measured.spread import ASSUMED, SPREAD, CurveSpread, read_curve_spreads, read_spread
from twin.parameter_sets import load_cell
from twin.results.phrases import count, listed

STUDIES = "fits.db"
"""Name of the SQLite file in which a fit keeps its trials, unless told otherwise."""
CELL_FILE = ".toml"
"""How the name of a cell's file ends."""


def family_of(cell: Cell | str | Path) -> str | Path:
    """The experiment that a cell is fitted to, with all others of it, as ``read_experiment`` takes it.

    A user's own folder, where the cell's file lies in one with measured rows, else the paper that its
    file refers to. `cell` may be a name, of an experiment or of a shipped cell, or a path: of a folder,
    or of a cell's file.

    Raises FittedSetError: none. ArgumentError: neither a cell nor a name. ObservationError: a folder
    without measured rows.
    """
    known = shipped_experiments()
    if isinstance(cell, str | Path):
        if cell in known:
            return str(cell)
        # no name at all is not the folder that one stands in
        is_folder = isinstance(cell, Path) or (cell.strip() and holds(Path(cell), ""))
        if is_folder and Path(cell).suffix.lower() != CELL_FILE:
            return folder_of(Path(cell))
        cell = _loaded(cell, known)
    checked_kind("what is fitted", cell, Cell, "give a cell, an experiment's name, or a folder's path")
    if cell.folder is not None and holds(cell.folder, ROWS):
        return cell.folder
    if cell.reference not in known:
        kind = f"an experiment that ships, and the reference of {cell.name}"
        beside = f", and its folder holds no {ROWS}" if cell.folder else ""
        raise FittedSetError(f"no measured rows: {unknown(cell.reference, known, kind)}{beside}")
    return cell.reference


def _loaded(cell: str | Path, known: Collection[str]) -> Cell:
    """The cell of that name or path. Raises FittedSetError: it is neither a cell nor an experiment."""
    if Path(cell).suffix.lower() == CELL_FILE:
        return load_cell(cell)
    try:
        return load_cell(cell)
    except CellError:
        kind = "an experiment that ships, nor a cell of one, nor a folder"
        raise FittedSetError(f"no measured rows: {unknown(str(cell), known, kind)}") from None


def spread_of(cell: Cell) -> Mapping[str, float]:
    """How equal cells differ: standard deviation of ln of each parameter that does.

    The ``spread.toml`` of the folder that the cell lies in says it, or that of the paper that its file
    refers to. Of a cell that belongs to neither, the papers say it whose fits it takes its values from;
    where two speak of one parameter, the wider.
    """
    if cell.folder is not None and holds(cell.folder, ROWS) and holds(cell.folder, SPREAD):
        return read_spread(cell.folder)[1]
    if cell.reference in shipped_experiments():
        return read_spread(cell.reference)[1]
    found: dict[str, float] = {}
    for name in cell.fitted_sets:
        if name in shipped_experiments():
            for key, deviation in read_spread(name)[1].items():
                found[key] = max(deviation, found.get(key, 0.0))
    return found


def curve_spreads_of(cell: Cell) -> Mapping[str, CurveSpread]:
    """How curves of a cell err: as ``spread.toml`` of its family says or, without one, as assumed."""
    if cell.folder is not None and holds(cell.folder, ROWS) and holds(cell.folder, SPREAD):
        return read_curve_spreads(cell.folder)
    if cell.reference in shipped_experiments():
        return read_curve_spreads(cell.reference)
    return ASSUMED


def basis(cell: Cell) -> str:
    """On what a cell's draws rest, in words, where that is no fit of its own family; "" where it is.

    Its own family is the folder that its file lies in, or the paper that the file refers to.
    """
    own = own_fit(cell.folder)
    others = [name for name in cell.fitted_sets if own is None or name != own.name]
    if not others or (cell.folder is None and cell.reference in shipped_experiments()):
        return ""
    mine = "no fit of its own" if len(others) == len(cell.fitted_sets) else "a fit of its own in part"
    return (
        f"{cell.name} has {mine}: draws of {listed(others)}, widened by the spread between equal cells."
    )


def no_fit(cell: Cell) -> str:
    """What a cell without a fit lacks, and what to do."""
    if old := stale(cell):
        return f"no fit that holds. {old}"
    if cell.folder is not None and holds(cell.folder, ROWS):
        return f"no fit yet: run `twin fit {cell.folder}`"
    return (
        "no fitted parameter set, so nothing says how sure a forecast would be; fit its family first "
        f"(`twin fit`): put its rows into a file {ROWS} beside it (`twin new` makes such a folder)"
    )


def stale(cell: Cell) -> str:
    """That the fit of a cell's folder is older than its parts' files, in words; "" where it is not."""
    own = own_fit(cell.folder)
    if own is None:
        return ""
    changed = [
        key
        for key, entry in cell.parameters.items()
        if cell.label(key) in own.values and entry.fitted_set != own.name
    ]
    if not changed:
        return ""
    return (
        f"The fit in {own.path.parent} started from other values or priors of "
        f"{count(len(changed), 'parameter')} (first: {changed[0]}), which it says nothing of now: run "
        f"`twin fit {cell.folder} --overwrite`."
    )


def name_of_family(cell: Cell) -> str:
    """Name of the paper or of the folder; of a cell that belongs to neither, of the fits it takes."""
    try:
        return name_of(family_of(cell))
    except FittedSetError:
        return ", ".join(cell.fitted_sets)


def name_of(family: str | Path) -> str:
    """What the fit of a family is called: the paper, or the folder."""
    return family if isinstance(family, str) else family.resolve().name


def home_of(family: str | Path) -> Path:
    """Where the fit of a family is written to: of a user's own, where its cells look for it."""
    if isinstance(family, str) or is_shipped_folder(family):
        return Path()
    return family / FITTED


def check_name(family: str | Path) -> None:
    """Raise FittedSetError where the fit of a user's folder would be called as one that ships."""
    if home_of(family) != Path() and name_of(family) in shipped_experiments():
        raise FittedSetError(
            f"the folder {family} is called as a paper that ships, so that its fit could not be told "
            "from that one: rename the folder"
        )


def storage_of(family: str | Path, fits: Path) -> str:
    """Where the trials of a fit are kept: in the working folder, or of a user's own beside the fit.

    `fits` is the folder that the fit of a user's own is written to; it is made. Raises OutputError: it
    cannot be written to.
    """
    if home_of(family) == Path():
        return f"sqlite:///{STUDIES}"
    check_writable(fits)
    return f"sqlite:///{fits / STUDIES}"
