"""Wrong arguments: each its own message, and outputs untouched."""

import layer
import numpy
import pytest
from problems import problem

import nativeconv
from nativeconv import NativeConvError, Plan, Status

P = problem(channels=(4, 6), groups=2, input=(7, 8), kernel=(3, 2))
X, W, BIAS, DY = layer.arrays(P)


def forward(x=X, w=W, bias=BIAS, **more):
    return nativeconv.conv_forward(x, w, bias, **{"groups": 2, **more})


def readonly(array):
    array = array.copy()
    array.flags.writeable = False
    return array


Y = forward()

TYPE_ERRORS = {
    "list": (lambda: forward(x=X.tolist()), "x must be an array .*not list"),
    "no weights": (lambda: forward(w=None), "w must be an array .*not NoneType"),
    "integers": (lambda: forward(x=X.astype("int32")), "x has dtype int32: convert it to float32 or float64"),
    "complex": (lambda: forward(w=W.astype("complex64")), "w has dtype complex64"),
    "byte order": (lambda: forward(x=X.astype(">f4")), "x has dtype >f4.*the machine's byte order"),
    "mixed": (lambda: forward(w=W.astype("f8")), r"images \(.*\) are float32 and weights \(.*\) float64: convert one of them"),
    "bias": (lambda: forward(bias=BIAS.astype("f8")), "bias is float64, expected float32"),
    "out": (lambda: forward(out=Y.astype("f8")), "out is float64, expected float32"),
    "dy": (lambda: nativeconv.conv_backward_data(DY.astype("f8"), W, groups=2), "images .* are float64 and weights .* float32"),
    "beta without out": (lambda: forward(beta=1), "beta scales the old values of out: pass it, or addend"),
    "beta without dw": (lambda: nativeconv.conv_backward_weights(X, DY, (3, 2), groups=2, beta=1),
                        r"beta scales the old values of out\[0\]: pass it"),
    "out is no pair": (lambda: nativeconv.conv_backward_weights(X, DY, groups=2, out=W.copy()), r"out must be a pair \(dw, db\)"),
    "kernel unknown": (lambda: nativeconv.conv_backward_weights(X, DY, groups=2), "kernel_size is needed"),
    "input unknown": (lambda: nativeconv.conv_backward_data(DY, W, groups=2, stride=2), "input_size is needed: with stride 2 several"),
    "y missing": (lambda: nativeconv.conv_backward_data(DY, W, groups=2, activation="relu"), "y is needed: the derivative"),
    "y missing, elementwise": (lambda: nativeconv.activation_backward(DY, activation="tanh"), "y is needed: the derivative"),
    "plan without x": (lambda: layer.plan(P).forward(None, W), "x must be an array .*not NoneType"),
    "plan without w": (lambda: layer.plan(P).backward_data(DY, None), "w must be an array .*not NoneType"),
    "plan without dy": (lambda: layer.plan(P).backward_weights(X, None), "dy must be an array .*not NoneType"),
    "x missing": (lambda: layer.plan(P).backward_weights(None, DY), "x is needed for dw"),
    "stride": (lambda: forward(stride=1.5), "stride must be an int or a sequence, not float"),
    "stride entry": (lambda: forward(stride=(1, 1.5)), "stride must be an int, not float"),
    "padding": (lambda: forward(padding="same"), "padding must be an int or a sequence, not str"),
    "groups": (lambda: forward(groups=2.0), "groups must be an int, not float"),
    "activation": (lambda: forward(activation=1), "activation must be a str, not int"),
    "dtype": (lambda: Plan("conv", X.shape, W.shape, dtype="int8", groups=2), "dtype 'int8' is not supported: use float32, float64"),
}

