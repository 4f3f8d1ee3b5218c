"""What must hold between the operations, whatever the oracle says: adjoints, and numeric differentiation."""

import dataclasses

import layer
import numpy
import pytest
from problems import ACTIVATIONS, CORNERS, problem, random_problems

PROBLEMS = {name: p for name, p in {**CORNERS, **random_problems(60, seed=2)}.items() if p.batch}


def dot(a, b):
    return float(numpy.vdot(a, b))


@pytest.mark.parametrize("p", PROBLEMS.values(), ids=PROBLEMS)
def test_adjoints(p):
    """<forward(x), dy> = <x, backward_data(dy)> = <w, backward_weights(x, dy)>; on integers, without rounding."""
    x, w, _, dy = layer.arrays(p, "float64", integers=True)
    direct = dict(algorithm="direct")
    expected = dot(layer.forward(p, x, w, **direct), dy)
    assert dot(x, layer.backward_data(p, dy, w, **direct)) == expected
    assert dot(w, layer.backward_weights(p, x, dy, **direct)[0]) == expected


@pytest.mark.parametrize("p", PROBLEMS.values(), ids=PROBLEMS)
def test_deconv_is_the_adjoint_of_conv(p):
    """<conv(x), y> = <x, deconv(y)> with the same bytes of w. The deconv's output_padding is the conv's residue."""
    wide, narrow = (p.input, p.output) if p.kind == "conv" else (p.output, p.input)
    extents = [d * (k - 1) + 1 for d, k in zip(p.dilation, p.kernel)]
    if p.kind == "deconv":  # a conv from its output back to its input crops what output_padding added
        ends = [e - extra for e, extra in zip(p.end, p.output_padding)]
        p = dataclasses.replace(p, in_channels=p.out_channels, out_channels=p.in_channels, end=ends)
    residue = [(i + b + e - ke) % s for i, b, e, ke, s in zip(wide, p.begin, p.end, extents, p.stride)]
    conv = dataclasses.replace(p, kind="conv", input=wide, output_padding=[0] * len(wide))
    deconv = dataclasses.replace(p, kind="deconv", input=narrow, output_padding=residue,
                                 in_channels=conv.out_channels, out_channels=conv.in_channels)
    x, w, _, y = layer.arrays(conv, "float64", integers=True)
    direct = dict(algorithm="direct")
    assert dot(layer.forward(conv, x, w, **direct), y) == dot(x, layer.forward(deconv, y, w, **direct))
    numpy.testing.assert_array_equal(layer.backward_data(conv, y, w, **direct), layer.forward(deconv, y, w, **direct))


@pytest.mark.parametrize("kind", ["conv", "deconv"])
@pytest.mark.parametrize("options", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_gradients_by_numeric_differentiation(kind, options):
    """The central difference (L(v + h) - L(v - h)) / 2h of L = <forward, dy>, for every element of x, w and bias.

    h = 1e-5 balances the difference's error, h^2 / 6 * L''' ~ 1e-11, and the rounding, 2^-53 * L / h ~ 1e-10, so that
    1e-7 leaves room. No a = conv(x, w) + bias lies within reach of a kink of the activation, or this would measure it.
    """
    p = problem(kind, batch=2, channels=(2, 4), groups=2, input=(4, 3), kernel=(2, 3), stride=(2, 1), dilation=(1, 2),
                begin=(1, 2), end=(0, 2), **options)
    x, w, bias, dy = layer.arrays(p, "float64", seed=7)
    a = layer.forward(dataclasses.replace(p, options={}), x, w, bias)
    kinks = {"clip": [-1.5, 2.0]}.get(options["activation"], [0.0])
    assert min(numpy.abs(a - kink).min() for kink in kinks) > 1e-4

    y = layer.forward(p, x, w, bias)
    dx = layer.backward_data(p, dy, w, y)
    dw, db = layer.backward_weights(p, x, dy, y)
    h = 1e-5
    for values, gradient in (x, dx), (w, dw), (bias, db):
        for index in numpy.ndindex(values.shape):
            kept = values[index]
            values[index] = kept + h
            above = dot(layer.forward(p, x, w, bias), dy)
            values[index] = kept - h
            below = dot(layer.forward(p, x, w, bias), dy)
            values[index] = kept
            assert abs((above - below) / (2 * h) - gradient[index]) < 1e-7, index


@pytest.mark.parametrize("kind", ["conv", "deconv"])
def test_bits_do_not_depend_on_threads_or_packing(kind):
    p = problem(kind, batch=3, channels=(17, 13), input=(9, 10), kernel=(3, 3), begin=1, end=1)
    x, w, bias, dy = layer.arrays(p)
    results = []
    for threads in (1, 2, 5):
        one = layer.plan(p, num_threads=threads)
        results.append([one.forward(x, w, bias), one.backward_data(dy, w), *one.backward_weights(x, dy)])
        packed = one.pack_weights(w), one.pack_weights(w, "backward_data")
        results.append([one.forward(x, packed[0], bias), one.backward_data(dy, packed[1]), *results[0][2:]])
    for other in results[1:]:
        for got, first in zip(other, results[0]):
            assert got.tobytes() == first.tobytes()
