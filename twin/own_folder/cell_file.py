"""The file of a new folder's cell: as a shipped cell, or with what must be filled in."""

from twin.cell import Cell
from twin.fitted_values import shipped_fits
from twin.fitting.earlier_fits import widened_posterior
from twin.fitting.family import spread_of
from twin.own_folder.texts import FILL_IN, comment, entry, quoted, rounded
from twin.part_kinds import CELLS, ROLES

NAME = "cell"
"""The cell of a new folder, as rows and files call it: the name of its file without .toml."""
ABOUT = """\
# The cell: which parts it is built of, and what no part can say of it.
# Every value has a source; a guess says source = "assumed". A prior says that a fit may move it.
"""
ABOUT_INTERFACES = (
    '"negative": lithium, or an alloy, against a cathode; "both": the same interface on both sides, '
    "a symmetric cell."
)
ABOUT_PARTS = (
    "Each part is the file of that name beside this one or, where there is none, the shipped part. A "
    "separator of several layers is a list of names, the first at the negative electrode."
)
OF_ROLES = {
    "anode_interface": "lithium, or an alloy, on its electrolyte",
    "separator": "the electrolyte",
    "coating": "a film on the lithium; a bare cell has no such line",
    "cathode": "the composite at the positive side",
}
"""What each part is."""


def cell_like(cell: Cell) -> str:
    """The file of a cell that is built as a shipped one is.

    A value that a fit found for this very cell, as its interface's factor, is no part's: it is written
    with the posterior as its prior.
    """
    spread, label = spread_of(cell), f"cells/{cell.name}"
    fits = {name: value for fit in shipped_fits() for name, value in fit.values.items()}
    entries = []
    for key, found in cell.parameters.items():
        if found.part != label:
            continue
        fitted = fits.get(cell.label(key)) if found.fitted_set else None
        if fitted is None:
            source = f"as {cell.name} ({found.stated.source})"
            entries.append(entry(key, found.stated.value, source, found.stated.prior))
            continue
        prior = rounded(widened_posterior(fitted, spread.get(key, 0.0)))
        source = (
            f"posterior of {found.fitted_set} for {cell.name}, wider by the spread between equal cells"
        )
        entries.append(entry(key, prior.centre, source, prior))
    return _file(f"{cell.description}, our own", cell.interfaces, cell.parts, entries)


def empty_cell(interfaces: str, parts: dict[str, str]) -> str:
    """The file of a cell whose values must be filled in."""
    entries = [entry(key, FILL_IN, FILL_IN) for key in CELLS[interfaces].must]
    return _file("our cell", interfaces, parts, entries)


def _file(description: str, interfaces: str, parts, entries: list[str]) -> str:
    named = []
    for role, about in OF_ROLES.items():
        if role in parts:
            said = parts[role]
            names = [said] if isinstance(said, str) else list(said)
            words = ", ".join(quoted(name) for name in names)
            value = words if isinstance(said, str) else f"[{words}]"
            named += [comment(f"{about}"), f"{role} = {value}"]
    assert set(parts) <= set(OF_ROLES) == set(ROLES)
    head = [
        ABOUT,
        f"description = {quoted(description)}",
        comment(ABOUT_INTERFACES),
        f"interfaces = {quoted(interfaces)}",
        "",
        comment(ABOUT_PARTS),
        "[parts]",
        *named,
        "",
    ]
    return "\n".join(head) + "\n" + "\n\n".join(entries) + "\n"
