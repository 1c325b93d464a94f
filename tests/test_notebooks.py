"""Every notebook runs, draws, and knows no more of twin than `import twin` offers."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
CELL_TIME_LIMIT = 400
"""[s]; the slowest, a fit, takes half a minute where no other work goes on beside it."""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.slow
def test_notebook_runs_and_draws(notebook, tmp_path):
    # the tests' own backend draws nothing into a notebook
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    client = NotebookClient(
        notebook,
        timeout=CELL_TIME_LIMIT,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute(env=environment)
    pictures = [
        output
        for cell in code(notebook)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert pictures


def test_notebook_uses_public_names_only(notebook):
    import twin

    source = "\n".join(cell.source for cell in code(notebook))
    assert not re.search(r"(from|import) twin\.", source)
    assert set(re.findall(r"\btwin\.(\w+)", source)) <= set(twin.__all__)


def test_notebook_is_committed_without_outputs(notebook):
    """A refit would make them wrong, and a difference unreadable."""
    assert not any(cell.outputs or cell.execution_count for cell in code(notebook))
