"""Make the golden vectors of tiles.

    python -m tests.vectors.make_tiles_vectors > tests/vectors/tiles.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported: tiles are cut here by the formula of c2sp.org/tlog-tiles, and what its text says
of trees of 256 and of 70,000 leaves is compared before anything is written.
"""

import hashlib
import json
import sys

from tests.vectors.make_tree_vectors import mth


def entry(position: int) -> bytes:
    return position.to_bytes(4, "big")


def path(level: int, index: int, width: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def layout(size: int) -> list[tuple[int, int, int]]:
    """Return level, index and width of every tile: full ones, and partial ones of width floor(s / 256^l) mod 256."""
    tiles = []
    level = 0
    while size // 256**level:
        hashes = size // 256**level
        tiles += [(level, index, 256) for index in range(hashes // 256)]
        if hashes % 256:
            tiles.append((level, hashes // 256, hashes % 256))
        level += 1
    return tiles


def tile(level: int, index: int, width: int) -> bytes:
    """Return MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l]) for i from 0 to width - 1."""
    ranges = [((index * 256 + i) * 256**level, (index * 256 + i + 1) * 256**level) for i in range(width)]
    return b"".join(mth([entry(position) for position in range(start, end)]) for start, end in ranges)


def tiles_vectors() -> dict[str, object]:
    counted = [(level, sum(1 for each in layout(70_000) if each[:1] == (level,))) for level in range(3)]
    if counted != [(0, 274), (1, 2), (2, 1)] or layout(70_000)[273] != (0, 273, 112):
        raise SystemExit("70,000 leaves are not laid out as the specification says")
    if layout(70_000)[-2:] != [(1, 1, 17), (2, 0, 1)] or layout(256) != [(0, 0, 256), (1, 0, 1)]:
        raise SystemExit("256 leaves are not laid out as the specification says")
    if path(0, 1_234_067, 256) != "tile/0/x001/x234/067":
        raise SystemExit("the path is not the specification's")
    return {
        "entries": "the position as four bytes, big-endian",
        "paths": [
            {"level": level, "index": index, "width": width, "path": path(level, index, width)}
            for level, index, width in [
                (0, 0, 256),
                (0, 0, 1),
                (0, 999, 255),
                (0, 1000, 256),
                (0, 1_234_067, 256),
                (1, 1_234_067, 8),
                (63, 5, 256),
                (3, 10**18 - 1, 256),
            ]
        ],
        "refused_paths": [
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000/067",
            "tile/0/x000/067",
            "tile/0/001/x234",
            "tile/0/x001/x234",
            "tile/0/x1/234",
            "tile/0/x001/x001/x001/x001/x001/x001/001",
            "tile/entries/000",
            "tile/8/0/000",
            "/tile/0/000",
            "tile/0/000\n",
            "tile/0/\u0661\u0662\u0663",
            "tile/0/000.p/\u0661",
            "",
        ],
        "layouts": [
            {"size": size, "paths": [path(*each) for each in layout(size)]} for size in (0, 1, 255, 256, 257, 600)
        ],
        "trees": [
            {
                "size": size,
                "root": mth([entry(position) for position in range(size)]).hex(),
                "tiles": {path(*each): hashlib.sha256(tile(*each)).hexdigest() for each in layout(size)},
            }
            for size in (1, 255, 256, 257, 70_000)
        ],
    }


if __name__ == "__main__":
    json.dump(tiles_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
