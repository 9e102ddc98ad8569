"""The benchmark runs; how fast anything was is not for a test to say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.profile import CHECKOUT
from tests.bench.targets import AUTH_TARGETS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_a_small_run_has_every_figure_and_leaves_nothing_behind(tmp_path: Path) -> None:
    output = tmp_path / "auth.json"
    command = [sys.executable, "-m", "tests.bench.auth", "--scale", "small", "--output", str(output)]
    subprocess.run([*command, "--run-directory", str(tmp_path)], cwd=CHECKOUT, check=True, timeout=800)
    figures = json.loads(output.read_text("utf-8"))
    assert [name for name in AUTH_TARGETS if not figures.get(name, 0) > 0] == []
    assert set(figures["raw"]["login"]["per_s"]) == {"argon2id", "login"}
    assert figures["settings"]["fsync"] == figures["settings"]["synchronous_commit"] == "on"
    assert not (tmp_path / "bench" / "postgres").exists()
