"""Digital twins of all-solid-state lithium cells.

>>> import twin
>>> cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
>>> protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=800)
>>> run = twin.simulate(cell, protocol)

The public names stand in ``__init__.pyi``, where editors and type checkers see them; each is loaded when
it is first asked for, so that `import twin` and `twin --help` do not wait for PyBaMM.
"""

import os

import lazy_loader

# PyBaMM would ask about telemetry on its first import
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

_public, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name):
    if name == "__version__":
        from twin.results.provenance import twin_version

        return twin_version()
    return _public(name)
