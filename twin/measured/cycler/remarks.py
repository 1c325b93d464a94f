"""What a reader has to say about a file: each sentence once, counted where it happens again."""

from dataclasses import dataclass, field


@dataclass
class Remarks:
    """Sentences for the user, gathered while a file is read.

    `counted` has sentences with a place for a number, `{count}`, and how often each came true.
    """

    said: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    def say(self, sentence: str) -> None:
        """Keep a sentence, unless it has been said."""
        if sentence not in self.said:
            self.said.append(sentence)

    def count(self, sentence: str, times: int) -> None:
        """Add to how often a sentence came true; none at all says nothing."""
        if times:
            self.counted[sentence] = self.counted.get(sentence, 0) + int(times)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them, in the order in which they came up."""
        told = (sentence.format(count=f"{times:,}") for sentence, times in self.counted.items())
        return (*self.said, *told)
