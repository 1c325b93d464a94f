"""Study files: TOML that a person can copy and edit, those that ship by name.

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

from pathlib import Path

from twin.arguments import checked_path
from twin.cell import Cell
from twin.errors import ArgumentError, StudyError, TwinError, shown, unknown
from twin.files import read_toml
from twin.parameter_sets import load_cell
from twin.parts import shipped
from twin.protocols import Block
from twin.studies.factors import read_axis
from twin.studies.study import SETTINGS, Study
from twin.studies.templates import Template

SUFFIX = ".toml"
"""What tells the path of a file from the name of a shipped study."""
TYPES: dict[str, tuple[type, str]] = {
    "question": (str, 'a text: write question = "..."'),
    "cell": (str, 'the name of a cell: write cell = "Chang2023_LiAlO2_LGPS_LCO"'),
    "mode": (str, 'a text: write mode = "grid"'),
    "set": (dict, "a table: write [set]"),
    "protocol": (dict, "a table: write [protocol]"),
    "protocols": (dict, "a table of tables: write [protocols.<name>]"),
    "vary": (dict, "a table of tables: write [vary.<name>]"),
    "baseline": (dict, "a table: write [baseline]"),
    "objective": (list, "a list of tables: write [[objective]]"),
    "constraint": (list, "a list of tables: write [[constraint]]"),
}
"""What each entry of a file is; the others are numbers and words that :class:`Study` checks."""
SAID_TO_STUDY = ("question", "cycles", "mode", "vary", "baseline", "objective", "constraint")
"""Entries that a file and a call say in the same words."""
KNOWN = (*TYPES, "cycles", *SETTINGS)
"""Entries of a file."""


def shipped_studies() -> list[str]:
    """Names of the shipped studies, "<paper>/<study>"."""
    found = shipped("experiments").glob(f"*/studies/*{SUFFIX}")
    return sorted(f"{path.parent.parent.name}/{path.stem}" for path in found)


def load_study(name: str | Path) -> Study:
    """A shipped study by name ("Chang2023/thickness_current"), or a file of your own by path.

    Raises
    ------
    StudyError : no such study (the shipped ones are listed), or what in it cannot be read.
    CellError, ParameterError, ProtocolError : its cell, a value or a step that cannot be read.
    """
    path = checked_path(name)
    if path.suffix != SUFFIX:
        paper, _, own = str(name).partition("/")
        path = shipped("experiments") / paper / "studies" / f"{own}{SUFFIX}"
        if str(name) not in shipped_studies():
            raise StudyError(
                unknown(
                    str(name), shipped_studies(), f"a shipped study, nor the path of a {SUFFIX} file"
                )
            )
    content = read_toml(path, StudyError)
    try:
        return _study(path, content)
    except TwinError as error:
        kind = StudyError if isinstance(error, ArgumentError) else type(error)
        raise kind(f"{path.name}: {error}") from None


def load_what_if(study: Study | str | Path) -> Study:
    """A study, or the one of that name, that asks what if. Raises StudyError: it is a search."""
    study = study if isinstance(study, Study) else load_study(study)
    if study.is_search:
        raise StudyError(
            f"{study.name} has an objective, so that it is a search: twin.search, or `twin search`"
        )
    return study


def load_search(study: Study | str | Path) -> Study:
    """A study, or the one of that name, that is a search. Raises StudyError: it asks what if."""
    study = study if isinstance(study, Study) else load_study(study)
    if not study.is_search:
        raise StudyError(
            f"{study.name} has no objective, so that it asks what if: twin.what_if, or `twin what-if`"
        )
    return study


def _study(path: Path, content: dict) -> Study:
    for word, value in content.items():
        if word not in KNOWN:
            raise StudyError(unknown(word, KNOWN, "an entry of a study"))
        kind, wanted = TYPES.get(word, (object, ""))
        if not isinstance(value, kind):
            raise StudyError(f"{word} is {wanted}, not {shown(value)}")
    for name, entry in content.get("vary", {}).items():
        if not isinstance(entry, dict):
            raise StudyError(f"vary.{name} is a table: write [vary.{name}] and below it values = [...]")
    if not content.get("vary"):
        raise StudyError("nothing varies: add a table [vary.<name>] with a parameter or a field")
    if "evaluations" in content and not content.get("objective"):
        raise StudyError('a search needs an objective: [[objective]] with quantity = "charge_time"')
    return Study(
        _cell(path, content),
        protocol=_protocol(content),
        name=path.stem,
        text=path.read_text(encoding="utf-8-sig"),
        settings={name: content[name] for name in SETTINGS if name in content},
        **{name: content[name] for name in SAID_TO_STUDY if name in content},
    )


def _cell(path: Path, content: dict) -> Cell:
    """The cell, shipped or in a file beside this one, with the changes of [set]."""
    name = content.get("cell")
    if name is None:
        raise StudyError('it names no cell; write cell = "Chang2023_LiAlO2_LGPS_LCO" at its top')
    cell = load_cell(path.parent / name if name.endswith(SUFFIX) else name)
    for key, value in content.get("set", {}).items():
        factor = read_axis(key, {"parameter": key, "values": [value]}, cell, ())
        cell = cell.replace(factor.changes(cell, factor.values[0]))
    return cell


def _protocol(content: dict) -> Template | list[str] | dict[str, Template | list[str]] | None:
    if "protocol" in content and "protocols" in content:
        raise StudyError("it has [protocol] and [protocols]; take one of them")
    if "protocols" in content:
        entries = content["protocols"].items()
        return {label: _steps(f"protocols.{label}", entry) for label, entry in entries}
    if "protocol" in content:
        return _steps("protocol", content["protocol"])
    return None


def _steps(where: str, entry) -> Template | list[str]:
    """Steps that are repeated, or blocks: blocks = [{ cycles = 3, steps = [...] }, ...]."""
    if not isinstance(entry, dict) or ("steps" in entry) == ("blocks" in entry):
        raise StudyError(
            f"{where} has either steps = [...] or blocks = [{{ cycles = 3, steps = [...] }}]"
        )
    for word in entry:
        if word not in ("steps", "blocks"):
            raise StudyError(unknown(word, ("steps", "blocks"), f"an entry of {where}"))
    if "steps" in entry:
        return _texts(where, entry["steps"])
    blocks = entry["blocks"] if isinstance(entry["blocks"], list) else [entry["blocks"]]
    for block in blocks:
        if not isinstance(block, dict) or set(block) != {"cycles", "steps"}:
            raise StudyError(f"each block of {where} is {{ cycles = 3, steps = [...] }}")
    return Template([Block("", _texts(where, own["steps"]), own["cycles"]) for own in blocks])


def _texts(where: str, steps) -> list[str]:
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise StudyError(f'the steps of {where} are a list of texts: ["Charge at 1C until 4.2 V", ...]')
    return steps
