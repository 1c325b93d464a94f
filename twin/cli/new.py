"""`twin new`: a folder of one's own to start from."""

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import JsonOption
from twin.cli.terminal import print_json, print_table, say


def new(
    folder: Annotated[Path, typer.Argument(help="The folder to write: a new one, or an empty one.")],
    like: Annotated[
        str | None,
        typer.Option("--from", help="The shipped cell to begin with; without it the stack is empty."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Of an empty stack: full, or symmetric.", show_default="full"),
    ] = None,
    as_json: JsonOption = False,
):
    """Write a folder for your own cell: cell, parts, protocols, rows, spread, a place for files.

    Each line is explained. The folder is fitted, forecast and validated as a shipped paper is.

    Example:  twin new my_cells --from Chang2023_LiAlO2_LGPS_LCO

    Example:  twin new my_cells --kind symmetric
    """
    from twin.own_folder.folder import blanks, new_experiment

    written = new_experiment(folder, like, kind=kind)
    files = sorted(str(path) for path in written.iterdir())
    missing = blanks(written)
    if as_json:
        print_json({
            "folder": str(written),
            "files": files,
            "fill_in": [{"file": str(b.file), "line": b.line, "key": b.key} for b in missing],
        })  # fmt: skip
        return
    say(f"Wrote {', '.join(files)}")
    if missing:
        rows = [(blank.file.name, str(blank.line), blank.key) for blank in missing]
        print_table("What must be filled in before it runs", ("file", "line", "value"), rows)
        return
    say(
        f"Next: twin forecast {written}/cell.toml; rows into {written}/rows.csv; twin fit {written}; "
        f"twin validate {written}"
    )
