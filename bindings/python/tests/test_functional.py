"""conv1d ... conv_transpose3d_backward against the six operations, and gradcheck."""

import inspect

import numpy
import pytest

import nativeconv

RANDOM = numpy.random.default_rng(4)


def data(*shape, dtype="float32"):
    return RANDOM.integers(-4, 5, shape).astype(dtype)


def layer(kind, rank, dtype="float32"):
    """x, w, b and y's shape of a small layer with two groups."""
    x = data(2, 4, *(7, 6, 5)[:rank], dtype=dtype)
    w = data(*((6, 2) if kind == "conv" else (4, 3)), *(3, 2, 3)[:rank], dtype=dtype)
    return x, w, data(6, dtype=dtype)


FORWARD = {"conv": "conv{}d", "deconv": "conv_transpose{}d"}
GEOMETRY = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", FORWARD)
def test_same_as_the_operations(kind, rank, dtype):
    x, w, b = layer(kind, rank, dtype)
    name = FORWARD[kind].format(rank)
    y = getattr(nativeconv, name)(x, w, b, activation="relu", **GEOMETRY)
    forward, data_gradient, weight_gradient = (getattr(nativeconv, f"{kind}_{part}") for part in ("forward", "backward_data", "backward_weights"))
    assert y.tobytes() == forward(x, w, b, activation="relu", **GEOMETRY).tobytes() and y.dtype == dtype

    dy = data(*y.shape, dtype=dtype)
    got = getattr(nativeconv, name + "_backward")(dy, x, w, y=y, activation="relu", **GEOMETRY)
    out = {"out": numpy.empty_like(x)} if kind == "conv" else {}
    dx = data_gradient(dy, w, y=y, activation="relu", **GEOMETRY, **out)
    dw, db = weight_gradient(x, dy, w.shape[2:], y=y, activation="relu", **GEOMETRY)
    assert [g.tobytes() for g in got] == [dx.tobytes(), dw.tobytes(), db.tobytes()]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_positions_are_pytorchs(rank):
    """The arguments that torch.nn.functional takes, in its order, with its defaults."""
    conv = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    transpose = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "dilation": 1}
    for name, expected in ((f"conv{rank}d", conv), (f"conv_transpose{rank}d", transpose)):
        parameters = list(inspect.signature(getattr(nativeconv, name)).parameters.values())
        positional = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert [p.name for p in positional[:3]] == ["x", "w", "b"] and positional[2].default is None
        assert {p.name: p.default for p in positional[3:]} == expected and [p.name for p in positional[3:]] == list(expected)


@pytest.mark.parametrize("kernel, dilation", [((3, 3), 1), ((2, 4), 1), ((3, 2), (2, 3)), ((1, 1), 1)])
def test_same_keeps_the_size(kernel, dilation):
    x, w = data(1, 1, 9, 8), data(1, 1, *kernel)
    y = nativeconv.conv2d(x, w, padding="same", dilation=dilation)
    assert y.shape == x.shape
    totals = [(d * (k - 1)) for k, d in zip(kernel, dilation if isinstance(dilation, tuple) else (dilation,) * 2)]
    padded = numpy.pad(x, [(0, 0), (0, 0)] + [(t // 2, t - t // 2) for t in totals])
    assert y.tobytes() == nativeconv.conv2d(padded, w, padding="valid", dilation=dilation).tobytes()


def test_needs():
    x, w, _ = layer("conv", 2)
    dy = data(*nativeconv.conv2d(x, w, groups=2).shape)
    dx, dw, db = nativeconv.conv2d_backward(dy, x, w, groups=2)
    assert [g is None for g in nativeconv.conv2d_backward(dy, x, w, groups=2, needs=(True, False, False))] == [False, True, True]
    only = nativeconv.conv2d_backward(dy, x, w, groups=2, needs=(False, False, True))
    assert only[0] is None and only[1] is None and only[2].tobytes() == db.tobytes()
    with pytest.raises(ValueError, match="needs has 2 entries"):
        nativeconv.conv2d_backward(dy, x, w, groups=2, needs=(True, False))


def test_out_is_used_in_place():
    x, w, b = layer("conv", 2)
    expected = nativeconv.conv2d(x, w, b, groups=2)
    out = numpy.empty_like(expected)
    assert nativeconv.conv2d(x, w, b, groups=2, out=out) is out and out.tobytes() == expected.tobytes()


def test_refusals():
    x, w, _ = layer("conv", 2)
    with pytest.raises(ValueError, match=r"x has shape \(2, 4, 7, 6\): with 1 spatial axis it must have 3"):
        nativeconv.conv1d(x, w)
    with pytest.raises(ValueError, match="w has shape"):
        nativeconv.conv2d(x, w[0])
    with pytest.raises(ValueError, match="'same' is for stride 1"):
        nativeconv.conv2d(x, w, stride=2, padding="same", groups=2)
    with pytest.raises(ValueError, match="'valid' or 'same', not 'reflect'"):
        nativeconv.conv2d(x, w, padding="reflect", groups=2)
    with pytest.raises(TypeError, match="float64"):
        nativeconv.conv2d(x, w.astype("float64"), groups=2)


@pytest.mark.parametrize("kind, w_shape", [("conv", (4, 1, 3, 2)), ("deconv", (2, 2, 3, 2))])
@pytest.mark.parametrize("activation", ["identity", "tanh", "sigmoid"])
def test_gradcheck_agrees(kind, w_shape, activation):
    assert nativeconv.gradcheck(kind, (2, 2, 4, 5), w_shape, groups=2, stride=2, padding=1, dilation=(1, 2), activation=activation)


@pytest.mark.parametrize("name", ["backward_data", "backward_weights"])
def test_gradcheck_finds_a_wrong_gradient(monkeypatch, name):
    right = getattr(nativeconv.Plan, name)
    monkeypatch.setattr(nativeconv.Plan, name, lambda self, *a, **k: right(self, *a, **{**k, "alpha": 1.01}))
    assert not nativeconv.gradcheck("conv", (1, 1, 4, 4), (1, 1, 3, 3), raise_exception=False)
    with pytest.raises(AssertionError, match="and the difference quotient"):
        nativeconv.gradcheck("conv", (1, 1, 4, 4), (1, 1, 3, 3))
