"""What a cell is put through: steps, cycles, blocks of cycles, and tests that laboratories run."""

from twin.protocols.file import read_protocol
from twin.protocols.lab_tests import (
    calendar_ageing,
    check_ups,
    critical_current_density,
    one_way_plating,
    rate_test,
)
from twin.protocols.protocol import Block, Cycle, Protocol
from twin.protocols.pulses import gitt, hppc
from twin.protocols.step import Step

__all__ = [
    "Block",
    "Cycle",
    "Protocol",
    "Step",
    "calendar_ageing",
    "check_ups",
    "critical_current_density",
    "gitt",
    "hppc",
    "one_way_plating",
    "rate_test",
    "read_protocol",
]
