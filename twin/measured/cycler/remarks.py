"""What a reader has to say about a file: each sentence once, counted where it happens again."""

from dataclasses import dataclass, field


@dataclass
class Remarks:
    """Sentences for the user, gathered while a file is read.

    `counted` has what happened again and again, and how often.
    """

    said: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    def say(self, sentence: str) -> None:
        """Keep a sentence, unless it has been said."""
        if sentence not in self.said:
            self.said.append(sentence)

    def count(self, what: str, times: int) -> None:
        """Add to how often something happened; what never did is not told."""
        if times:
            self.counted[what] = self.counted.get(what, 0) + int(times)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them, in the order in which they came up."""
        told = (f"{what}: {times:,}." for what, times in self.counted.items())
        return (*self.said, *told)
