"""Command line: parse, call, print. Exit status 0 only when the thing asked for was done.

One command a file. What they share: `options` (what can be asked), `outputs` (where it is written),
`endings` (how it ends).
"""

import os
import sys
from typing import Annotated

import typer

import twin
from twin.cli import (
    cells,
    compare,
    fit,
    forecast,
    measurements,
    new,
    report,
    run,
    search,
    studio,
    update,
    validate,
    what_if,
)
from twin.cli.endings import NOT_DONE, in_words, refusal
from twin.cli.terminal import say

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Digital twins of all-solid-state lithium cells.\n\n"
    "Start with:  [bold]twin forecast Chang2023_LiAlO2_LGPS_LCO[/bold]",
)
for command in (
    cells.cells,
    new.new,
    run.run,
    measurements.measurements,
    fit.fit,
    compare.compare,
    forecast.forecast,
    update.update,
    update.watch,
    what_if.what_if,
    search.search,
    studio.studio,
    validate.validate,
    report.report,
):
    app.command()(in_words(command))


def _print_version(wanted: bool):
    if wanted:
        print(f"twin {twin.__version__}")
        raise typer.Exit()


VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Say which twin this is."),
]


@app.callback()
def options(version: VersionOption = False):
    pass


def main() -> None:
    """Entry point: `endings` says how it ends."""
    import logging

    logging.getLogger("pybamm").setLevel(logging.ERROR)
    status: str | int | None = None
    try:
        app(standalone_mode=True)
    except SystemExit as ended:
        status = ended.code
    except BrokenPipeError:  # whoever read the output has gone
        status = NOT_DONE
    try:
        sys.stdout.flush()
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes nowhere
        if not isinstance(problem, BrokenPipeError):
            say(f"twin: cannot print the answer: {refusal(problem)}")
        status = status or NOT_DONE
    sys.exit(status)
