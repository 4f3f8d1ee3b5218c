"""Whether the sample game shows what it should: screenshot.py FOLDER PHOTO.pgm

The right pictures of sharpen.png, edges.png and upscale.png, pixel by pixel, against the photo and the definitions of the layers; of learning.png, the left one is the photo.
"""
import math
import re
import struct
import sys
import zlib

SIZE = 512
LEFT, RIGHT, TOP = 16, 536, 52  # where view.lua puts the pictures
BILINEAR = 0.25, 0.75, 0.75, 0.25


def read_png(path):
    """8 bits, RGB or RGBA, not interlaced: (channels, rows)."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack_from(">IIBBBBB", data, at + 8)
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    assert depth == 8 and colour in (2, 6) and interlace == 0, (depth, colour, interlace)
    channels = 3 if colour == 2 else 4
    raw, stride = zlib.decompress(packed), width * channels
    rows, above = [], bytearray(stride)
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride if kind else 0):
            left, corner = (row[i - channels], above[i - channels]) if i >= channels else (0, 0)
            if kind == 1:
                row[i] = row[i] + left & 255
            elif kind == 2:
                row[i] = row[i] + above[i] & 255
            elif kind == 3:
                row[i] = row[i] + (left + above[i]) // 2 & 255
            elif kind == 4:
                guess = left + above[i] - corner
                distances = abs(guess - left), abs(guess - above[i]), abs(guess - corner)
                row[i] = row[i] + (left, above[i], corner)[distances.index(min(distances))] & 255
        rows.append(row)
        above = row
    return channels, rows


def read_pgm(path):
    with open(path, "rb") as file:
        content = file.read()
    end = re.match(rb"P5\s+512\s+512\s+255\s", content).end()
    return [list(content[end + y * SIZE:end + (y + 1) * SIZE]) for y in range(SIZE)]


def filtered(photo, w):
    """A 3x3 convolution with a border of zeros."""
    framed = [[0] * (SIZE + 2)] + [[0, *row, 0] for row in photo] + [[0] * (SIZE + 2)]
    taps = [(i, j, w[3 * i + j]) for i in range(3) for j in range(3) if w[3 * i + j]]
    return [[sum(weight * framed[y + i][x + j] for i, j, weight in taps) for x in range(SIZE)] for y in range(SIZE)]


def enlarged(photo):
    """The middle of the photo, each pixel spread over 4 x 4 with stride 2, one row and column dropped on each side: the definition of a deconvolution."""
    half = SIZE // 2
    result = [[0.0] * SIZE for _ in range(SIZE)]
    for y in range(half):
        for x in range(half):
            value = photo[y + half // 2][x + half // 2]
            for i, vertical in enumerate(BILINEAR):
                for j, horizontal in enumerate(BILINEAR):
                    row, column = 2 * y + i - 1, 2 * x + j - 1
                    if 0 <= row < SIZE and 0 <= column < SIZE:
                        result[row][column] += value * vertical * horizontal
    return result


def compare(folder, name, left, expected):
    """One level of gray may be lost in rounding."""
    channels, rows = read_png(f"{folder}/{name}.png")
    worst = 0
    for y in range(SIZE):
        row = rows[TOP + y]
        for x in range(SIZE):
            value, at = max(0, min(255, math.floor(expected[y][x] + 0.5))), (left + x) * channels
            worst = max(worst, abs(row[at] - value), abs(row[at + 1] - value), abs(row[at + 2] - value))
    print(f"ok love: {name}.png shows what it should" if worst <= 1 else f"not ok love: {name}.png: differs by {worst} of 255")
    return worst <= 1


def main(folder, photo):
    photo = read_pgm(photo)
    good = [compare(folder, "sharpen", RIGHT, filtered(photo, [0, -1, 0, -1, 5, -1, 0, -1, 0])),
            compare(folder, "edges", RIGHT, filtered(photo, [-1, -1, -1, -1, 8, -1, -1, -1, -1])),
            compare(folder, "upscale", RIGHT, enlarged(photo)),
            compare(folder, "learning", LEFT, photo)]
    sys.exit(not all(good))


main(*sys.argv[1:])
