"""Steps with named fields, "Charge at {current} until {upper}", and the protocols they become."""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twin.cell import Cell
from twin.errors import ProtocolError, StudyError, unknown
from twin.forecasting import standard_protocol
from twin.protocols import Protocol

NO_REST = re.compile(r"Rest for 0(\.0*)? ", re.IGNORECASE)
"""A rest of no time: such a step is left out of its cycle."""


@dataclass(frozen=True)
class Template:
    """A protocol whose steps may have fields.

    Parameters
    ----------
    steps : sequence of str, or of tuples of str
        As in :class:`twin.Protocol`, with fields in braces: "Charge at {current} until {upper}".
    cycles : int
        How often the whole is repeated.

    Raises
    ------
    ProtocolError
        Braces that do not hold a plain name. Whether PyBaMM can read the steps shows when the fields
        are filled.
    """

    steps: Sequence
    cycles: int = 1

    def __post_init__(self):
        if isinstance(self.steps, str):
            raise ProtocolError(f"steps must be a list, not the string {self.steps!r}: put it in [ ]")
        steps = tuple(entry if isinstance(entry, str) else tuple(entry) for entry in self.steps)
        object.__setattr__(self, "steps", steps)
        for text in self._texts():
            _fields_of(text)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in the order in which they first stand."""
        return tuple(dict.fromkeys(name for text in self._texts() for name in _fields_of(text)))

    def filled(self, values: Mapping[str, str]) -> Protocol:
        """The protocol with the fields' texts in place, e.g. {"current": "0.25 mA/cm2"}.

        A rest of no time is left out. Raises ProtocolError: a field without a value, or a step that
        cannot be read.
        """
        missing = [name for name in self.fields if name not in values]
        if missing:
            raise ProtocolError(
                f"the field {{{missing[0]}}} of the steps has no values; vary it "
                f'(field = "{missing[0]}", values = [...], unit = "..."), or write the number into the '
                f"step: {unknown(missing[0], values, 'varied')}"
            )

        def fill(text):
            return text.format_map(values)

        steps: list = []
        for entry in self.steps:
            if isinstance(entry, str):
                steps += [] if NO_REST.match(fill(entry)) else [fill(entry)]
            else:
                steps.append(tuple(fill(text) for text in entry if not NO_REST.match(fill(text))))
        return Protocol(steps, cycles=self.cycles)

    def _texts(self):
        return [t for entry in self.steps for t in ((entry,) if isinstance(entry, str) else entry)]


Protocols = Protocol | Template | Sequence | Mapping[str, Protocol | Template | Sequence]


def read_templates(protocols: Protocols | None, cell: Cell, cycles: int) -> dict[str, Template]:
    """Label -> steps: of one protocol (steps in a list), or several (a list of protocols, a mapping).

    Without any, the protocol of a forecast. Raises ProtocolError or StudyError: unreadable.
    """
    if protocols is None:
        protocols = standard_protocol(cell, cycles)
    if isinstance(protocols, Mapping):
        if not protocols:
            raise StudyError("there are no protocols in the mapping that was given")
        return {str(label): _template(entry, cycles) for label, entry in protocols.items()}
    if isinstance(protocols, Protocol | Template | str) or not any(
        isinstance(entry, Protocol | Template) for entry in protocols
    ):
        protocols = [protocols]
    found = [_template(entry, cycles) for entry in protocols]
    labels = [" / ".join(map(str, template.steps)) for template in found]
    if len(set(labels)) < len(labels):
        raise StudyError("two protocols have the same steps: give them names, {name: protocol}")
    return dict(zip(labels, found, strict=True))


def _template(entry, cycles: int) -> Template:
    if isinstance(entry, Template):
        return entry
    if isinstance(entry, Protocol):
        return Template(entry.steps, entry.cycles)
    return Template(entry, cycles)


def _fields_of(text: str) -> list[str]:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ProtocolError(f"cannot read the fields of the step {text!r}: {error}") from None
    found = []
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ProtocolError(
                f"cannot read the fields of the step {text!r}: braces hold a plain name, as in "
                '"Charge at {current} until 4.2 V"'
            )
        found.append(name)
    return found
