"""Finds a filter from what it did to a picture: gradient descent on a 3x3 convolution."""
import numpy
import nativeconv

x = numpy.random.default_rng(0).standard_normal((1, 1, 64, 64)).astype("float32")
edges = numpy.array([[[[0, 1, 0], [1, -4, 1], [0, 1, 0]]]], "float32")
wanted = nativeconv.conv2d(x, edges, padding=1)

w = numpy.zeros_like(edges)
plan = nativeconv.Plan("conv", x.shape, w.shape, padding=1)
for step in range(50):
    y = plan.forward(x, w)
    dw, db = plan.backward_weights(x, (y - wanted) / y.size)
    w -= 0.5 * dw
print(w[0, 0].round().astype(int), abs(w - edges).max() < 1e-5)
