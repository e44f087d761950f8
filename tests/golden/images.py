"""Writes the images that `step-dcgan64.json` was made with: two of 64x64, red, green and blue.

    python images.py FOLDER

Byte i of both, counted through [N, H, W, C], is the upper eight bits of i * 0x9e3779b9 modulo
2**32, so that a test can make the same images without the files.
"""

import argparse
import struct
import sys
import zlib
from pathlib import Path

SIDE = 64
BYTES = SIDE * SIDE * 3


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels):
    rows = [b"\0" + pixels[row * SIDE * 3:(row + 1) * SIDE * 3] for row in range(SIDE)]
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for image in range(2):
        places = range(image * BYTES, (image + 1) * BYTES)
        pixels = bytes((place * 0x9E3779B9 & 0xFFFFFFFF) >> 24 for place in places)
        (folder / f"{image}.png").write_bytes(png(pixels))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Writes the two images of step-dcgan64.json.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="is made if it is missing")
    folder = parser.parse_args().folder
    try:
        write(folder)
    except OSError as error:
        sys.exit(f"{folder}: {error.strerror}")
