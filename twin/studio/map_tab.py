"""The tab *Map and search*: what two sliders do together, and which of their values are best."""

from collections.abc import Callable

import panel as pn

from twin.studio.map_part import MapPart
from twin.studio.page_parts import INNER
from twin.studio.search_part import SearchPart
from twin.studio.view import View


class MapTab:
    """One session's maps and searches.

    `view` gives what the page shows; `schedule` calls in the session's thread.
    """

    def __init__(self, view: Callable[[], View], schedule: Callable[[Callable], None]):
        self.map, self.search = MapPart(view, schedule), SearchPart(view, schedule)

    @property
    def layout(self) -> pn.Tabs:
        """All of it."""
        return pn.Tabs(
            ("Map", self.map.layout), ("Search", self.search.layout),
            sizing_mode="stretch_width", stylesheets=[INNER],
        )  # fmt: skip

    def close(self) -> None:
        """Nobody looks any more."""
        self.map.close()
        self.search.close()
