"""One step of a protocol, read once: what is controlled, at which value, and what ends it.

::

    Charge at 0.1 mA/cm2 for 1 hour
    Discharge at C/3 for 2 hours or until 2.5 V
    Hold at 4.2 V until C/20
    Discharge at 0.5C until 0.5 mAh/cm2 at 60 oC

These are PyBaMM's step strings, and beside them: currents and charges by area and by mass of active
material, ends by charge passed and by state of charge, several ends, and a temperature. What a step
means in amperes and volts depends on the cell (``simulators.driven_step``).
"""

import functools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from twin.errors import ProtocolError, shown, unknown
from twin.protocols.amounts import SECONDS, read_amount, read_temperature, read_time

ACCEPTED_FORMS = (
    '"Discharge at 1C until 2.6 V", "Charge at 0.1 mA/cm2 for 1 hour", "Charge at 2 mA until 4.2 V", '
    '"Hold at 4.2 V until C/20", "Hold at 3.68 V for 15 minutes", "Discharge at 1 mW for 2 hours", '
    '"Charge at 14 mA/g until 0.5 mAh/cm2", "Discharge at C/3 until 50 % SoC", "Rest for 10 minutes"'
)
LONGEST_TEXT = 300
"""Characters of a step: what is longer is no step, and would only cost time to read."""
VERBS = ("charge", "discharge", "hold", "rest")
CONTROLLED = (
    "current", "current density", "specific current", "C-rate",
    "power", "power density", "specific power", "resistance", "voltage",
)  # fmt: skip
"""What a step may hold at a value; all but a voltage have the sign of the current."""
OF_CURRENT = ("current", "current density", "specific current", "C-rate")
OF_CHARGE = ("charge", "areal charge", "specific charge")
ENDING = ("voltage", *OF_CURRENT, *OF_CHARGE, "state of charge")
"""What may end a step."""
WORDS = (*VERBS, "for", "until", "soc", "ohm", "mah", "degc", *SECONDS)
"""Words of a step, among which a misspelt one is looked for."""
FORM = re.compile(
    r"^(?P<verb>[a-z]+)"
    r"(?:\s+at\s+(?P<value>.+?))?"
    r"(?:\s+for\s+(?P<time>.+?))?"
    r"(?:(?:\s+or)?\s+until\s+(?P<ends>.+?))?"
    r"(?:\s+(?:at|@)\s+(?P<temperature>\S+\s*(?:oC|°C|degC|K)))?"
    r"(?:\s*\((?P<period>.+?)\s+period\))?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class End:
    """What ends a step: a quantity that reaches a value.

    Attributes
    ----------
    quantity : one of :data:`ENDING`
    value : float
        In SI units, charges in A.h (by area A.h/m2, by mass A.h/kg), of a state of charge its share.
    operator : "<", ">" or None
        None of a voltage takes the side that the current drives it to; of a current the amount counts,
        whatever its direction.
    """

    quantity: str
    value: float
    operator: str | None = None


@dataclass(frozen=True)
class Profile:
    """Points that a drive cycle follows, linear between them: `time` [s] from 0, and `value` in SI."""

    time: tuple[float, ...]
    value: tuple[float, ...]

    @property
    def first_driving(self) -> float:
        """The first value that passes current, 0 where none does."""
        return next((value for value in self.value if value != 0), 0.0)


@dataclass(frozen=True)
class Step:
    """One step of a protocol, whatever the cell.

    Attributes
    ----------
    text : str
        As it was given.
    control : one of :data:`CONTROLLED`
    value : float
        In SI units, positive where it discharges; 0 of a rest.
    duration : float or None
        [s]; None where only an end stops it.
    ends : tuple of End
    temperature : float or None
        Of the surroundings [K]; None leaves them as they are.
    profile : Profile or None
        What the value follows over time, of a drive cycle; `value` is then the first that drives.
    reads : str
        Name of the voltage that is read at its end, where a step was broken to read it: the rest of it
        follows (``half_cycle_voltages``).
    """

    text: str = field(compare=False)
    control: str
    value: float
    duration: float | None = None
    ends: tuple[End, ...] = ()
    temperature: float | None = None
    profile: Profile | None = None
    reads: str = ""

    @property
    def direction(self) -> str | None:
        """ "charge", "discharge" or "rest"; None of a voltage that is held."""
        if self.control == "voltage":
            return None
        return "rest" if self.value == 0 else "discharge" if self.value > 0 else "charge"

    def __str__(self) -> str:
        return self.text


@functools.lru_cache(maxsize=4096)
def read_step(text: str) -> Step:
    """The step that a text says.

    Raises ProtocolError: a text that is no step, a number or unit that cannot be read, a step that never
    ends, or ends that contradict each other.
    """
    if len(text) > LONGEST_TEXT:
        raise ProtocolError(
            f"a step of {len(text)} characters ({text[:40]!r}…) is longer than {LONGEST_TEXT}: "
            f"accepted are forms like {ACCEPTED_FORMS}"
        )
    found = FORM.match(" ".join(text.split()))
    if found is None or found["verb"].lower() not in VERBS:
        raise _unreadable(text, "it begins with Charge, Discharge, Hold or Rest, then at, for, until")
    try:
        step = _step(text, **found.groupdict())
        check(step)
    except ProtocolError as error:
        raise _unreadable(text, str(error)) from None
    return step


def _step(text, verb, value, time, ends, temperature, period) -> Step:
    verb = verb.lower()
    if verb == "rest":
        if value is not None:
            raise ProtocolError("a rest has no value")
        control, number = "current", 0.0
    elif value is None:
        raise ProtocolError(f"'at' and a value are missing, as in \"{verb.capitalize()} at …\"")
    else:
        amount = read_amount(value)
        control, number = amount.quantity, amount.value * (-1 if verb == "charge" else 1)
        if control == "voltage":
            number = amount.value
        if control not in CONTROLLED:
            raise ProtocolError(
                f"'{value}' is a {control}; a step is held at a current, voltage or power"
            )
        if number == 0 and control != "voltage":
            raise ProtocolError("its value is 0; say Rest for a step without current")
        if verb == "hold" and control != "voltage":
            raise ProtocolError(f"only a voltage is held, not '{value}': say Charge or Discharge")
    if period is not None:
        read_time(period)  # how often PyBaMM would store points changes nothing here
    return Step(
        text,
        control,
        number,
        None if time is None else read_time(time),
        () if ends is None else tuple(_end(part) for part in _alternatives(ends)),
        None if temperature is None else read_temperature(temperature),
    )


def _alternatives(text: str) -> list[str]:
    return re.split(r"\s+or\s+(?:until\s+)?", text, flags=re.IGNORECASE)


def _end(text: str) -> End:
    operator = text[0] if text[0] in "<>" else None
    amount = read_amount(text.removeprefix(operator or "").strip())
    if amount.quantity not in ENDING:
        raise ProtocolError(f"a step cannot end at '{text}', a {amount.quantity}")
    return End(amount.quantity, amount.value, operator)


def check(step: Step) -> None:
    """Raise ProtocolError where a step is held at nothing, never ends, or contradicts itself."""
    if step.duration is None and not step.ends:
        raise ProtocolError("it needs a time ('for 1 hour') or an end ('until 4.2 V')")
    if not math.isfinite(step.value):
        raise ProtocolError(f"its value is {step.value}")
    if step.duration is not None and not 0 < step.duration < math.inf:
        raise ProtocolError("it must last longer than nothing, and not for ever")
    if step.direction == "rest":
        if step.duration is None:
            raise ProtocolError('a rest needs a time, as in "Rest for 10 minutes"')
        if any(end.quantity != "voltage" or end.operator is None for end in step.ends):
            raise ProtocolError('a rest ends by time, or at a voltage with its side: "until < 3.5 V"')
    quantities = [end.quantity for end in step.ends]
    for end in step.ends:
        if step.control in OF_CURRENT and end.quantity in OF_CURRENT:
            raise ProtocolError("its current is held, so that no current can end it")
        if step.control == "voltage" and end.quantity == "voltage":
            raise ProtocolError("its voltage is held, so that no voltage can end it")
        if end.quantity in (*OF_CHARGE, *OF_CURRENT) and end.operator is None and not end.value > 0:
            raise ProtocolError(
                f"an end at a {end.quantity} of {end.value:g} is none: it must be positive"
            )
    for quantity in ("voltage", "state of charge"):
        if quantities.count(quantity) > 1 and len({e.operator for e in _of(step.ends, quantity)}) == 1:
            raise ProtocolError(f"it has two ends of one kind ({quantity}), of which one never acts")
    if sum(quantities.count(quantity) for quantity in OF_CHARGE) > 1:
        raise ProtocolError("it has two ends of one kind (charge), of which one never acts")


def _of(ends: Sequence[End], quantity: str) -> list[End]:
    return [end for end in ends if end.quantity == quantity]


def _unreadable(text: str, reason: str) -> ProtocolError:
    return ProtocolError(
        f"cannot read the step {shown(text)}: {reason}{_near_miss(text)}; accepted are forms like "
        f"{ACCEPTED_FORMS}"
    )


def _near_miss(text: str) -> str:
    """Says which word is nearly one of a step's, if one is."""
    for word in re.findall(r"[A-Za-z]{3,}", text):
        if word.lower() not in WORDS and "did you mean" in (said := unknown(word, WORDS, "such a word")):
            return f" ({said.split(' (known')[0]})"
    return ""