VALUE_ERRORS = {
    "x axes": (lambda: forward(x=X[0, 0].copy()), r"x has shape \(7, 8\): it must be \(batch, channels, 1 to 3 spatial axes\)"),
    "too many axes": (lambda: forward(x=X.reshape(1, 1, *X.shape)), "1 to 3 spatial axes"),
    "w axes": (lambda: forward(w=W[..., 0].copy()), "w has 3 axes and x has 4"),
    "w axes, backward": (lambda: nativeconv.conv_backward_data(DY, W[..., 0].copy()), "w has 3 axes and dy has 4"),
    "channels": (lambda: forward(groups=1), r"w has shape \(6, 2, 3, 2\): it must be \(out_channels, in_channels / groups, \*kernel\), "
                                            r"with in_channels=4 \(from x\) and groups=1"),
    "deconv channels": (lambda: nativeconv.deconv_forward(X, W), r"w has shape .* must be \(in_channels, out_channels / groups"),
    "bias shape": (lambda: forward(bias=BIAS[:5].copy()), r"bias has shape \(5,\), expected \(6,\)"),
    "out shape": (lambda: forward(out=numpy.empty((2, 6, 5, 6), "f4")), r"out has shape \(2, 6, 5, 6\), expected \(2, 6, 5, 7\)"),
    "addend shape": (lambda: forward(beta=1, addend=X), r"addend has shape \(2, 4, 7, 8\), expected \(2, 6, 5, 7\)"),
    "dy shape": (lambda: nativeconv.conv_backward_weights(X, DY[:1].copy(), (3, 2), groups=2), r"dy has shape \(1, 6, 5, 7\), expected \(2, 6, 5, 7\)"),
    "y shape": (lambda: nativeconv.activation_backward(DY, X, activation="relu"), r"y has shape \(2, 4, 7, 8\), expected \(2, 6, 5, 7\)"),
    "dw shape": (lambda: nativeconv.conv_backward_weights(X, DY, (3, 2), groups=2, out=(W[:3].copy(), None)),
                 r"out\[0\] has shape \(3, 2, 3, 2\), expected \(6, 2, 3, 2\)"),
    "groups of x": (lambda: nativeconv.conv_backward_weights(X, DY, (3, 2), groups=3), "groups=3 does not divide the 4 channels of x"),
    "groups of dy": (lambda: nativeconv.deconv_backward_weights(X, DY, (3, 2), groups=4), "groups=4 does not divide the 6 channels of dy"),
    "deconv size": (lambda: nativeconv.deconv_backward_data(numpy.zeros((1, 2, 6), "f4"), numpy.zeros((3, 2, 3), "f4"), stride=2),
                    "dy has size 6 on spatial axis 0: this deconv makes 3, 5, ..."),
    "transposed x": (lambda: forward(x=X.transpose(0, 1, 3, 2)), r"x is not C-contiguous \(shape .*\): use numpy.ascontiguousarray"),
    "every other w": (lambda: forward(w=numpy.repeat(W, 2, axis=3)[..., ::2]), "w is not C-contiguous"),
    "slice of out": (lambda: forward(out=numpy.empty((2, 6, 5, 9), "f4")[..., :7]), "out is not C-contiguous"),
    "read-only out": (lambda: forward(out=readonly(Y)), "out is read-only"),
    "read-only db": (lambda: nativeconv.conv_backward_weights(X, DY, (3, 2), groups=2, out=(None, readonly(BIAS))), r"out\[1\] is read-only"),
    "stride 0": (lambda: forward(stride=0), "stride must be at least 1, not 0"),
    "dilation 0": (lambda: forward(dilation=(1, 0)), "dilation must be at least 1, not 0"),
    "groups 0": (lambda: forward(groups=0), "groups must be at least 1, not 0"),
    "num_threads": (lambda: forward(num_threads=-1), "num_threads must be at least 0, not -1"),
    "stride entries": (lambda: forward(stride=(1, 1, 1)), "stride has 3 entries for 2 spatial axes"),
    "padding entries": (lambda: forward(padding=(1,)), "padding has 1 entries for 2 spatial axes"),
    "padding pair": (lambda: forward(padding=((1, 1, 1), 0)), r"padding of one axis is an int or a pair \(begin, end\), not \(1, 1, 1\)"),
    "one axis": (lambda: nativeconv.conv_forward(X[0], X[0], padding=(1, 2)), "padding has 2 entries for 1 spatial axis"),
    "activation": (lambda: forward(activation="gelu"), "activation must be one of identity, relu, .*; not 'gelu'"),
    "rule": (lambda: nativeconv.conv_backward_data(DY, W, groups=2, gradient_rule="x"), "gradient_rule must be one of backprop, deconvnet, guided"),
    "algorithm": (lambda: forward(algorithm="fft"), "algorithm must be one of auto, direct; not 'fft'"),
    "kind": (lambda: Plan("pool", X.shape, W.shape, groups=2), "kind must be one of conv, deconv; not 'pool'"),
    "pass": (lambda: layer.plan(P).pass_info("sideways"), "pass_name must be one of forward, backward_data, backward_weights"),
    "alpha 0": (lambda: nativeconv.conv_backward_data(DY, W, groups=2, alpha=0), "alpha must not be 0"),
}

OVERFLOW_ERRORS = {
    "stride": (lambda: forward(stride=2**63), "stride does not fit into 64 bits: 9223372036854775808"),
    "padding": (lambda: forward(padding=-2**64), "padding does not fit into 64 bits"),
    "num_threads": (lambda: forward(num_threads=2**31), "num_threads does not fit into 32 bits: 2147483648"),
    "pool": (lambda: nativeconv.set_num_threads(2**40), "num_threads does not fit into 32 bits"),
}

