"""`twin cells`."""

from twin.cli.options import JsonOption
from twin.cli.terminal import print_json, print_table


def cells(as_json: JsonOption = False):
    """List the shipped cells.

    Example:  twin cells
    """
    from twin.parameter_sets import cells, load_cell

    loaded = [load_cell(name) for name in cells()]
    if as_json:
        print_json(
            [
                {"name": cell.name, "description": cell.description, "fitted": cell.fitted_set}
                for cell in loaded
            ]
        )
        return
    rows = [(cell.name, cell.description, cell.fitted_set or "no") for cell in loaded]
    print_table("Shipped cells", ("cell", "stack", "fitted"), rows)
