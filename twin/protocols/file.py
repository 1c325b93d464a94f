"""Protocols in TOML files that people write.

::

    cycles = 10                       # how often the whole is repeated, 1 where nothing is said

    [[blocks]]
    name = "check-up"
    steps = ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"]

    [[blocks]]
    name = "ageing"
    cycles = 50
    temperature = "45 oC"
    pressure = "5 MPa"
    steps = ["Charge at 1C until 4.2 V", { drive_cycle = "city.csv" }]

or, of equal cycles, ``cycles`` and ``steps`` alone. A block has steps, or ``blocks`` of its own. The
file of a drive cycle (:func:`twin.protocols.drive_cycle.read_drive_cycle`) lies beside the TOML file.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from twin.errors import ProtocolError
from twin.protocols.amounts import read_pressure, read_temperature
from twin.protocols.protocol import DEEPEST_BLOCKS, MOST_CYCLES, Block, Protocol
from twin.protocols.step import Step, read_step
from twin.table import Table, read_table

BLOCK = ("name", "cycles", "steps", "blocks", "temperature", "pressure")
"""Entries of a block."""
Read = TypeVar("Read")


def read_protocol(path: str | Path) -> Protocol:
    """The protocol of a TOML file.

    Raises ProtocolError: no such file, a word that is not known, an entry of another kind, a step or a
    drive cycle that cannot be read; each with the file and the line.
    """
    table = read_table(Path(path), ProtocolError)
    whole = read_block(table)
    try:
        if not whole.name and whole.temperature is None and whole.pressure is None:
            return Protocol(whole.steps, cycles=whole.cycles)
        once = Block(whole.name, whole.steps, 1, whole.temperature, whole.pressure)
        return Protocol([once], cycles=whole.cycles)
    except ProtocolError as error:
        raise table.error(str(error)) from None


def read_block(table: Table, depth: int = 0) -> Block:
    """The block that a table says: `steps`, or `blocks` that stand `depth` deep within others.

    Raises the table's kind of error: see :func:`read_protocol`.
    """
    table.only(BLOCK)
    if depth > DEEPEST_BLOCKS:
        raise table.error(f"has blocks more than {DEEPEST_BLOCKS} deep within each other")
    if "steps" in table.content and "blocks" in table.content:
        raise table.error("has steps and blocks; put the steps into a block of their own")
    if "blocks" in table.content:
        steps: tuple = tuple(read_block(inner, depth + 1) for inner in table.listed("blocks"))
    else:
        steps = _steps(table)
    return Block(
        table.text("name").strip() if "name" in table.content else "",
        steps,
        table.whole("cycles", highest=MOST_CYCLES) if "cycles" in table.content else 1,
        _kept(table, "temperature", read_temperature),
        _kept(table, "pressure", read_pressure),
    )


def _steps(table: Table) -> tuple[Step, ...]:
    entries = table.content.get("steps")
    if entries is None:
        raise table.error("has no 'steps' and no 'blocks': it needs one of them")
    if not isinstance(entries, list) or not entries:
        raise table.error(f"needs a list of words under 'steps', not {entries!r:.60}")
    return tuple(_step(table, entry) for entry in entries)


def _step(table: Table, entry) -> Step:
    if isinstance(entry, Mapping):
        return _drive_cycle(Table(table.path, "drive_cycle", entry, table.kind))
    if not isinstance(entry, str):
        raise table.error(
            "needs a list of words under 'steps', or of tables { drive_cycle = \"file.csv\" }, not with "
            f"{entry!r:.60} in it"
        )
    return _read(table, entry, read_step)


def _drive_cycle(table: Table) -> Step:
    from twin.protocols.drive_cycle import read_drive_cycle  # numpy: only where there is one

    table.only(("drive_cycle",))
    name = table.text("drive_cycle")
    return _read(table, name, lambda own: read_drive_cycle(table.path.parent / own))


def _kept(table: Table, key: str, read: Callable[[str], float]) -> float | None:
    """What is kept while a block runs, in SI units; None where the block says nothing."""
    return _read(table, table.text(key), read) if key in table.content else None


def _read(table: Table, text: str, read: Callable[[str], Read]) -> Read:
    """What `read` makes of a text; the error of one that it refuses names the line."""
    try:
        return read(text)
    except ProtocolError as error:
        raise table.error(str(error), at=text) from None
