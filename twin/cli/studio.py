"""`twin studio`: the page in the browser."""

from typing import Annotated

import typer

from twin.cli.terminal import say
from twin.errors import StudioError


def studio(
    cell: Annotated[
        str,
        typer.Argument(
            metavar="CELL|FOLDER",
            help="A shipped cell, the path of your own TOML file, or your folder of cells.",
        ),
    ] = ("Chang2023_LiAlO2_LGPS_LCO"),
    port: Annotated[int, typer.Option(help="Where the page is.", min=1, max=65535)] = 5006,
    address: Annotated[
        str, typer.Option(help="Who may reach it: by default this machine alone.")
    ] = "127.0.0.1",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
):
    """A page in the browser with sliders, forecasts live, and what is behind them.

    Example:  twin studio Chang2023_LiAlO2_LGPS_LCO --port 5010

    Example:  twin studio my_cells
    """
    try:
        import panel  # noqa: F401
    except ImportError:
        raise StudioError("the studio needs Panel: pip install 'assb-twin[studio]'") from None
    from twin.studio import serve

    serve(
        cell, port=port, address=address, show=not no_browser,
        listening=lambda: say(f"The studio is at http://{address}:{port} (Ctrl-C ends it)"),
    )  # fmt: skip
