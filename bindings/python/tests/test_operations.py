"""All six operations against the oracle."""

import dataclasses

import layer
import numpy
import oracle
import pytest
from problems import ACTIVATIONS, CORNERS, RULES, problem, random_problems

PROBLEMS = {**CORNERS, **random_problems(150)}
EPSILON = {"float32": 2.0**-24, "float64": 2.0**-53}


def run_all(p, x, w, bias, dy, **more):
    dw, db = layer.backward_weights(p, x, dy, **more)
    return {"y": layer.forward(p, x, w, bias, **more), "dx": layer.backward_data(p, dy, w, **more), "dw": dw, "db": db}


def expect_all(p, x, w, bias, dy):
    dw, db = oracle.backward_weights(p, x, dy)
    return {"y": oracle.forward(p, x, w, bias), "dx": oracle.backward_data(p, dy, w), "dw": dw, "db": db}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("p", PROBLEMS.values(), ids=PROBLEMS)
def test_integers_are_exact(p, dtype):
    """Every partial sum is an integer below 2^24: no rounding, so no tolerance."""
    data = layer.arrays(p, dtype, integers=True)
    expected = expect_all(p, *data)
    for name, got in run_all(p, *data, algorithm="direct").items():
        assert got.dtype == dtype
        numpy.testing.assert_array_equal(got, expected[name], err_msg=name)
        assert got.shape == expected[name].shape


