"""`twin report`: the page of what another command has written."""

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import JsonOption, OverwriteOption
from twin.cli.outputs import check_free, check_report
from twin.cli.pictures import drawing, fit_suffixes, save_pictures, save_report
from twin.cli.terminal import print_json, say
from twin.errors import ArgumentError

SUFFIX = ".html"
"""Of a page."""


def report(
    data: Annotated[
        str,
        typer.Argument(
            help="A file that twin fit, forecast, what-if or search has written (.nc), the name of a "
            "shipped fit, or your own folder: the page of its fit."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="HTML file (default: here, named like the file).")
    ] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Save the pictures of a fit beside the page (PNG, SVG).")
    ] = False,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Write the page of a fit, a forecast or a study from its file: answer, pictures, numbers, doubts.

    Example:  twin report Chang2023 --out chang2023.html
    """
    from twin.files import load_groups
    from twin.fitting.draws import file_of_draws

    path = file_of_draws(data) or Path(data)
    page = Path(f"{path.stem}{SUFFIX}") if out is None else out
    stem = page.with_suffix("")
    check_report(page, overwrite)
    if plot:
        check_free([stem.with_name(stem.name + suffix) for suffix in fit_suffixes()], overwrite)
    groups = load_groups(path)
    is_fit = "posterior" in groups.children
    if plot and not is_fit:
        raise ArgumentError(f"--plot saves the pictures of a fit; {path} is of none: leave it out")
    content = groups if is_fit else groups.to_dataset()
    files = [save_report(page, content, overwrite=overwrite)]
    if plot:
        files += save_pictures(drawing().fit_figures(groups), stem)
    if as_json:
        print_json({"files": [str(file) for file in files]})
    else:
        say(f"Wrote {', '.join(map(str, files))}")
