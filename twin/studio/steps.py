"""The steps of one cycle as the sliders say them; what stands in them may be a field of a study."""


def between_voltages(rate: str, upper: str, lower: str, rest: str = "") -> tuple[str, ...]:
    """Of a full cell: `rate` is "1C" or "{rate}", the others in like manner; `rest` "" is none."""
    pause = _pause(rest)
    return (f"Charge at {rate} until {upper}", *pause, f"Discharge at {rate} until {lower}", *pause)


def back_and_forth(current: str, end: str, rest: str = "") -> tuple[str, ...]:
    """Of a symmetric cell: `end` is "for 60 minutes" or "until {charge}"."""
    pause = _pause(rest)
    return (f"Discharge at {current} {end}", *pause, f"Charge at {current} {end}", *pause)


def _pause(rest: str) -> tuple[str, ...]:
    return (f"Rest for {rest}",) if rest else ()
