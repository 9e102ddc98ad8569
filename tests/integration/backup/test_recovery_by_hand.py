"""docs/recovery.md promises that stock programs are enough: its commands are run here as they stand there."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.postgres.bootstrap import ROOT
from tests.integration.backup.system import SAVED, System, content
from tests.integration.backup.target import Target

pytestmark = pytest.mark.integration

PROGRAMS = ("age", "zstd", "tar", "sha256sum", "openssl", "psql", "bash")


def commands() -> str:
    """The shell commands of the page, in order."""
    page = (ROOT / "docs" / "recovery.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    return "".join(blocks)


@pytest.fixture
def by_hand() -> None:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def recover(system: System, target: Target, folder: Path, signer: str) -> subprocess.CompletedProcess[str]:
    (folder / "identity").write_text(system.identity)
    (folder / "work").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "OFFSITE": str(system.offsite),
        "IDENTITY": str(folder / "identity"),
        "SIGNER": signer,
        "WORK": str(folder / "work"),
        **{f"DSN_{name}": target.databases[name].admin_dsn for name in SAVED},
    }
    command = ["bash", "-c", commands()]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_stock_programs_recover_everything(system: System, target: Target, tmp_path: Path, by_hand: None) -> None:
    system.snapshots(part_size=500).take()
    system.snapshots(part_size=500).take()
    result = recover(system, target, tmp_path, system.signer.verifier_key)
    assert result.returncode == 0, result.stderr
    for name in SAVED:
        with system.databases[name].connect_as_admin() as before, target.databases[name].connect_as_admin() as after:
            assert content(after) == content(before)


def test_a_signature_that_is_wrong_stops_it(system: System, untouched: Target, tmp_path: Path, by_hand: None) -> None:
    system.snapshots().take()
    manifest = next((system.offsite / "manifests").iterdir())
    manifest.write_text(manifest.read_text("utf-8").replace('"size": ', '"size": 1'))
    result = recover(system, untouched, tmp_path, system.signer.verifier_key)
    assert result.returncode != 0


def test_an_object_that_was_changed_stops_it(system: System, untouched: Target, tmp_path: Path, by_hand: None) -> None:
    manifest = system.snapshots().take()
    path = system.offsite / manifest.objects[0].name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    result = recover(system, untouched, tmp_path, system.signer.verifier_key)
    assert result.returncode != 0
    assert "FAILED" in result.stdout
