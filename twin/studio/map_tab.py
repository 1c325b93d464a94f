"""The tab *Map and search*: what two sliders do together, and which of their values are best."""

from collections.abc import Callable

import panel as pn

from twin.studio.map_part import MapPart
from twin.studio.page_parts import INNER
from twin.studio.view import View


class MapTab:
    """One session's maps. `view` gives what the page shows; `schedule` calls in the session's thread."""

    def __init__(self, view: Callable[[], View], schedule: Callable[[Callable], None]):
        self.map = MapPart(view, schedule)

    @property
    def layout(self) -> pn.Column:
        """All of it."""
        return pn.Column(self.map.layout, sizing_mode="stretch_width", stylesheets=[INNER])

    def close(self) -> None:
        """Nobody looks any more."""
        self.map.close()
