"""One mechanism a file, each a ``pybamm.BaseSubModel`` that opens with its equation and its source.

Sign convention: positive current discharges. Discharging strips the negative lithium interface and
plates the positive one of a symmetric cell. Resistances are area-specific [Ohm.m2], current
densities refer to the electrode area [A.m-2].

``cathode_potential`` and ``coating_failure`` are what simulators know of two mechanisms without PyBaMM.
"""
