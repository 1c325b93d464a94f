"""Which fits say what is known of shipped parts before the rows of a folder: ``priors.toml``.

::

    fits = ["Chang2023"]

Without the file every fit that ships is an earlier one; ``fits = []`` leaves the priors in the parts'
files alone.
"""

from pathlib import Path

from twin.errors import unknown
from twin.measured.folder import holds, shipped_experiments
from twin.table import read_table

PRIORS = "priors.toml"
"""The file of an experiment that says which earlier fits are its priors."""


def read_earlier_fits(folder: Path) -> tuple[str, ...]:
    """Names of the shipped fits whose posteriors are priors of a folder's fit.

    Raises ObservationError: file and line of what cannot be read, or a fit that does not ship.
    """
    known = shipped_experiments()
    if not holds(folder, PRIORS):
        return tuple(known)
    table = read_table(folder / PRIORS)
    table.only(("fits",))
    named = () if table.content.get("fits") == [] else table.texts("fits")
    for name in named:
        if name not in known:
            raise table.error(f"names a fit too many: {unknown(name, known, 'one that ships')}", at=name)
    return named
