"""Worker processes of multiprocessing, forked from one that has already computed, forked from a server, or started anew: each gives the parent's bits."""

import multiprocessing

import numpy
import pytest

import nativeconv

LAYER = {"padding": 1, "activation": "relu"}


def tensors(seed):
    """Large enough (9.4 million multiply-adds) for the pool."""
    random = numpy.random.default_rng(seed)
    return random.standard_normal((2, 32, 32, 32), dtype="float32"), random.standard_normal((16, 32, 3, 3), dtype="float32")


def step(seed):
    """Forward and both gradients, as bytes."""
    x, w = tensors(seed)
    plan = nativeconv.Plan("conv", x.shape, w.shape, **LAYER)
    y = plan.forward(x, w)
    dx = plan.backward_data(y, w, y=y)
    dw, db = plan.backward_weights(x, y, y=y)
    return b"".join(part.tobytes() for part in (y, dx, dw, db))


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_workers_give_the_parents_bits(method):
    nativeconv.set_num_threads(3)
    try:
        expected = [step(seed) for seed in range(8)]
        with multiprocessing.get_context(method).Pool(2) as workers:
            assert workers.map_async(step, range(8)).get(timeout=300) == expected
        assert [step(seed) for seed in range(2)] == expected[:2]
    finally:
        nativeconv.set_num_threads(0)
