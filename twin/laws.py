"""The laws that a mechanism may follow: what a part's or a cell's file may name under ``[laws]``.

    [laws]
    "capacity fade" = "by potential"

The first law of each mechanism is the default. Each has a submodel in ``physics`` (``model.SUBMODELS``),
whose file says what it means. A law's own parameters exist in a cell that follows it and in no other.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from twin import names
from twin.errors import ParameterError, shown, unknown

LAWS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cathode diffusion": {
        "one time constant": (),
        "lognormal time constants": (names.DIFFUSION_SPREAD,),
        "two time constants": (names.SLOW_SHARE, names.SLOW_RATIO),
    },
    "capacity fade": {"by time": (), "by potential": (names.FADE_TRANSFER,)},
    "cathode formation": {
        "none": (),
        "oxidation": (names.FORMATION_SHARE, names.FORMATION_RATE),
    },
    "interphase growth": {"passivating": (), "saturating": (names.SATURATION_THICKNESS,)},
    "interface kinetics": {"ohmic": (), "activated": (names.TRANSFER_COEFFICIENT,)},
    "contact": {"refilled by plating": (), "accumulating voids": (names.TRAPPED_SHARE,)},
    "filament": {
        "one way": (),
        "retracting": (
            names.FILAMENT_RETRACTING_SHARE,
            names.FILAMENT_RETRACTION_CHARGE,
            names.FILAMENT_CLOSING_TIME,
            names.FILAMENT_CREEP_PRESSURE,
        ),
    },
    "interface area": {
        "kept": (),
        "isolated by stripping": (
            names.ISOLATED_SHARE,
            names.ISOLATION_CHARGE,
            names.ISOLATION_WIDTH,
        ),
    },
    "wetting": {"as the pair": (), "its own": (names.COATED_PRISTINE_RESISTANCE,)},
    "plating": {"through what is in contact": (), "everywhere": ()},
}
"""Mechanism -> the laws that it may follow, the default first -> parameters that the law alone knows."""

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {mechanism: next(iter(known)) for mechanism, known in LAWS.items()}
)
"""Mechanism -> the law that it follows where no file says another."""


def own_parameters(mechanism: str) -> set[str]:
    """The parameters that some law of a mechanism has for itself."""
    return {key for own in LAWS[mechanism].values() for key in own}


def checked_laws(named: object, allowed: Iterable[str], place: object) -> dict[str, str]:
    """Laws as a file or a call names them. Raises ParameterError: an unknown mechanism or law."""
    if not isinstance(named, Mapping):
        raise ParameterError(
            f'[laws] must be a table, as "capacity fade" = "by time", not {shown(named)} ({place})'
        )
    for mechanism, law in named.items():
        if mechanism not in tuple(allowed):
            raise ParameterError(
                f"{unknown(mechanism, allowed, 'a mechanism whose law can be named here')} ({place})"
            )
        if not isinstance(law, str) or law not in LAWS[mechanism]:
            raise ParameterError(f"{unknown(law, LAWS[mechanism], f'a law of {mechanism}')} ({place})")
    return dict(named)


def unfollowed(laws: Mapping[str, str]) -> dict[str, str]:
    """Parameter -> the mechanism that it belongs to, of every law that is not among `laws`."""
    return {
        key: mechanism
        for mechanism, law in laws.items()
        for key in own_parameters(mechanism) - set(LAWS[mechanism][law])
    }


def law_of(key: str) -> tuple[str, str]:
    """Mechanism and law whose own parameter `key` is."""
    return next(
        (mechanism, law) for mechanism, known in LAWS.items() for law, own in known.items() if key in own
    )


def check_parameters(laws: Mapping[str, str], given: Iterable[str], where: object) -> None:
    """Raise ParameterError: a law without its parameters, or a parameter whose law is not followed."""
    given = set(given)
    for key, mechanism in unfollowed(laws).items():
        if key in given:
            raise ParameterError(
                f"'{key}' belongs to the law '{law_of(key)[1]}' of {mechanism}, which follows "
                f"'{laws[mechanism]}' here: name that law under [laws], or leave the value out ({where})"
            )
    for mechanism, law in laws.items():
        for key in LAWS[mechanism][law]:
            if key not in given:
                raise ParameterError(
                    f"the law '{law}' of {mechanism} needs '{key}': give it, or follow "
                    f"'{DEFAULTS[mechanism]}' ({where})"
                )
