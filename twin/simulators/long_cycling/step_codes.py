"""What an integration knows by number; ``native`` writes it for ``exact_cycle.c`` as enumerations."""

import enum


class Reason(enum.IntEnum):
    """Why a protocol step ended; the events of a circuit follow from `FIRST_EVENT` on."""

    NOT_ENDED = -1
    """It goes on, or it never began."""
    TIME = 0
    CUT_OFF = 1
    SKIPPED = 2
    """It began at its cut-off or beyond it."""
    CUT_OFF_NOT_REACHED = 3
    SOLVER_FAILURE = 4
    FIRST_EVENT = 5


LAST_FINISHED = Reason.SKIPPED
"""After the reasons up to this one the next protocol step begins; after those beyond it the run ends."""


class Monitor(enum.IntEnum):
    """What a cut-off watches."""

    VOLTAGE = 0
    CURRENT = 1
    ABSOLUTE_CURRENT = 2
    CHARGE = 3
    """What has passed since the protocol step began, whatever its direction."""
    STATE_OF_CHARGE = 4


class CutOff(enum.IntEnum):
    """The numbers of a cut-off: it is reached where SIGN * (MONITOR - VALUE) / SCALE is zero."""

    MONITOR = 0
    SIGN = 1
    VALUE = 2
    SCALE = 3


CONTROLS = ("current", "voltage", "power")
"""What the control row weighs, in the order of its weights; the target follows after them."""

REASONS = tuple(reason.name.lower() for reason in Reason if 0 <= reason < Reason.FIRST_EVENT)
"""The reasons in words, by their number."""

FINISHED = REASONS[: LAST_FINISHED + 1]
"""In words, those after which the next protocol step begins."""

ENUMERATIONS = (Reason, Monitor, CutOff)
"""What ``exact_cycle.c`` is given."""
