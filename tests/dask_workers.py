"""Workers of a Dask cluster on this machine, for as long as a test needs them."""

import contextlib

import pytest


@contextlib.contextmanager
def local(count, **settings):
    """A cluster of so many processes, of one thread each; skips the test, with a word, without Dask."""
    distributed = pytest.importorskip("distributed", reason="Dask comes with the extra `scale`")
    import dask

    with (
        dask.config.set({"distributed.nanny.environ.TWIN_WORKER": "yes", **settings}),
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=50,
        ) as started,
    ):
        yield started
