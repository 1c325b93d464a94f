"""The cell that stands beside one for comparison: bare beside coated, and the other way round."""

from twin.cell import Cell
from twin.parameter_sets import cells_beside


def counterpart(cell: Cell) -> Cell | None:
    """The bare cell beside a coated one and the other way round, None where there is none.

    It lies in the same folder, or ships as the cell does. What was changed in a part that both have is
    changed in both.
    """
    parts = {role: part for role, part in cell.parts.items() if role != "coating"}
    for other in cells_beside(cell):
        same = {role: part for role, part in other.parts.items() if role != "coating"} == parts
        different = other.parts.get("coating") != cell.parts.get("coating")
        if same and different and other.interfaces == cell.interfaces:
            return other.replace(
                {
                    key: entry.value
                    for key, entry in cell.changes.items()
                    if key in other.parameters and other.parameters[key].part == entry.part
                }
            )
    return None
