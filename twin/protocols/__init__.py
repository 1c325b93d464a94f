"""What a cell is put through: steps, cycles of them, blocks of cycles."""

from twin.protocols.protocol import Block, Cycle, Protocol
from twin.protocols.step import Step

__all__ = ["Block", "Cycle", "Protocol", "Step"]
