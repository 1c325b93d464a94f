"""How a command ends: its exit status, and the one line that says why.

0: what was asked for was done. 1: it could not be, for a reason in words. 2: it was not asked rightly.
70: a fault of this program. 130: stopped by Ctrl-C.
"""

import functools
import os
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import typer

from twin import errors
from twin.cli.options import INTERRUPTED
from twin.cli.terminal import say
from twin.errors import TwinError
from twin.files import why_not_written

NOT_DONE = 1
"""Exit status where what was asked for could not be done."""
OUR_FAULT = 70
"""Exit status after an error that nobody foresaw: EX_SOFTWARE of BSD's sysexits.h."""
LONGEST_LINE = 1000
"""Characters of the line that says why; of a longer one, with a very long path, both ends are said."""
SHOW_TRACEBACK = "TWIN_TRACEBACK"
"""Environment variable that, set to anything, has every error show where it came from."""
PACKAGE = Path(__file__).parents[1]


def in_words(command: Callable) -> Callable:
    """The command, ending in one line on standard error and an exit status, whatever is raised in it."""

    @functools.wraps(command)
    def ending(*arguments, **options):
        try:
            with warnings.catch_warnings():
                warnings.showwarning = functools.partial(_say_warning, warnings.showwarning)
                return command(*arguments, **options)
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            _end("stopped by Ctrl-C", INTERRUPTED)
        except TwinError as error:
            _end(str(error), NOT_DONE)
        except MemoryError:
            _end("out of memory: ask for fewer draws, cycles or points", NOT_DONE)
        except BrokenPipeError:
            raise  # whoever read the output has gone
        except OSError as problem:
            _end(refusal(problem), NOT_DONE)
        except Exception as fault:  # nobody foresaw it
            _end(_confession(fault), OUR_FAULT)

    return ending


def refusal(problem: OSError) -> str:
    """What the operating system would not do."""
    about = f"{problem.filename}: " if problem.filename else ""
    return f"{about}{why_not_written(problem)}"


def _end(reason: str, status: int):
    if os.environ.get(SHOW_TRACEBACK):
        say(traceback.format_exc())
    say(f"twin: {_one_line(reason)}")
    raise typer.Exit(status) from None


def _one_line(text: str) -> str:
    """The text on one line; what would move a terminal's cursor is spelled out."""
    words = " ".join(text.split())
    if len(words) > LONGEST_LINE:
        words = f"{words[: LONGEST_LINE // 2]} … {words[-LONGEST_LINE // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


def _confession(fault: Exception) -> str:
    """What happened, and how to see more of it."""
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    where = f" ({Path(own[-1].filename).relative_to(PACKAGE)}, line {own[-1].lineno})" if own else ""
    return (
        f"a fault of this program, not of yours: {type(fault).__name__}: {fault}{where}; "
        f"{SHOW_TRACEBACK}=1 in the environment shows how it came about, please report it with that"
    )


def _say_warning(otherwise, message, category, *where):
    if category.__module__ == errors.__name__:
        say(f"twin: {_one_line(str(message))}")
    else:
        otherwise(message, category, *where)
