"""What the ranks of made-up cells say: coverage of intervals, whether they are uniform, a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, chisquare

SHARES = (0.5, 0.9)
"""Of the draws, in the central intervals whose coverage is told."""
BINS = 10
"""Of a histogram of ranks: five cells in each, where a family has fifty."""


def words(lines: Sequence[dict], ranked: int) -> str:
    """A table of what the lines of a file of calibrations say.

    Of each quantity: how often central intervals hold the truth, with 95 % intervals of that share
    (Clopper and Pearson 1934), and the chance that ranks that are uniform differ so much from it (chi-
    squared). Ranks go from 0 to `ranked`.
    """
    told = []
    for family in dict.fromkeys(line["family"] for line in lines):
        own = [line for line in lines if line["family"] == family]
        doubtful = sum(not line["converged"] for line in own)
        told.append(
            f"{family}: {len(own)} cells, {doubtful} fits say that they have not converged, "
            f"{len(own) - len(_enough(own, ranked))} have fewer effective draws than are ranked; "
            f"effective draws {_middle(own, 'effective')}, R-hat {_middle(own, 'rhat')}, evaluations "
            f"{_middle(own, 'evaluations')}, processor seconds {_middle(own, 'seconds')}"
        )
        told.append(f"{'':72}{'in 50 %':>20}{'in 90 %':>20}{'chi-squared':>14}")
        for group in ("forecasts", "ranks"):
            told += [_row(name, [line[group][name] for line in own], ranked) for name in own[0][group]]
        told.append("")
    told.append("All families together; parameters of one cell are not independent of each other:")
    for group, title in (("forecasts", "all forecast quantities"), ("ranks", "all parameters")):
        for chosen, words_of_them in ((lines, ""), (_enough(lines, ranked), ", enough effective draws")):
            ranks = [rank for line in chosen for rank in line[group].values()]
            if ranks:
                told.append(_row(f"{title}{words_of_them}", ranks, ranked))
    return "\n".join(told)


def _enough(lines: Sequence[dict], ranked: int) -> list[dict]:
    """The fits with at least as many effective draws as are ranked.

    The rows decide that, not the truth: its ranks are uniform among these fits, too.
    """
    return [line for line in lines if line["effective"] >= ranked]


def _middle(lines: Sequence[dict], name: str) -> str:
    low, middle, high = np.quantile([line[name] for line in lines], [0.05, 0.5, 0.95])
    return f"{middle:.4g} ({low:.4g} to {high:.4g})"


def _row(title: str, ranks: Sequence[int], ranked: int) -> str:
    told = f"  {title:70.70}"
    for share in SHARES:
        held, count = covered(ranks, ranked, share), len(ranks)
        found = binomtest(held, count).proportion_ci()
        told += f"{100 * held / count:7.0f} % ({100 * found.low:3.0f} to {100 * found.high:3.0f})"
    return f"{told}{uniform_chance(ranks, ranked):>10.3f}"


def covered(ranks: Sequence[int], ranked: int, share: float) -> int:
    """How many truths lie in the central interval with `share` of the draws."""
    outside = round((1 - share) / 2 * (ranked + 1))
    ranks = np.asarray(ranks)
    return int(((ranks >= outside) & (ranks <= ranked - outside)).sum())


def uniform_chance(ranks: Sequence[int], ranked: int) -> float:
    """Chance that uniform ranks differ as much from it, by a chi-squared test of the histogram."""
    return float(chisquare(histogram(ranks, ranked)).pvalue)


def histogram(ranks: Sequence[int], ranked: int) -> np.ndarray:
    """Ranks in bins of equal chance, (bin,); their number must divide that of the ranks."""
    return np.bincount(np.asarray(ranks) * BINS // (ranked + 1), minlength=BINS)


def picture(lines: Sequence[dict], ranked: int, path: Path) -> None:
    """Rank histograms of each quantity of each family, within what 95 % of uniform ones do."""
    from matplotlib import pyplot
    from scipy.stats import binom

    families = list(dict.fromkeys(line["family"] for line in lines))
    quantities = [
        (family, group, name)
        for family in families
        for group in ("forecasts", "ranks")
        for name in next(line for line in lines if line["family"] == family)[group]
    ]
    columns = 5
    figure, axes = pyplot.subplots(
        -(-len(quantities) // columns), columns, sharex=True, layout="constrained",
        figsize=(3 * columns, 2 * -(-len(quantities) // columns)), squeeze=False,
    )  # fmt: skip
    for own, (family, group, name) in zip(axes.flat, quantities, strict=False):
        ranks = [line[group][name] for line in lines if line["family"] == family]
        low, middle, high = binom.ppf([0.025, 0.5, 0.975], len(ranks), 1 / BINS)
        own.axhspan(low, high, color="0.9")
        own.axhline(middle, color="0.7")
        colour = "C1" if group == "forecasts" else "C0"
        own.bar((np.arange(BINS) + 0.5) / BINS, histogram(ranks, ranked), 0.9 / BINS, color=colour)
        above, _, quantity = name.partition(": ")
        own.set_title(f"{above if group == 'forecasts' else family}\n{quantity}", fontsize=8)
        own.tick_params(labelsize=8)
    for unused in axes.flat[len(quantities) :]:
        unused.set_axis_off()
    figure.supxlabel("Rank of the truth among the draws, as a share of them")
    figure.supylabel("Cells")
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
