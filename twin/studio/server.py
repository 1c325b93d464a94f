"""Serving the page: on this machine alone unless it is told otherwise, one session for each browser."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn

from twin.errors import StudioError, TwinError
from twin.studio import answers, departures
from twin.studio.in_turn import in_turn
from twin.studio.page import Page
from twin.studio.page_parts import HERE
from twin.studio.served import Served, served
from twin.studio.view import DEFAULT_CELL, View, checked, view_of

PORT = 5006
"""Where Panel and Bokeh listen by default."""
HOST = "127.0.0.1"
"""This machine, and nobody else."""


def app(cell: str | Path = DEFAULT_CELL):
    """The page of a cell as a Panel object, to be shown inside a notebook.

    `cell` is a shipped one by name, the path of a file, or a folder with files of cells.

    Raises StudioError: no such cell.
    """
    cells = served(cell)
    page = Page(checked(View(cells.first)), pn.state.execute, cells=cells.all, address=lambda view: None)
    wide = {"sizing_mode": "stretch_width"}
    beside = pn.Column(page.status, page.answer, **wide)
    return pn.Row(pn.Column(page.controls, width=320), beside, **wide)


def serve(
    cell: str | Path = DEFAULT_CELL,
    *,
    port: int = PORT,
    address: str = HOST,
    show: bool = True,
    listening: Callable[[], None] = lambda: None,
) -> None:
    """Serve the page until it is stopped. `listening` is called once it can be served.

    Raises
    ------
    StudioError : no such cell, the port is in use, or the address is none of this machine.
    """
    cells = served(cell)
    view = checked(View(cells.first))
    _check_free(address, port)
    listening()
    departures.hush()
    answers.warm(view)
    pn.serve(
        {"/": lambda: _session(cells)},  # Panel calls nothing but plain functions
        port=port,
        address=address,
        websocket_origin=[f"{own}:{port}" for own in dict.fromkeys((address, "localhost", HOST))],
        show=show,
        title="twin studio",
        verbose=False,
        autoreload=False,
    )


def _check_free(address: str, port: int) -> None:
    """Raise StudioError where nothing can listen."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((address, port))
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise StudioError(
                f"cannot listen at {address}:{port}: {reason}; another port: --port {port % 65535 + 1}"
            ) from None


def _session(cells: Served):
    """The page of one browser: of the view that its address says, or of the one that was asked for."""
    query = {name: own[0].decode("utf-8", "replace") for name, own in pn.state.session_args.items()}
    view, notice = View(cells.first), ""
    try:
        view = view_of(query, cells)
    except TwinError as error:
        notice = f"{error}. This is what was asked for without it."
    return _template(view, cells, notice)


def _template(view: View, cells: Served, notice: str):
    document, location = pn.state.curdoc, pn.state.location
    assert document is not None  # a session has one,
    assert location is not None  # and an address

    def go_to(shown: View) -> None:
        query = shown.query()
        gone = set(location.query_params) - set(query)
        changed: dict[str, Any] = dict.fromkeys(gone) | query
        location.update_query(**changed)
        if shown.cell_name != view.cell_name:
            location.reload = True

    page = Page(view, in_turn(document), cells=cells.all, address=go_to, notice=notice)

    def leave(context) -> None:
        page.close()
        departures.give_back_soon()

    document.on_session_destroyed(leave)
    made = pn.Template((HERE / "page.html").read_text(encoding="utf-8"))
    made.location = True
    made.add_variable("css", (HERE / "style.css").read_text(encoding="utf-8"))
    for name in ("controls", "status", "answer"):
        made.add_panel(name, getattr(page, name))
    made.add_panel("cell", page.choice)
    return made
