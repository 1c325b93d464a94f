"""Options that several commands share, and what they mean."""

from pathlib import Path
from typing import Annotated

import typer

INTERRUPTED = 130
"""Exit status after Ctrl-C."""
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
SeedOption = Annotated[int, typer.Option(help="Seed of every random draw.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help='Change a parameter: --set "Coating thickness [m]=100e-9".'),
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder for the netCDF file and the plot (default: here).")
]
CellArgument = Annotated[str, typer.Argument(help="A shipped cell, or the path of your own TOML file.")]


def chosen_cell(name: str, changes: list[str] | None):
    """The cell of that name with the changes of `--set`."""
    from twin.errors import ParameterError
    from twin.parameter_sets import load_cell

    chosen = load_cell(name)
    for change in changes or ():
        key, separator, number = change.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            separator = ""
        if not separator:
            raise ParameterError(f'--set takes "parameter=number", not {change!r}')
        chosen = chosen.replace({key.strip(): value})
    return chosen
