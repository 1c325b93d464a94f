"""The stack drawn to scale: what lies on what, how thick, and what it is, as SVG."""

from dataclasses import dataclass
from html import escape

from twin import names
from twin.cell import Cell
from twin.studio.tables import prior_in_words
from twin.units import in_words, unit_of_key, words_of_key

FARADAY = 96485.33
"""[C/mol]"""
LITHIUM_MOLAR_VOLUME = 1.3e-5
"""[m3/mol] of lithium metal."""
WIDTH = 640
"""[px] of the drawing, before the page stretches it."""
HEIGHT = 210
"""[px]: the layers, and four rows of words below them."""
LEFT = 20
"""[px] of paper on either side."""
THINNEST = 2.0
"""[px] of a line that stands for a layer too thin to see."""
COLOURS = {
    "anode_interface": "#9aa5b1",
    "coating": "#d55e00",
    "layer": "#cc79a7",
    "separator": "#e9c46a",
    "cathode": "#5b6c8f",
}


@dataclass(frozen=True)
class Layer:
    """One layer: its role, what it is, its thickness [m] (None where the cell's files do not say), and
    where the parameters of such a layer come from: the folder of a part, or a part in it."""

    role: str
    words: str
    thickness: float | None
    parts: str


def layers_of(cell: Cell) -> list[Layer]:
    """From the negative electrode on."""
    values = cell.values
    host = values[names.LITHIUM_INVENTORY] / FARADAY * LITHIUM_MOLAR_VOLUME
    anode = Layer("anode_interface", f"lithium of {cell.parts['anode_interface']}", host, "pairs/")
    film = values[names.COATING_THICKNESS]
    coating = [Layer("coating", str(cell.parts.get("coating")), film, "coatings/")] if film else []
    reacted = values[names.LAYER_DEPTH]
    converted = [Layer("layer", "sacrificial layer", reacted, "pairs/")] if reacted else []
    parts = cell.parts["separator"]
    separator = [
        Layer(
            "separator", part, values[names.layer(number, names.LAYER_THICKNESS)], f"electrolytes/{part}"
        )
        for number, part in enumerate((parts,) if isinstance(parts, str) else parts, start=1)
    ]
    if cell.has_cathode:
        other = [Layer("cathode", f"{cell.parts['cathode']} composite", None, "cathodes/")]
    else:
        other = [*converted, *coating, anode]
    return [anode, *coating, *converted, *separator, *other]


def parameters_in_words(cell: Cell, layer: Layer) -> str:
    """The parameters of a layer, one a line: value, unit, source and prior."""
    return "\n".join(
        f"{words_of_key(key)}: {entry.value:.4g} {unit_of_key(key)} ({entry.source}; "
        f"{prior_in_words(entry.prior)})"
        for key, entry in sorted(cell.parameters.items())
        if entry.part.startswith(layer.parts)
    )


def drawing(cell: Cell) -> str:
    """The stack as SVG; whatever a file says of names is text in it."""
    layers = layers_of(cell)
    told = [own.thickness for own in layers if own.thickness]
    unknown = 46.0 * sum(own.thickness is None for own in layers)
    scale = (WIDTH - 2 * LEFT - unknown) / sum(told)
    parts, labels, x = [], [], float(LEFT)
    for place, own in enumerate(layers):
        width = 46.0 if own.thickness is None else max(own.thickness * scale, THINNEST)
        thick = (
            "not told"
            if own.thickness is None
            else in_words([float(f"{own.thickness:.3g}")], "x [m]")[0]
        )
        words = f"{own.words}, {thick}"
        parts.append(
            f'<rect x="{x:.1f}" y="24" width="{width:.1f}" height="86" fill="{COLOURS[own.role]}">'
            f"<title>{escape(words)}\n{escape(parameters_in_words(cell, own))}</title></rect>"
        )
        middle, row = x + width / 2, 128 + 20 * (place % 4)
        anchor = "end" if x > 0.62 * WIDTH else "start"
        labels.append(
            f'<path d="M{middle:.1f} 110 V{row - 10}" stroke="currentColor" stroke-opacity=".35"/>'
            f'<text x="{middle:.1f}" y="{row + 3}" text-anchor="{anchor}">{escape(words)}</text>'
        )
        x += width
    note = "Thickness to scale; rest on a layer for its parameters" + (
        ", but for what is too thin to see" if min(told) * scale < THINNEST else ""
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(cell.description)}" '
        'class="stack" xmlns="http://www.w3.org/2000/svg">'
        f'<text x="{LEFT}" y="14" opacity=".7">{note}; lithium as a dense foil</text>'
        f"{''.join(parts)}{''.join(labels)}</svg>"
    )
