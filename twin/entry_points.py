"""What PyBaMM's entry points find: each shipped cell's parameter values, by name."""

from twin.model import parameter_dict
from twin.parameter_sets import cells, load_cell


def __getattr__(name):
    if name not in cells():
        raise AttributeError(name)

    def get_parameter_values():
        return parameter_dict(load_cell(name))

    get_parameter_values.__doc__ = load_cell(name).description
    return get_parameter_values
