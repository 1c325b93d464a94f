"""The studio: a local page with a hand on the sliders, and what is behind each answer.

>>> twin.studio.app("Chang2023_LiAlO2_LGPS_LCO")  # inside a notebook; `twin studio` on the command line

Each session is a value, :class:`View`; what it shows is computed of that alone.
"""

from twin.studio.server import app, serve
from twin.studio.view import View

__all__ = ["View", "app", "serve"]
