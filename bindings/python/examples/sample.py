"""The same program in every language of bindings/: the worked example that the project began with, then a filter over a photo.

    python3 sample.py photo.pgm sharpened.pgm
"""
import re
import sys

import numpy
import nativeconv


def print_grid(title, grid):
    print(title)
    for row in grid[0, 0]:
        print("".join(f"{value:4g}" for value in row))


def article():
    """A 9 x 9 picture of ones, a kernel with the weights 1 to 9 that moves by 3; how the sum of the results changes with each pixel;
    and the deconvolution of 3 x 3 ones, which prints the same grid."""
    ones = numpy.ones((1, 1, 9, 9), "float32")
    w = numpy.arange(1, 10, dtype="float32").reshape(1, 1, 3, 3)
    y = nativeconv.conv2d(ones, w, stride=3)
    dx, _, _ = nativeconv.conv2d_backward(numpy.ones_like(y), ones, w, stride=3, needs=(True, False, False))
    print_grid("conv:", y)
    print_grid("gradient of its sum:", dx)
    print_grid("deconv:", nativeconv.conv_transpose2d(numpy.ones_like(y), w, stride=3))


def sharpen(source, target):
    with open(source, "rb") as file:
        content = file.read()
    header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", content)
    if not header:
        sys.exit(f"{source} is not a PGM file")
    width, height = map(int, header.groups())
    photo = numpy.frombuffer(content, "uint8", width * height, header.end()).reshape(1, 1, height, width)

    w = numpy.array([[[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]]], "float32")
    y = nativeconv.conv2d(photo.astype("float32"), w, padding=1, activation="clip", activation_alpha=0, activation_beta=255)

    print(f"photo: {width} x {height}, sharpened, mean {y.mean(dtype='float64'):.4f}")
    with open(target, "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (width, height) + y.astype("uint8").tobytes())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: sample.py photo.pgm sharpened.pgm")
    article()
    sharpen(*sys.argv[1:])
