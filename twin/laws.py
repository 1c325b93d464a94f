"""The laws that a mechanism may follow: what a part's or a cell's file may name under ``[laws]``.

    [laws]
    "capacity fade" = "by potential"

The first law of each mechanism is the default. Each has a submodel in ``physics`` (``model.SUBMODELS``).
A law's own parameters exist in a cell that follows it and in no other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from twin import names
from twin.errors import ParameterError, shown, unknown


@dataclass(frozen=True)
class Law:
    """One way in which a mechanism may go on.

    Attributes
    ----------
    words : what it says, as a help text
    own : parameters that this law alone knows; a cell that follows it gives all of them
    """

    words: str
    own: tuple[str, ...] = ()


LAWS: Mapping[str, Mapping[str, Law]] = {
    "cathode diffusion": {
        "one time constant": Law("every particle of the cathode is as quick as the others"),
        "lognormal time constants": Law(
            "the particles' time constants have a lognormal distribution", (names.DIFFUSION_SPREAD,)
        ),
        "two time constants": Law(
            "a share of the particles is badly connected, and slower",
            (names.SLOW_SHARE, names.SLOW_RATIO),
        ),
    },
    "capacity fade": {
        "by time": Law("the cathode loses capacity with the calendar"),
        "by potential": Law("the more, the higher its potential", (names.FADE_TRANSFER,)),
    },
    "cathode formation": {
        "none": Law("no charge is lost but by fade"),
        "oxidation": Law(
            "the first charge oxidises what electrolyte the particles touch",
            (names.FORMATION_SHARE, names.FORMATION_RATE),
        ),
    },
    "interphase growth": {
        "passivating": Law("linear, parabolic or logarithmic in time"),
        "saturating": Law("ends at a thickness", (names.SATURATION_THICKNESS,)),
    },
    "contact": {
        "refilled by plating": Law("plating fills what stripping has hollowed out"),
        "accumulating voids": Law(
            "plating closes over a share of the hollows, which creep alone heals", (names.TRAPPED_SHARE,)
        ),
    },
    "filament": {
        "one way": Law("filaments only grow"),
        "retracting": Law(
            "a share of what has just grown withdraws on stripping and closes at rest",
            (
                names.FILAMENT_RETRACTING_SHARE,
                names.FILAMENT_RETRACTION_CHARGE,
                names.FILAMENT_CLOSING_TIME,
                names.FILAMENT_CREEP_PRESSURE,
            ),
        ),
    },
    "interface area": {
        "kept": Law("all of the interface stays within reach"),
        "isolated by stripping": Law(
            "bare lithium that was stripped often enough leaves a share of it without contact for good",
            (names.ISOLATED_SHARE, names.ISOLATION_CHARGE, names.ISOLATION_WIDTH),
        ),
    },
    "wetting": {
        "as the pair": Law("lithium touches a coating as it touches the electrolyte"),
        "its own": Law(
            "a coating has its own contact with lithium", (names.COATED_PRISTINE_RESISTANCE,)
        ),
    },
    "plating": {
        "through what is in contact": Law("hollows of the last stripping stand in the way of plating"),
        "everywhere": Law("lithium plates into hollows from the start"),
    },
}
"""Mechanism -> the laws that it may follow, the default first."""

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {mechanism: next(iter(known)) for mechanism, known in LAWS.items()}
)
"""Mechanism -> the law that it follows where no file says another."""


def own_parameters(mechanism: str) -> set[str]:
    """The parameters that some law of a mechanism has for itself."""
    return {key for law in LAWS[mechanism].values() for key in law.own}


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
        for key in own_parameters(mechanism) - set(LAWS[mechanism][law].own)
    }


def law_of(key: str) -> tuple[str, str]:
    """Mechanism and law whose own parameter `key` is."""
    return next(
        (mechanism, law)
        for mechanism, known in LAWS.items()
        for law, about in known.items()
        if key in about.own
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
        for key in LAWS[mechanism][law].own:
            if key not in given:
                raise ParameterError(
                    f"the law '{law}' of {mechanism} needs '{key}': give it, or follow "
                    f"'{DEFAULTS[mechanism]}' ({where})"
                )
