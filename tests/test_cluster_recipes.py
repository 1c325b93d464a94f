"""The recipes of the README for clusters are understood by the packages that they are of."""

import ast
import inspect
import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def options_of(cluster):
    """The options that the README gives to a class of clusters."""
    (block,) = (
        own for own in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if f"{cluster}(" in own
    )
    written = list(ast.walk(ast.parse(block)))
    values = {
        node.targets[0].id: node.value
        for node in written
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
    }
    (call,) = (
        node
        for node in written
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == cluster
    )
    return {
        option.arg: ast.literal_eval(values.get(getattr(option.value, "id", ""), option.value))
        for option in call.keywords
    }


def test_a_job_of_slurm_starts_workers_of_one_thread():
    jobqueue = pytest.importorskip("dask_jobqueue", reason="pip install dask-jobqueue")
    with jobqueue.SLURMCluster(
        **options_of("SLURMCluster"), scheduler_options={"dashboard_address": ":0"}
    ) as cluster:
        script = cluster.job_script()
    assert "#SBATCH --cpus-per-task=8\n" in script
    assert "#SBATCH -t 04:00:00\n" in script
    assert " --nthreads 1 " in script
    assert " --nworkers 8 " in script


def test_a_pod_of_kubernetes_runs_a_worker_of_one_thread():
    kubernetes = pytest.importorskip(
        "dask_kubernetes.operator", reason="pip install dask-kubernetes"
    ).kubecluster.kubecluster
    options = options_of("KubeCluster")
    assert set(options) <= set(inspect.signature(kubernetes.KubeCluster.__init__).parameters)
    worker = kubernetes.make_cluster_spec(**options)["spec"]["worker"]["spec"]["containers"][0]
    assert worker["image"] == options["image"]
    assert worker["args"][:4] == ["dask", "worker", "--nthreads", "1"]
