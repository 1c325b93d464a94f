"""How the command line prints: tables and sentences for people, JSON for machines."""

import json
import math
import sys

PIPE_WIDTH = 160
"""Columns of a table where no terminal says how wide it is."""


def print_table(title, columns, rows, *, note: str = ""):
    """Print rows of entries as a table, as wide as the terminal, with a note below it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, caption=note or None)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(entry).replace("[", "\\[") for entry in row))
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(width=width).print(table)


def print_json(content):
    """Print lists, dictionaries and numbers as JSON."""
    print(json.dumps(_plain(content), indent=2))


def _plain(value):
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def number(value) -> str:
    """Four digits; a dash where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def say(sentence: str):
    """A sentence for the person, beside what is printed for machines."""
    print(sentence, file=sys.stderr)
