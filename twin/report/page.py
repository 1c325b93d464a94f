"""A page: what every report says, in the order in which it is read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import jinja2

from twin.plots import Drawn, data_uri

TEMPLATE = "page.html"
"""The file beside this one that lays a page out."""


@dataclass(frozen=True)
class Picture:
    """A figure as the page carries it: inside it, described for those who do not see it."""

    caption: str
    description: str
    address: str


@dataclass(frozen=True)
class Table:
    """Text in rows; the columns numbered in `right` hold numbers. `note` stands below."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes
    ----------
    kind : "Forecast", "What if", ...
    question : one sentence
    changed : what was changed in the cell before it was asked, as a sentence; "" if nothing was
    answer : one sentence, with its uncertainty
    pictures, tables : what the answer rests on
    leans_on : sentences: what drives the answer, and what of that is only a prior
    leans_on_pictures : pictures of the same
    evidence : sentences: how many draws, and how far they carry
    parameters : tables of values, intervals and sources
    provenance : (name, value)
    """

    kind: str
    question: str
    changed: str
    answer: str
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    leans_on: tuple[str, ...]
    evidence: tuple[str, ...]
    parameters: tuple[Table, ...]
    provenance: tuple[tuple[str, str], ...]
    leans_on_pictures: tuple[Picture, ...] = field(default=())


def picture(drawn: Drawn, caption: str, description: str) -> Picture:
    """A figure, or the one that Axes belong to, for a page; it is closed."""
    return Picture(caption, description, data_uri(drawn))


def table(caption: str, columns: Iterable[str], rows: Iterable[Iterable], *, right=(), note="") -> Table:
    """A table of anything that can be written."""
    written = tuple(tuple(str(entry) for entry in row) for row in rows)
    return Table(caption, tuple(columns), written, tuple(right), note)


def rendered(page: Page) -> str:
    """The page as HTML that refers to nothing outside itself."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(page=page)
