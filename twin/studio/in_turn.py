"""How the threads of a session change its page: one call after the other, in the server's own thread."""

from collections.abc import Callable

from bokeh.document import Document
from panel.io.state import set_curdoc
from tornado.ioloop import IOLoop


def in_turn(document: Document) -> Callable[[Callable[[], None]], None]:
    """A function that runs calls of any thread in the turn of the document; made in the server's thread.

    A document takes calls from any thread, but Panel (1.9) swaps its list of held events while others
    add to it, and a call that falls between is never run: a page once waited for its interval for good.
    So calls go to the server's loop, which threads may add to, and from there to the document.
    """
    loop = IOLoop.current()

    def take(call: Callable[[], None]) -> None:
        if document.session_context is not None and not document.session_context.destroyed:
            document.add_next_tick_callback(lambda: _within(document, call))

    return lambda call: loop.add_callback(take, call)


def _within(document: Document, call: Callable[[], None]) -> None:
    """Call as the session of the document: outside of one, Panel asks its own host for styles."""
    with set_curdoc(document):
        call()
