"""Steps with named fields, "Charge at {current} until {upper}", and the protocols they become."""

import dataclasses
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from twin.cell import Cell
from twin.errors import ProtocolError, StudyError, shown, unknown
from twin.protocols import Block, Cycle, Protocol, Step
from twin.protocols.standard import standard_protocol

NO_REST = re.compile(r"Rest for 0(\.0*)? ", re.IGNORECASE)
"""A rest of no time: such a step is left out of its cycle."""


@dataclass(frozen=True)
class Template:
    """A protocol whose steps may have fields.

    Parameters
    ----------
    steps : sequence
        As in :class:`twin.Protocol`, its texts with fields in braces where something varies: "Charge at
        {current} until {upper}".
    cycles : int
        How often the whole is repeated.

    Raises
    ------
    ProtocolError
        No sequence, or braces that do not hold a plain name. Whether the steps can be read shows when
        the fields are filled.
    """

    steps: Sequence
    cycles: int = 1

    def __post_init__(self):
        if isinstance(self.steps, str | Mapping) or not hasattr(self.steps, "__iter__"):
            raise ProtocolError(f"steps must be a list, not {shown(self.steps)}: put them in [ ]")
        steps = tuple(tuple(entry) if isinstance(entry, list) else entry for entry in self.steps)
        object.__setattr__(self, "steps", steps)
        for text in _texts(steps):
            _fields_of(text)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in the order in which they first stand."""
        return tuple(dict.fromkeys(name for text in _texts(self.steps) for name in _fields_of(text)))

    @property
    def words(self) -> list:
        """The steps as JSON can hold them and people read them: texts, a list of them for a cycle."""
        return [_words(entry) for entry in self.steps]

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
        return Protocol(_filled(self.steps, values), cycles=self.cycles)


def _texts(entries: Sequence) -> Iterator[str]:
    """All texts of steps, of cycles and of blocks."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, tuple | list):
            yield from _texts(entry)
        elif isinstance(entry, Block):
            yield from _texts(entry.steps)


def _filled(entries: Sequence, values: Mapping[str, str]) -> list:
    """The entries with the fields of their texts in place, without rests of no time."""
    filled: list = []
    for entry in entries:
        if isinstance(entry, str):
            text = entry.format_map(values)
            filled += [] if NO_REST.match(text) else [text]
        elif isinstance(entry, tuple | list):
            filled.append(tuple(_filled(entry, values)))
        elif isinstance(entry, Block):
            filled.append(dataclasses.replace(entry, steps=_filled(entry.steps, values)))
        else:
            filled.append(entry)
    return filled


def _words(entry) -> str | list:
    if isinstance(entry, Cycle):
        return list(entry.texts)
    if isinstance(entry, tuple | list):
        return [_words(one) for one in entry]
    if isinstance(entry, Block):
        kept = [str(own) for own in (entry.temperature, entry.pressure) if own is not None]
        named = ", ".join([f"{entry.cycles} times", *kept])
        steps = " / ".join(str(_words(one)) for one in entry.steps)
        return f"{entry.name} ({named}): {steps}".strip()
    return entry.text if isinstance(entry, Step) else str(entry)


Protocols = Protocol | Template | Sequence | Mapping[str, Protocol | Template | Sequence]
"""What a study takes for its protocol: one, several in a list, or several by name."""


def read_templates(protocols: Protocols | None, cell: Cell, cycles: int) -> dict[str, Template]:
    """Label -> steps: of one protocol (steps in a list), or several (a list of protocols, a mapping).

    Without any, the protocol of a forecast. Steps in a list are repeated `cycles` times; a Protocol or
    a Template says itself how often it is.

    Raises ProtocolError or StudyError: unreadable.
    """
    if protocols is None:
        protocols = standard_protocol(cell, cycles)
    if isinstance(protocols, Mapping):
        if not protocols:
            raise StudyError("there are no protocols in the mapping that was given")
        return {str(label): _template(entry, cycles) for label, entry in protocols.items()}
    several = [protocols]
    if isinstance(protocols, list | tuple) and any(
        isinstance(entry, Protocol | Template) for entry in protocols
    ):
        several = list(protocols)
    found = [_template(entry, cycles) for entry in several]
    labels = [" / ".join(map(str, template.words)) for template in found]
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
        raise ProtocolError(f"cannot read the fields of the step {shown(text)}: {error}") from None
    found = []
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ProtocolError(
                f"cannot read the fields of the step {shown(text)}: braces hold a plain name, as in "
                '"Charge at {current} until 4.2 V"'
            )
        found.append(name)
    return found
