"""Plan: reuse, packed weights, threads, what it tells."""

import ctypes
import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import layer
import numpy
import oracle
import pytest
from problems import problem

import nativeconv
from nativeconv import NativeConvError, Plan, Status, _abi
from nativeconv._arrays import Buffer
from nativeconv._library import lib

P = problem(batch=2, channels=(6, 8), groups=2, input=(9, 10), kernel=(3, 2), begin=(1, 0), end=(1, 1))
D = problem("deconv", batch=2, channels=(6, 8), groups=2, input=(5, 6), kernel=(3, 2), stride=(2, 3), output_padding=(0, 1))


@pytest.mark.parametrize("p", [P, D], ids=["conv", "deconv"])
def test_shapes_and_tensors(p):
    plan = layer.plan(p)
    assert plan.x_shape == p.x_shape and plan.w_shape == p.w_shape
    assert plan.y_shape == p.y_shape and plan.bias_shape == (p.out_channels,)
    shapes = dict(x=p.x_shape, dx=p.x_shape, y=p.y_shape, dy=p.y_shape, w=p.w_shape, bias=(p.out_channels,))
    for name, shape in shapes.items():
        dense = numpy.empty(shape, "float32")
        tensor = plan.tensor(name)
        assert tensor.shape == shape
        assert tensor.strides == tuple(stride // 4 for stride in dense.strides)
        assert (tensor.bytes_before, tensor.bytes) == (0, dense.nbytes)


@pytest.mark.parametrize("keep_workspace", [True, False])
@pytest.mark.parametrize("p", [P, D], ids=["conv", "deconv"])
def test_runs_again_with_new_data(p, keep_workspace):
    plan = layer.plan(p, algorithm="direct", keep_workspace=keep_workspace)
    for seed in range(3):
        x, w, bias, dy = layer.arrays(p, integers=True, seed=seed)
        numpy.testing.assert_array_equal(plan.forward(x, w, bias), oracle.forward(p, x, w, bias))
        numpy.testing.assert_array_equal(plan.backward_data(dy, w), oracle.backward_data(p, dy, w))
        for got, expected in zip(plan.backward_weights(x, dy), oracle.backward_weights(p, x, dy)):
            numpy.testing.assert_array_equal(got, expected)


def test_every_argument_reaches_the_descriptor():
    plan = Plan("deconv", (2, 6, 5, 7), (6, 4, 3, 2), dtype="float64", stride=(2, 3), padding=((1, -1), (0, 2)), dilation=(3, 2), groups=2,
                output_padding=(1, 4), activation="relu", gradient_rule="guided", algorithm="direct", workspace_limit=2**40)
    desc = plan._desc
    scalars = dict(kind=1, rank=2, dtype=2, w_dtype=2, layout=0, activation=1, gradient_rule=2, algorithm=1, flags=0, activation_alpha=0,
                   activation_beta=0, workspace_limit=2**40, batch=2, in_channels=6, out_channels=8, groups=2)
    axes = dict(input=[5, 7, 0], kernel=[3, 2, 0], stride=[2, 3, 0], dilation=[3, 2, 0], pad_begin=[1, 0, 0], pad_end=[-1, 2, 0],
                output_padding=[1, 4, 0], x_strides=[0] * 5, y_strides=[0] * 5, dx_strides=[0] * 5, dy_strides=[0] * 5)
    assert {"struct_size", *scalars, *axes} == {name for name, _ in desc._fields_}
    assert {name: getattr(desc, name) for name in scalars} == scalars
    assert {name: list(getattr(desc, name)) for name in axes} == axes
    clip = Plan("conv", (1, 1, 1), (1, 1, 1), activation="clip", activation_alpha=-0.5, activation_beta=2.5)._desc
    assert (clip.activation_alpha, clip.activation_beta) == (-0.5, 2.5)


def test_the_workspace_is_kept():
    x, w, _, _ = layer.arrays(P)
    plan = layer.plan(P)
    plan.forward(x, w)
    (first,) = plan._workspaces
    assert first.address % 64 == 0 and first.size >= plan.pass_info("forward").workspace_bytes
    plan.forward(x, w)
    assert plan._workspaces == [first]
    assert layer.plan(P, keep_workspace=False)._workspaces == []


def test_buffers_are_aligned():
    buffers = [Buffer(size) for size in range(1, 200, 7)]
    assert all(buffer.address % 64 == 0 for buffer in buffers)


def test_a_call_inside_a_call_has_its_own_workspace():
    """Between two stages of the outer call, an inner one runs on other data; neither disturbs the other."""
    data = [layer.arrays(P, seed=seed) for seed in range(2)]
    expected = [layer.plan(P).forward(x, w, bias).tobytes() for x, w, bias, _ in data]
    inner = []

    def parallel_for(task, count):
        for index in range(count):
            task(index)
        if not inner:
            inner.append(None)
            x, w, bias, _ = data[1]
            inner.append(plan.forward(x, w, bias).tobytes())

    plan = layer.plan(P, num_threads=2, parallel_for=parallel_for)
    plan._workspaces.append(Buffer(plan.pass_info("forward").workspace_bytes * 2))  # one is there, and the outer call takes it
    x, w, bias, _ = data[0]
    assert plan.forward(x, w, bias).tobytes() == expected[0]
    assert inner[1] == expected[1]
    assert len(plan._workspaces) == 2


def test_the_library_gets_its_plan_back():
    plan = layer.plan(P)
    handle = plan._handle
    pointer, destroyed = handle.plan.value, []
    handle._destroy = lambda p: (destroyed.append(p.value), lib.nc_plan_destroy(p))
    del handle
    plan.close()
    assert destroyed == [pointer]


def test_bias_gradient_needs_no_x():
    _, _, _, dy = layer.arrays(P, integers=True)
    dw, db = layer.plan(P).backward_weights(None, dy, need_weights=False)
    assert dw is None
    numpy.testing.assert_array_equal(db, dy.sum(axis=(0, 2, 3)))


@pytest.mark.parametrize("p", [P, D], ids=["conv", "deconv"])
def test_packed_weights(p):
    x, w, bias, dy = layer.arrays(p)
    plan = layer.plan(p)
    forward, backward = plan.pack_weights(w), plan.pack_weights(w, "backward_data")
    assert forward.nbytes == plan.pass_info("forward").packed_bytes > 0
    assert backward.nbytes == plan.pass_info("backward_data").packed_bytes > 0
    expected = plan.forward(x, w, bias), plan.backward_data(dy, w)
    w[:] = numpy.nan  # the copies stand
    assert plan.forward(x, forward, bias).tobytes() == expected[0].tobytes()
    assert plan.backward_data(dy, backward).tobytes() == expected[1].tobytes()


def test_packed_weights_of_another_pass_or_layer():
    plan, w = layer.plan(P), layer.arrays(P)[1]
    with pytest.raises(ValueError, match="packed for backward_data, not for forward"):
        plan.forward(numpy.zeros(P.x_shape, "float32"), plan.pack_weights(w, "backward_data"))
    other = problem(batch=2, channels=(8, 10), input=(9, 10), kernel=(3, 2))
    packed = layer.plan(other).pack_weights(layer.arrays(other)[1])
    with pytest.raises(NativeConvError, match="packed") as caught:
        plan.forward(numpy.zeros(P.x_shape, "float32"), packed)
    assert caught.value.status == Status.INVALID_ARGUMENT
    with pytest.raises(NativeConvError) as caught:
        plan.pack_weights(w, "backward_weights")
    assert caught.value.status == Status.INVALID_ARGUMENT


def test_pass_info():
    plan = layer.plan(P)
    multiply_adds = numpy.prod(P.y_shape) * numpy.prod(P.w_shape[1:])
    for name in "forward", "backward_data", "backward_weights":
        info = plan.pass_info(name)
        assert info.flops == 2 * multiply_adds
        assert info.stages >= 1 and info.algorithm
    assert plan.pass_info("forward").packed_id == layer.plan(P).pass_info("forward").packed_id


def test_explain_names_every_algorithm():
    plan = layer.plan(P)
    text = plan.explain()
    for name in "forward", "backward_data", "backward_weights":
        assert plan.pass_info(name).algorithm in text


def test_activation_backward():
    p = problem(input=(6, 7), kernel=(3, 2), activation="relu")
    x, w, bias, dy = layer.arrays(p)
    plan = layer.plan(p)
    y = plan.forward(x, w, bias)
    out = numpy.empty_like(y)
    assert plan.activation_backward(dy, y, out=out) is out
    numpy.testing.assert_array_equal(out, numpy.where(y > 0, dy, 0))


def test_many_threads_run_one_plan():
    """The library releases the interpreter lock and each running call has its own workspace: same bits."""
    plan = layer.plan(P)
    x, w, bias, dy = layer.arrays(P)
    expected = plan.forward(x, w, bias), plan.backward_data(dy, w), *plan.backward_weights(x, dy)
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        for _ in range(20):
            got = plan.forward(x, w, bias), plan.backward_data(dy, w), *plan.backward_weights(x, dy)
            assert [a.tobytes() for a in got] == [a.tobytes() for a in expected]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_a_forked_process():
    """The pool's threads stay behind in the parent; the child's calls must not wait for them."""
    plan = layer.plan(P, num_threads=2)
    x, w, bias, _ = layer.arrays(P)
    expected = plan.forward(x, w, bias).tobytes()
    process = multiprocessing.get_context("fork").Process(target=lambda: sys.exit(plan.forward(x, w, bias).tobytes() != expected))
    process.start()
    process.join(60)
    try:
        assert process.exitcode == 0
    finally:
        process.kill()


def test_closing_while_another_thread_runs():
    """A running call holds the plan: close() only lets go of it."""
    x, w, bias, _ = layer.arrays(P)
    started = threading.Event()
    held = threading.Event()

    def parallel_for(task, count):
        started.set()
        assert held.wait(10)
        for index in range(count):
            task(index)

    plan = layer.plan(P, num_threads=2, parallel_for=parallel_for)
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(plan.forward, x, w, bias)
        assert started.wait(10)
        plan.close()
        gc.collect()
        held.set()
        assert result.result().tobytes() == layer.plan(P).forward(x, w, bias).tobytes()


def test_a_closed_plan_says_so():
    x, w, bias, dy = layer.arrays(P)
    with layer.plan(P) as plan:
        plan.forward(x, w, bias)
    plan.close()
    for call in (lambda: plan.forward(x, w), lambda: plan.backward_data(dy, w), lambda: plan.backward_weights(x, dy),
                 lambda: plan.activation_backward(dy), lambda: plan.pack_weights(w), plan.explain,
                 lambda: plan.pass_info("forward")):
        with pytest.raises(ValueError, match="the plan is closed"):
            call()


def test_own_parallel_for():
    x, w, bias, dy = layer.arrays(P)
    expected = layer.plan(P, num_threads=1)
    counts = []
    with ThreadPoolExecutor(3) as pool:
        def parallel_for(task, count):
            counts.append(count)
            list(pool.map(task, range(count)))

        plan = layer.plan(P, num_threads=3, parallel_for=parallel_for)
        assert plan.forward(x, w, bias).tobytes() == expected.forward(x, w, bias).tobytes()
        assert plan.backward_data(dy, w).tobytes() == expected.backward_data(dy, w).tobytes()
        assert plan.backward_weights(x, dy)[0].tobytes() == expected.backward_weights(x, dy)[0].tobytes()
    assert counts and all(1 <= count <= 3 for count in counts)


def test_one_thread_never_calls_parallel_for():
    def parallel_for(task, count):
        raise AssertionError

    x, w, bias, _ = layer.arrays(P)
    plan = layer.plan(P, num_threads=1, parallel_for=parallel_for)
    assert plan.forward(x, w, bias).tobytes() == layer.plan(P).forward(x, w, bias).tobytes()


def test_parallel_for_that_runs_nothing():
    x, w, _, _ = layer.arrays(P)
    with pytest.raises(NativeConvError, match="index") as caught:
        layer.plan(P, num_threads=2, parallel_for=lambda task, count: None).forward(x, w)
    assert caught.value.status == Status.PARALLEL


def test_an_exception_in_parallel_for_comes_out():
    def parallel_for(task, count):
        raise KeyError("mine")

    x, w, _, _ = layer.arrays(P)
    with pytest.raises(KeyError, match="mine"):
        layer.plan(P, num_threads=2, parallel_for=parallel_for).forward(x, w)


def test_flush_denormals():
    """The smallest normal number halved: kept, or flushed to zero."""
    tiny = numpy.full((1, 1, 64), 2.0**-126, "float32")
    half = numpy.full((1, 1, 1), 0.5, "float32")
    assert (Plan("conv", tiny.shape, half.shape).forward(tiny, half) == 2.0**-127).all()
    assert (Plan("conv", tiny.shape, half.shape, flush_denormals=True).forward(tiny, half) == 0).all()


def test_number_of_threads():
    before = nativeconv.get_num_threads()
    try:
        nativeconv.set_num_threads(0)
        assert nativeconv.get_num_threads() == len(os.sched_getaffinity(0))
        nativeconv.set_num_threads(3)
        assert nativeconv.get_num_threads() == 3
        assert layer.plan(P).num_threads == 3
        assert layer.plan(P, num_threads=2).num_threads == 2
    finally:
        nativeconv.set_num_threads(before)


WAITING_JOBS = """
#include <stdint.h>
#include <unistd.h>
volatile int entered, released, in_time;
void jobs(void* user, void (*fn)(void*, int32_t), void* task, int32_t count)
{
    (void)user;
    entered = 1;
    for (int i = 0; i < 3000 && !released; i++) usleep(1000);
    in_time = released;
    for (int32_t i = 0; i < count; i++) fn(task, i);
}
"""


def test_the_interpreter_lock_is_released(tmp_path):
    """A call waits, in C, until another Python thread says so: with the lock held nobody could. (It gives up in the end.)"""
    (tmp_path / "jobs.c").write_text(WAITING_JOBS)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(tmp_path / "jobs.so"), str(tmp_path / "jobs.c")], check=True)
    jobs = ctypes.CDLL(str(tmp_path / "jobs.so"))
    entered, released = ctypes.c_int.in_dll(jobs, "entered"), ctypes.c_int.in_dll(jobs, "released")
    x, w, _, _ = layer.arrays(P)
    y = numpy.empty(P.y_shape, "float32")
    plan = layer.plan(P)
    options = _abi.Exec(ctypes.sizeof(_abi.Exec), 2)
    options.parallel_for = ctypes.cast(jobs.jobs, _abi.ParallelForFn)
    seen = []

    def work():
        seen.append(lib.nc_conv_forward(plan._handle.plan, x.ctypes.data, w.ctypes.data, None, y.ctypes.data, options))

    thread = threading.Thread(target=work)
    thread.start()
    while not entered.value and thread.is_alive():
        time.sleep(0.001)
    released.value = 1
    thread.join()
    assert seen == [Status.OK] and ctypes.c_int.in_dll(jobs, "in_time").value == 1
    assert y.tobytes() == plan.forward(x, w).tobytes()


def test_repr():
    assert repr(Plan("conv", (1, 2, 7), (4, 2, 3))) == "Plan('conv', x_shape=(1, 2, 7), w_shape=(4, 2, 3), dtype='float32')"


def test_what_the_library_says_about_itself():
    assert nativeconv.abi_version() >= 1
    assert nativeconv.numerics_version() >= 1
    assert nativeconv.version().count(".") == 2
    assert nativeconv.isa() in ("avx512", "avx2", "neon", "portable")
    assert nativeconv.library_path
    assert nativeconv.status_string(Status.OVERLAP)