@pytest.mark.parametrize("algorithm, units", [("direct", 8), ("auto", 512)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("p", PROBLEMS.values(), ids=PROBLEMS)
def test_random_data_keeps_the_error_bound(p, dtype, algorithm, units):
    """|got - exact| <= units * eps * sum of |products|, and 4 eps of the bias: the bound of the header, section 12."""
    data = layer.arrays(p, dtype)
    expected = expect_all(p, *data)
    scale = expect_all(p, *map(numpy.abs, data))
    # The oracle's own float64 sums are off by a few units too; they matter for float64 alone.
    bound = (units + 4) * EPSILON[dtype] + (8 * EPSILON["float64"] if dtype == "float64" else 0)
    for name, got in run_all(p, *data, algorithm=algorithm).items():
        assert (numpy.abs(got - expected[name]) <= bound * scale[name]).all(), name


@pytest.mark.parametrize("kind", ["conv", "deconv"])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-5), ("float64", 1e-13)])
@pytest.mark.parametrize("options", [*ACTIVATIONS.values(), *RULES.values()], ids=[*ACTIVATIONS, *RULES])
def test_activations_and_rules(kind, dtype, tolerance, options):
    p = problem(kind, channels=(3, 5), input=(6, 7), kernel=(3, 2), stride=(2, 1), begin=(1, 0), end=(0, 1), **options)
    x, w, bias, dy = layer.arrays(p, dtype)
    y = layer.forward(p, x, w, bias)
    numpy.testing.assert_allclose(y, oracle.forward(p, x, w, bias), rtol=tolerance, atol=tolerance)
    dx = layer.backward_data(p, dy, w, y)
    numpy.testing.assert_allclose(dx, oracle.backward_data(p, dy, w, y), rtol=tolerance, atol=10 * tolerance)
    dw, db = layer.backward_weights(p, x, dy, y)
    expected_dw, expected_db = oracle.backward_weights(p, x, dy, y)
    numpy.testing.assert_allclose(dw, expected_dw, rtol=tolerance, atol=10 * tolerance)
    numpy.testing.assert_allclose(db, expected_db, rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("kind", ["conv", "deconv"])
def test_beta_alpha_and_addend(kind):
    p = problem(kind, input=(6, 7), kernel=(3, 2), stride=(2, 1))
    x, w, bias, dy = layer.arrays(p, integers=True)
    expected = expect_all(p, x, w, bias, dy)
    y_addend, x_addend = numpy.full(p.y_shape, 3, "float32"), numpy.full(p.x_shape, 5, "float32")
    direct = dict(algorithm="direct")

    numpy.testing.assert_array_equal(layer.forward(p, x, w, bias, beta=2, addend=y_addend, **direct), expected["y"] + 6)
    y = y_addend.copy()
    assert layer.forward(p, x, w, bias, beta=-1, out=y, **direct) is y
    numpy.testing.assert_array_equal(y, expected["y"] - 3)

    numpy.testing.assert_array_equal(
        layer.backward_data(p, dy, w, alpha=0.5, beta=4, addend=x_addend, **direct), 0.5 * expected["dx"] + 20)
    dx = x_addend.copy()
    assert layer.backward_data(p, dy, w, alpha=-1, beta=1, out=dx, **direct) is dx
    numpy.testing.assert_array_equal(dx, 5 - expected["dx"])

    dw, db = numpy.full(p.w_shape, 7, "float32"), numpy.full(p.out_channels, 9, "float32")
    layer.backward_weights(p, x, dy, alpha=2, beta=1, out=(dw, db), **direct)
    numpy.testing.assert_array_equal(dw, 2 * expected["dw"] + 7)
    numpy.testing.assert_array_equal(db, 2 * expected["db"] + 9)


def test_addend_comes_before_the_activation():
    p = problem(input=(5,), kernel=(2,), activation="relu")
    x, w, bias, _ = layer.arrays(p, integers=True)
    addend = numpy.linspace(-40, 40, numpy.prod(p.y_shape), dtype="float32").reshape(p.y_shape).round()
    expected = oracle.forward(p, x, w, bias, addend=addend)
    assert (expected == 0).any() and (expected > 0).any()
    numpy.testing.assert_array_equal(layer.forward(p, x, w, bias, beta=1, addend=addend, algorithm="direct"), expected)


@pytest.mark.parametrize("kind", ["conv", "deconv"])
def test_one_gradient_alone(kind):
    p = problem(kind, input=(6, 7), kernel=(3, 2))
    x, _, _, dy = layer.arrays(p, integers=True)
    both = layer.backward_weights(p, x, dy)
    dw, none = layer.backward_weights(p, x, dy, need_bias=False)
    assert none is None
    numpy.testing.assert_array_equal(dw, both[0])
    none, db = layer.backward_weights(p, x, dy, need_weights=False)
    assert none is None
    numpy.testing.assert_array_equal(db, both[1])


def test_without_bias():
    p = problem(input=(6,), kernel=(3,))
    x, w, _, _ = layer.arrays(p, integers=True)
    numpy.testing.assert_array_equal(layer.forward(p, x, w, algorithm="direct"), oracle.forward(p, x, w))


def test_empty_batch_writes_the_weight_gradients():
    p = CORNERS["batch 0"]
    x, w, bias, dy = layer.arrays(p)
    dw, db = numpy.full(p.w_shape, 3, "float32"), numpy.full(p.out_channels, 5, "float32")
    layer.backward_weights(p, x, dy, beta=2, out=(dw, db))
    assert (dw == 6).all() and (db == 10).all()
    layer.backward_weights(p, x, dy, out=(dw, db))
    assert (dw == 0).all() and (db == 0).all()


def test_the_articles_example():
    """9x9 ones, 3x3 weights 1..9, stride 3: nine times 45; the gradient of the sum is the kernel, tiled."""
    x, w = numpy.ones((1, 1, 9, 9), "float32"), numpy.arange(1, 10, dtype="float32").reshape(1, 1, 3, 3)
    p = CORNERS["article"]
    y = layer.forward(p, x, w)
    assert y.shape == (1, 1, 3, 3) and (y == 45).all() and y.sum() == 405
    dx = layer.backward_data(p, numpy.ones_like(y), w)
    numpy.testing.assert_array_equal(dx[0, 0], numpy.tile(w[0, 0], (3, 3)))
    transposed = dataclasses.replace(p, kind="deconv", input=[3, 3])
    numpy.testing.assert_array_equal(layer.forward(transposed, numpy.ones_like(y), w), dx)


@pytest.mark.parametrize("options", [*ACTIVATIONS.values(), *RULES.values()], ids=[*ACTIVATIONS, *RULES])
@pytest.mark.parametrize("shape", [(), (7,), (2, 0, 3), (2, 3, 4, 5, 6, 7)])
def test_activation_backward_of_any_shape(shape, options):
    from nativeconv import activation_backward
    draw = numpy.random.default_rng(3)
    dy = numpy.asarray(draw.standard_normal(shape))
    y = numpy.asarray(oracle.activate(draw.standard_normal(shape), **options))
    got = activation_backward(dy, y, **options)
    assert got.shape == shape
    numpy.testing.assert_allclose(got, oracle.delta(dy, y, **options), rtol=1e-15, atol=1e-15)
