"""Does the cell do what its twin expects? Said where what was measured leaves the 99 % band.

Of each new cycle the particles predict the value from all cycles before it: their innovations are that
prediction less what came, in standard deviations. Two ways to leave are looked for, each in half of the
1 % that is left: a single cycle, whose band is as wide as the number of new cycles asks for
(Bonferroni), and the mean of all new cycles, which a slow drift moves while each of them stays inside.
The particles have seen the new cycles: what parameters of the family could explain is explained, so
that an alarm is about what is left. A short is held against what the particles said before it.
"""

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr, ndtri

from twin.following.evidence import Answers, Evidence, chance_of_life
from twin.results.phrases import in_a_sentence
from twin.results.quantities import curve_quantity

OUTSIDE = 0.01
"""Chance that an update alarms although the cell is one that the model knows: its band has the rest."""
UNKNOWN = "the cell does something that the model does not know"


def alarms(
    evidence: Evidence, after: tuple[Answers, np.ndarray], before: tuple[Answers, np.ndarray]
) -> Iterator[str]:
    """Sentences on what left the band, none where nothing did.

    `after` and `before` are what the particles with and without the new cycles say of all cycles, with
    their weights (particle,).
    """
    yield from _of_curves(evidence, *after)
    yield from _of_shorts(evidence, *before)


def _of_curves(evidence: Evidence, answers: Answers, weights: np.ndarray) -> Iterator[str]:
    curves = evidence.observed.curves
    for curve, white in zip(curves, evidence.innovations(answers), strict=True):
        new = curve.cycles > evidence.before
        if not new.any():
            continue
        # a large innovation says that too little was measured
        below = weights @ ndtr(white[:, new])
        count, share = int(new.sum()), OUTSIDE / 2 / len(curves)
        far = np.minimum(below, 1 - below) * 2
        quantity = curve_quantity(curve.name)
        assert quantity is not None  # curves are results of a run
        name = in_a_sentence(quantity.long_name)
        worst = int(np.argmin(far))
        if far[worst] < share / count:
            cycle = int(curve.cycles[new][worst])
            side = "below" if below[worst] > 0.5 else "above"
            beside = int((far < share / count).sum()) - 1
            more = f" (and {beside} cycles more)" if beside else ""
            yield (
                f"cycle {cycle}{more}: the {name}, {curve.values[new][worst]:.4g} "
                f"{quantity.units}, lies {side} the 99 % band of what the cycles before it "
                f"make the twin expect: {UNKNOWN}"
            )
            continue
        mean = float(ndtri(below.clip(1e-15, 1 - 1e-15)).sum() / np.sqrt(count))
        if 2 * ndtr(-abs(mean)) < share:
            side = "below" if mean > 0 else "above"
            yield (
                f"cycles {int(curve.cycles[new][0])} to {int(curve.cycles[new][-1])}: the {name} keeps "
                f"{side} what the twin expects from cycle to cycle, by {abs(mean):.1f} standard "
                f"deviations of their mean: {UNKNOWN}"
            )


def _of_shorts(evidence: Evidence, answers: Answers, weights: np.ndarray) -> Iterator[str]:
    observed = evidence.observed
    if observed.onset is not None and observed.onset > evidence.before:
        alive = chance_of_life(answers.lived, weights, observed.onset)
        if evidence.before:  # that it had not shorted by then is known
            alive = min(1.0, alive / chance_of_life(answers.lived, weights, evidence.before))
        if 1 - alive < OUTSIDE / 2:
            yield f"a short in cycle {observed.onset}, far sooner than the twin expected: {UNKNOWN}"
    elif observed.onset is None:
        alive = chance_of_life(answers.lived, weights, observed.cycles)
        if alive < OUTSIDE / 2:
            yield f"no short up to cycle {observed.cycles}, where the twin expected one: {UNKNOWN}"
