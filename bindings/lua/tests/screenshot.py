"""Whether the right picture of the sample game's screenshot is the photo with a filter: screenshot.py SCREENSHOT.png PICTURE.pgm

The picture is drawn pixel by pixel at (524, 4). One level of gray may be lost in the graphics card's rounding.
"""
import re
import struct
import sys
import zlib


def read_png(path):
    """8 bits, RGB or RGBA, not interlaced: (width, height, channels, rows)."""
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
        for i in range(stride):
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
    return width, height, channels, rows


def main(screenshot, picture):
    with open(picture, "rb") as file:
        content = file.read()
    header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", content)
    width, height = map(int, header.groups())
    pixels = content[header.end():]
    _, _, channels, rows = read_png(screenshot)
    worst = max(abs(rows[4 + y][(524 + x) * channels + c] - pixels[y * width + x]) for y in range(height) for x in range(width) for c in range(3))
    print(f"{screenshot}: differs by {worst} of 255 at most")
    sys.exit(worst > 1)


main(*sys.argv[1:])
