"""Digital twins of all-solid-state lithium cells.

>>> import twin
>>> cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
>>> protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=800)
>>> run = twin.simulate(cell, protocol)
"""

import importlib
import os

# PyBaMM would ask about telemetry on its first import
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

# public name -> module that defines it, in the order of the data; loaded when first asked for, so that
# `import twin` and `twin --help` do not wait for PyBaMM
_HOME = {
    "cells": "twin.parameter_sets",
    "load_cell": "twin.parameter_sets",
    "Protocol": "twin.protocols",
    "read_rows": "twin.measured.rows",
    "measured": "twin.measured.runs",
    "SolidStateCell": "twin.model",
    "parameter_values": "twin.model",
    "simulate": "twin.simulators",
    "simulate_many": "twin.simulators",
    "impedance": "twin.inside_a_cycle.impedance",
    "time_series": "twin.inside_a_cycle.time_series",
    "save": "twin.files",
    "load": "twin.files",
    "fit": "twin.fitting.posterior",
    "forecast": "twin.forecasting",
    "summarise": "twin.forecasting",
    "validate": "twin.validation",
    "shipped_studies": "twin.studies.study",
    "load_study": "twin.studies.study",
    "what_if": "twin.studies.what_if",
    "summarise_study": "twin.studies.summary",
    "search": "twin.studies.search",
    "sensitivity": "twin.sensitivities",
    "plots": "twin.plots",
    "report": "twin.report",
    "errors": "twin.errors",
}

__all__ = list(_HOME)


def __getattr__(name):
    if name == "__version__":
        from twin.results.provenance import twin_version

        return twin_version()
    if name not in _HOME:
        raise AttributeError(f"module 'twin' has no attribute '{name}'")
    module = importlib.import_module(_HOME[name])
    found = module if module.__name__ == f"twin.{name}" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__():
    return sorted([*globals(), *_HOME])
