"""A study as a file: TOML that a person can copy, read and checked once.

::

    question = "Does a thicker coating keep the cell from shorting?"
    cell = "Chang2023_LiAlO2_LGPS_LCO"
    draws = 50

    [protocol]
    steps = ["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"]

    [vary.thickness]
    parameter = "Coating thickness [m]"
    values = [100, 200, 300]
    unit = "nm"

    [vary.current]
    field = "current"
    values = [0.1, 0.4]
    unit = "mA/cm2"

A file with an [[objective]] is a search; any other asks what if.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twin.arguments import checked_count
from twin.cell import Cell
from twin.errors import ArgumentError, StudyError, unknown
from twin.parameter_sets import load_cell, shipped
from twin.studies.factors import read_factor
from twin.studies.templates import Template
from twin.studies.what_if import CYCLES

BOTH = ("question", "cell", "set", "cycles", "draws", "seed", "draw_from", "protocol", "vary")
WHAT_IF = (*BOTH, "protocols", "mode", "baseline")
SEARCH = (*BOTH, "evaluations", "objective", "constraint")
NUMBERS = ("cycles", "draws", "seed", "evaluations")
LEAST = {"seed": 0}
"""Least value of those numbers that do not count from 1."""
TABLES = ("set", "protocol", "protocols", "vary", "baseline")


@dataclass(frozen=True)
class Study:
    """What a study file says.

    Attributes
    ----------
    name : str
        Of the file, for what is written.
    is_search : bool
    question : str
        In the words of who asks.
    text : str
        The file itself, for provenance.
    arguments : mapping
        Of :func:`twin.what_if` or :func:`twin.search`.
    """

    name: str
    is_search: bool
    question: str
    text: str
    arguments: Mapping

    def replace(self, arguments: Mapping) -> "Study":
        """The same study with other arguments: another cell, fewer draws."""
        changed = dict(self.arguments)
        for name, value in arguments.items():
            if name in NUMBERS:
                checked_count(name, value, least=LEAST.get(name, 1))
            changed[name] = value
        cycles = arguments.get("cycles")
        if cycles is not None:
            for name in ("protocol", "protocols"):
                if changed.get(name) is not None:
                    changed[name] = _with_cycles(changed[name], cycles)
        return dataclasses.replace(self, arguments=changed)


def shipped_studies() -> list[str]:
    """Names of the shipped studies, "<paper>/<study>"."""
    found = shipped("experiments").glob("*/studies/*.toml")
    return sorted(f"{path.parent.parent.name}/{path.stem}" for path in found)


def load_study(name: str | Path) -> Study:
    """A shipped study by name ("Chang2023/thickness_current"), or a file of your own by path.

    Raises StudyError: no such study (the shipped ones are listed), or what in it cannot be read.
    """
    path = Path(name)
    if path.suffix != ".toml":
        paper, _, own = str(name).partition("/")
        path = shipped("experiments") / paper / "studies" / f"{own}.toml"
        if not own or not path.is_file():
            raise StudyError(
                unknown(str(name), shipped_studies(), "a shipped study or the path of a .toml file")
            )
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not readable as TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: cannot be read: {error}") from None
    try:
        return _study(path, text, content)
    except (ArgumentError, StudyError) as error:
        raise StudyError(f"{path.name}: {error}") from None


def _study(path: Path, text: str, content: dict) -> Study:
    is_search = "objective" in content or "evaluations" in content
    _check_words(content, SEARCH if is_search else WHAT_IF, "a study")
    for word in NUMBERS:
        checked_count(word, content.get(word, 1), least=LEAST.get(word, 1))
    for word in TABLES:
        if not isinstance(content.get(word, {}), dict):
            raise StudyError(f"{word} is a table: write [{word}]")
    for name, entry in content.get("vary", {}).items():
        if not isinstance(entry, dict):
            raise StudyError(f"vary.{name} is a table: write [vary.{name}] and below it values = [...]")
    if not content.get("vary"):
        raise StudyError("nothing varies: add a table [vary.<name>] with a parameter or a field")
    arguments = {
        word: content[word]
        for word in ("cycles", "draws", "seed", "draw_from", "mode", "baseline", "evaluations")
        if word in content
    }
    arguments["cell"] = _cell(path, content)
    protocols = _protocols(content)
    if is_search:
        if protocols is None:
            raise StudyError("a search needs a [protocol] with steps")
        arguments |= {"protocol": protocols, "variables": content["vary"]}
        arguments["objective"] = content.get("objective", [])
        arguments["constraints"] = content.get("constraint", [])
    else:
        arguments |= {"protocols": protocols, "changes": content.get("vary", {})}
    return Study(path.stem, is_search, content.get("question", ""), text, arguments)


def _cell(path: Path, content: dict) -> Cell:
    name = content.get("cell")
    if not isinstance(name, str):
        raise StudyError('it names no cell; write cell = "Chang2023_LiAlO2_LGPS_LCO" at its top')
    cell = load_cell(path.parent / name if name.endswith(".toml") else name)
    for key, value in content.get("set", {}).items():
        factor = read_factor(key, {"parameter": key, "values": [value]}, cell, ())
        cell = cell.replace(factor.changes(cell, factor.values[0]))
    return cell


def _protocols(content: dict) -> Template | dict[str, Template] | None:
    cycles = content.get("cycles", CYCLES)
    if "protocol" in content and "protocols" in content:
        raise StudyError("it has [protocol] and [protocols]; take one of them")
    if "protocols" in content:
        return {
            label: _template(f"protocols.{label}", entry, cycles)
            for label, entry in content["protocols"].items()
        }
    if "protocol" in content:
        return _template("protocol", content["protocol"], cycles)
    return None


def _with_cycles(protocols, cycles: int):
    if isinstance(protocols, Template):
        repeats = all(isinstance(entry, str) for entry in protocols.steps)
        return dataclasses.replace(protocols, cycles=cycles) if repeats else protocols
    return {label: _with_cycles(template, cycles) for label, template in protocols.items()}


def _template(where: str, entry, cycles: int) -> Template:
    """Steps that are repeated, or blocks: blocks = [{ cycles = 3, steps = [...] }, ...]."""
    if not isinstance(entry, dict) or ("steps" in entry) == ("blocks" in entry):
        raise StudyError(
            f"{where} has either steps = [...] or blocks = [{{ cycles = 3, steps = [...] }}]"
        )
    _check_words(entry, ("steps", "blocks"), where)
    if "steps" in entry:
        return Template(_steps(where, entry["steps"]), cycles)
    expanded: list[tuple] = []
    for block in entry["blocks"]:
        if not isinstance(block, dict) or set(block) != {"cycles", "steps"}:
            raise StudyError(f"each block of {where} is {{ cycles = 3, steps = [...] }}")
        expanded += [tuple(_steps(where, block["steps"]))] * block["cycles"]
    return Template(expanded)


def _steps(where: str, steps) -> list[str]:
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise StudyError(f'the steps of {where} are a list of texts: ["Charge at 1C until 4.2 V", ...]')
    return steps


def _check_words(entry: dict, known: tuple[str, ...], where: str):
    for word in entry:
        if word not in known:
            raise StudyError(unknown(word, known, f"an entry of {where}"))
