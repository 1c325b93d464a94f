"""What `import twin` offers: every name loads, and editors are told the same names."""

import ast
from pathlib import Path

import pytest

import twin


@pytest.mark.parametrize("name", [*twin.__all__, "__version__"])
def test_public_name_loads(name):
    assert getattr(twin, name) is not None


def test_stub_lists_what_it_imports():
    stub = Path(twin.__file__).with_suffix(".pyi")
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    imported = [n.name for node in tree.body if isinstance(node, ast.ImportFrom) for n in node.names]
    (listed,) = (node.value for node in tree.body if isinstance(node, ast.Assign))
    assert sorted(imported) == sorted(ast.literal_eval(listed))


def test_package_says_that_it_has_types():
    assert (Path(twin.__file__).parent / "py.typed").is_file()


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="No twin attribute simulation"):
        twin.simulation  # noqa: B018