LIBRARY_ERRORS = {
    "window": (lambda: forward(dilation=9), Status.INVALID_SHAPE, r"^kernel\[0\]: "),
    "out groups": (lambda: Plan("conv", (1, 4, 5), (3, 2, 1), groups=2), Status.INVALID_SHAPE, "^groups: "),
    "negative batch": (lambda: Plan("conv", (-1, 4, 5), (3, 4, 1)), Status.INVALID_SHAPE, "^batch: "),
    "empty kernel": (lambda: forward(w=W[:, :, :0].copy()), Status.INVALID_SHAPE, r"^kernel\[0\]: "),
    "output_padding": (lambda: Plan("deconv", (1, 2, 5), (2, 3, 1), output_padding=-1), Status.INVALID_SHAPE, r"^output_padding\[0\]: "),
    "no output": (lambda: Plan("deconv", (1, 2, 5), (2, 3, 1), padding=3), Status.INVALID_SHAPE, ""),
    "slope": (lambda: forward(activation="leaky_relu"), Status.INVALID_ARGUMENT, "^activation_alpha: "),
    "limits": (lambda: forward(activation="clip", activation_alpha=2, activation_beta=1), Status.INVALID_ARGUMENT, "^activation_alpha: |^activation_beta: "),
    "unused alpha": (lambda: forward(activation="relu", activation_alpha=1), Status.INVALID_ARGUMENT, "^activation_alpha: "),
    "rule": (lambda: layer.plan(P, activation="tanh", gradient_rule="guided"), Status.INVALID_ARGUMENT, "^gradient_rule: "),
    "beta": (lambda: forward(beta=float("nan"), out=Y.copy()), Status.INVALID_ARGUMENT, "beta"),
    "too large": (lambda: Plan("conv", (1, 1, 2**62), (1, 1, 1)), Status.OVERFLOW, ""),
    "pool": (lambda: nativeconv.set_num_threads(-1), Status.INVALID_ARGUMENT, "^num_threads: "),
    "misaligned": (lambda: forward(x=numpy.frombuffer(bytearray(X.nbytes + 1), "u1")[1:].view("f4").reshape(X.shape)),
                   Status.INVALID_ARGUMENT, "^x: "),
}


@pytest.mark.parametrize("call, message", TYPE_ERRORS.values(), ids=TYPE_ERRORS)
def test_type_errors(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("call, message", VALUE_ERRORS.values(), ids=VALUE_ERRORS)
def test_value_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("call, message", OVERFLOW_ERRORS.values(), ids=OVERFLOW_ERRORS)
def test_integers_are_not_cut(call, message):
    with pytest.raises(OverflowError, match=message):
        call()


@pytest.mark.parametrize("call, status, message", LIBRARY_ERRORS.values(), ids=LIBRARY_ERRORS)
def test_the_librarys_errors(call, status, message):
    with pytest.raises(NativeConvError, match=message) as caught:
        call()
    assert caught.value.status is status
    assert str(caught.value).endswith(f"({nativeconv.status_string(status)})")
    assert nativeconv.last_error() and nativeconv.last_error() in str(caught.value)


def test_status_of_a_newer_library():
    assert NativeConvError(-1234, "new").status == -1234


def test_overlap():
    shared = numpy.zeros(2 * 3 * 5 + 1, "float32")
    x, y = shared[:30].reshape(2, 3, 5), shared[1:].reshape(2, 3, 5)
    with pytest.raises(NativeConvError) as caught:
        nativeconv.conv_forward(x, numpy.ones((3, 3, 1), "float32"), out=y)
    assert caught.value.status is Status.OVERLAP
    assert not shared.any()


def test_an_error_leaves_the_output_untouched():
    out = numpy.full_like(Y, 7)
    for call in (lambda: forward(out=out, activation="leaky_relu"), lambda: forward(out=out, beta=float("inf"))):
        with pytest.raises(NativeConvError):
            call()
    assert (out == 7).all()


@pytest.mark.parametrize("padding", [1, (1, 1), ((1, 1), (1, 1)), (1, [1, 1]), numpy.int64(1)], ids=str)
def test_ways_to_write_padding(padding):
    assert forward(padding=padding).tobytes() == forward(padding=((1, 1), (1, 1))).tobytes()


def test_begin_and_end_are_not_exchanged():
    x, w = numpy.array([[[1, 2, 3]]], "float32"), numpy.array([[[1, 10]]], "float32")
    numpy.testing.assert_array_equal(nativeconv.conv_forward(x, w, padding=((1, 0),)), [[[10, 21, 32]]])
    numpy.testing.assert_array_equal(nativeconv.conv_forward(x, w, padding=((0, 1),)), [[[21, 32, 3]]])


def test_sizes_follow_from_dy_or_out():
    dx = nativeconv.conv_backward_data(DY, W, groups=2)
    assert dx.shape == X.shape
    out = numpy.empty_like(X)
    assert nativeconv.conv_backward_data(DY, W, groups=2, out=out) is out
    assert out.tobytes() == dx.tobytes()
    dw = numpy.empty_like(W)
    got = nativeconv.conv_backward_weights(X, DY, groups=2, out=(dw, None))
    assert got[0] is dw
    assert dw.tobytes() == nativeconv.conv_backward_weights(X, DY, (3, 2), groups=2)[0].tobytes()


def test_input_size_tells_strided_inputs_apart():
    dy, w = numpy.ones((1, 1, 4), "float32"), numpy.ones((1, 1, 1), "float32")
    for size in (7, 8):
        dx = nativeconv.conv_backward_data(dy, w, stride=2, input_size=size)
        numpy.testing.assert_array_equal(dx[0, 0], ([1, 0] * 4)[:size])
