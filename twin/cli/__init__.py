"""Command line: parse, call, print. Exit status 0 only when the thing asked for was done.

One command a file. What they share: `options` (what can be asked), `outputs` (where it is written).
"""

import os
import sys
from typing import Annotated

import typer

import twin
from twin.cli import cells, fit, forecast, run, search, validate, what_if
from twin.errors import TwinError

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
    run.run,
    fit.fit,
    forecast.forecast,
    what_if.what_if,
    search.search,
    validate.validate,
):
    app.command()(command)


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


def main():
    """Entry point: errors raised on purpose become one line and exit status 1."""
    import logging

    logging.getLogger("pybamm").setLevel(logging.ERROR)
    try:
        app(standalone_mode=True)
    except TwinError as error:
        print(f"twin: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        sys.exit(1)
