"""Entries of TOML files as a person would write them, each below a comment that explains it."""

import textwrap

import tomli_w

from twin.own_folder.explained import EXPLAINED
from twin.parameters import Parameter, Prior
from twin.parts import prior_table

WIDTH = 100
"""Characters of a line of a comment."""
FILL_IN = "fill in"
"""What stands where only the user can say the value: no number, so that no cell loads with it."""
DIGITS = 4
"""Digits of a prior that was computed: its ends are known to a few percent."""


def comment(text: str) -> str:
    """The words as lines of a comment."""
    return "\n".join(f"# {line}" for line in textwrap.wrap(text, WIDTH - 2))


def entry(key: str, value: float | str, source: str, prior: Prior | None = None) -> str:
    """The table of a parameter, explained."""
    lines = [comment(EXPLAINED[key])] if key in EXPLAINED else []
    lines += [f"[{quoted(key)}]", f"value = {literal(value)}", f"source = {quoted(source)}"]
    if prior is not None:
        lines.append(f"prior = {inline(prior)}")
    return "\n".join(lines)


def commented_out(key: str, found: Parameter, beside: str) -> str:
    """The table of a parameter that a part takes over, to be uncommented; `beside` is said with it."""
    lines = [comment(f"{EXPLAINED[key]}")] if key in EXPLAINED else []
    lines += [comment(beside)] if beside else []
    table = entry(key, found.value, found.source, found.prior).splitlines()
    own = [line for line in table if not line.startswith("#")]
    return "\n".join([*lines, *(f"#{line}" for line in own)])


def inline(prior: Prior) -> str:
    """A prior on one line."""
    words = (f"{word} = {literal(value)}" for word, value in prior_table(prior).items())
    return "{ " + ", ".join(words) + " }"


def literal(value: float | str) -> str:
    """A number or words as TOML has them."""
    return tomli_w.dumps({"x": value}).removeprefix("x = ").strip()


def quoted(text: str) -> str:
    """Words as TOML has them."""
    return literal(text)


def rounded(prior: Prior) -> Prior:
    """A prior whose middle and width have few digits, so that a person can read them."""
    return Prior(
        prior.distribution,
        prior.lower,
        prior.upper,
        centre=float(f"{prior.centre:.{DIGITS}g}"),
        spread=float(f"{prior.spread:.{DIGITS}g}"),
    )
