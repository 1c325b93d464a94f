"""Variants of a paper's cells: candidates that are compared on the same rows.

A file ``variants.toml`` beside the rows says for each variant what parts give instead of what stands in
their files, under the label of the part ("cells/NAME" for what a cell's own file gives)::

    ["fade by potential"]
    description = "the cathode loses capacity where its potential is high"
    based_on = "shipped"

    ["fade by potential".parts."cathodes/LCO"]
    laws = { "capacity fade" = "by potential" }
    "Fade transfer coefficient" = { value = 0.5, source = "assumed" }

A variant may be based on others, one name or a list; "shipped", the parts as they are, is the first
variant of every file. An entry takes the place of the part's whole: without a prior it is fixed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from twin.errors import CellError, ObservationError, ParameterError, shown, unknown
from twin.files import line_of
from twin.measured.experiment import Experiment
from twin.measured.folder import holds
from twin.part_kinds import ELECTROLYTE
from twin.parts import Changes, Instead
from twin.table import Table, read_table

VARIANTS = "variants.toml"
"""The file of an experiment that names the variants of its cells."""
SHIPPED = "shipped"
"""The variant that changes nothing."""
WORDS = ("description", "based_on", "parts")
"""What stands under the name of a variant."""
LAWS = "laws"
"""Entry of a part that is no parameter."""


@dataclass(frozen=True)
class Variant:
    """A candidate.

    Attributes
    ----------
    name, description : str
    based_on : names of other variants, whose changes come first
    experiment : the paper's rows, with the cells as this variant has them
    """

    name: str
    description: str
    based_on: tuple[str, ...]
    experiment: Experiment


def read_variants(experiment: Experiment, names: Sequence[str] = ()) -> tuple[Variant, ...]:
    """The variants of an experiment, "shipped" first, then in the order of the file.

    Parameters
    ----------
    experiment : Experiment
    names : those that are wanted beside "shipped"; all by default

    Raises
    ------
    ObservationError : no file of variants, or none of that name.
    ParameterError, CellError : file and line of what a variant says wrongly: an unknown part, law or
        parameter, a law without its parameters, a value out of its bounds, other rows than the other
        variants have, two that contradict each other.
    """
    path = experiment.folder / VARIANTS
    if not holds(experiment.folder, VARIANTS):
        raise ObservationError(
            f"{experiment.name} has no variants to compare: write them into {path}, each a table with "
            'description and parts, as ["NAME".parts."cathodes/LCO"]'
        )
    tables = {table.name: table for table in read_table(path, ParameterError).tables()}
    for name in names:
        if name not in (SHIPPED, *tables):
            raise ObservationError(
                f"{unknown(name, (SHIPPED, *tables), f'a variant of {experiment.name}')} ({path})"
            )
    if SHIPPED in tables:
        raise tables[SHIPPED].error("is the name of the parts' files as they are: take another one")
    found = [Variant(SHIPPED, "the parts' files as they are", (), experiment)]
    for name, table in tables.items():
        _check_words(table)
        if not names or name in names:
            found.append(_variant(table, tables, experiment))
    return tuple(found)


def _check_words(table: Table) -> None:
    if "leave_out" in table.content:
        raise table.error(
            "leaves rows out: densities of different rows do not compare, so every variant has the same "
            "ones; take leave_out away, or mark the row 'context' for all of them",
            at="leave_out",
        )
    table.only(WORDS)
    table.text("description")
    if "parts" not in table.content and "based_on" not in table.content:
        raise table.error('changes no part: it needs a table, as ["NAME".parts."cathodes/LCO"]')


def _variant(table: Table, tables: Mapping[str, Table], experiment: Experiment) -> Variant:
    order = _line_of_descent(table, tables, ())
    changes: dict[str, tuple[Instead, ...]] = {}
    for other in order:
        for label, content in _parts_of(other).items():
            own = Instead(other.path, content, (other.name, label))
            changes[label] = (*changes.get(label, ()), own)
    _check_bases(table, tables)
    _check_labels(table, changes, experiment)
    _check_cells(table, changes, experiment)
    try:
        changed = experiment.changed(MappingProxyType(changes))
    except CellError as error:
        line = line_of(table.path, table.name, (table.name,))
        where = f"variant {shown(table.name)}, {table.path.name}, line {line}"
        raise type(error)(f"{error} ({where})") from None
    return Variant(table.name, table.text("description"), _bases(table), changed)


def _bases(table: Table) -> tuple[str, ...]:
    """Names of the variants that one is based on."""
    if "based_on" not in table.content:
        return ()
    said = table.content["based_on"]
    return (table.text("based_on"),) if isinstance(said, str) else table.texts("based_on")


def _line_of_descent(table: Table, tables: Mapping[str, Table], passed: Sequence[str]) -> list[Table]:
    """The variants whose changes apply, each once, this one last."""
    if table.name in passed:
        raise table.error("is based on itself", at="based_on")
    found: list[Table] = []
    for base in _bases(table):
        if base == SHIPPED:
            continue
        if base not in tables:
            raise table.error(
                f"has an unknown basis: {unknown(base, (SHIPPED, *tables), 'a variant of this file')}",
                at=base,
            )
        older = _line_of_descent(tables[base], tables, (*passed, table.name))
        found += [one for one in older if one not in found]
    return [*found, table]


def _parts_of(table: Table) -> dict[str, Mapping]:
    """Label of a part -> what a variant says of it."""
    if "parts" not in table.content:
        return {}
    return {part.name: part.content for part in table.table("parts").tables()}


def _check_labels(table: Table, changes: Changes, experiment: Experiment) -> None:
    """Raise ParameterError: a part that no cell of the experiment has."""
    known = sorted({label for cell in experiment.cells.values() for label in _labels(cell.parameters)})
    for label in changes:
        if label not in known:
            kind = f"a part of a cell of {experiment.name}"
            raise table.error(f"changes what is not there: {unknown(label, known, kind)}", at=label)


def _labels(parameters: Mapping) -> set[str]:
    return {entry.part for entry in parameters.values()}


Claims = dict[str, object]
"""What is said of a parameter by its key, or of a mechanism by "the law of …"."""


def _claims(contents: Iterable[Mapping]) -> Claims:
    """What the entries of a part say together, the last word of each."""
    found: Claims = {}
    for content in contents:
        for key, entry in content.items():
            if key == LAWS and isinstance(entry, Mapping):
                found |= {f"the law of {mechanism}": law for mechanism, law in entry.items()}
            else:
                found[f"'{key}'"] = entry
    return found


def _check_bases(table: Table, tables: Mapping[str, Table]) -> None:
    """Raise ParameterError: two that it is based on contradict each other where it is silent itself."""
    own = {label: _claims([content]) for label, content in _parts_of(table).items()}
    said: dict[tuple[str, str], tuple[str, object]] = {}
    for base in _bases(table):
        if base == SHIPPED:
            continue
        merged: dict[str, list[Mapping]] = {}
        for older in _line_of_descent(tables[base], tables, ()):
            for label, content in _parts_of(older).items():
                merged.setdefault(label, []).append(content)
        for label, contents in merged.items():
            for what, claim in _claims(contents).items():
                first, before = said.setdefault((label, what), (base, claim))
                if before != claim and what not in own.get(label, {}):
                    raise table.error(
                        f"is based on two that contradict each other: {shown(first)} and {shown(base)} "
                        f"say different things of {what} in {label}; say here which holds",
                        at=table.name,
                    )


def _check_cells(table: Table, changes: Changes, experiment: Experiment) -> None:
    """Raise ParameterError: two parts of one cell are told different things of the same."""
    for cell in experiment.cells.values():
        said: dict[str, tuple[str, object]] = {}
        for label in _labels(cell.parameters) & changes.keys():
            for what, claim in _claims(one.content for one in changes[label]).items():
                if what.strip("'") in ELECTROLYTE.keys:
                    continue  # a separator has several layers, each of its own
                first, before = said.setdefault(what, (label, claim))
                if before != claim:
                    raise table.error(
                        f"contradicts itself in {cell.name}: {first} and {label} are told different "
                        f"things of {what}; change it in one of them",
                        at=table.name,
                    )


__all__ = ["SHIPPED", "VARIANTS", "Variant", "read_variants"]
