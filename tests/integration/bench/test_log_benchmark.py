"""The benchmark runs; how fast anything was is not for a test to say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.contestant import PYTHON, ROOT
from tests.bench.targets import LOG_TARGETS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

OF_THE_PEER = {"append1_vs_eventsourcing", "replay_vs_eventsourcing"}
MAY_BE_NOTHING = {"replay_rss_growth_mb"}


def test_a_small_run_has_every_figure_and_leaves_nothing_behind(tmp_path: Path) -> None:
    output = tmp_path / "log.json"
    command = [sys.executable, "-m", "tests.bench.log", "--scale", "small", "--output", str(output)]
    subprocess.run([*command, "--run-directory", str(tmp_path)], cwd=ROOT, check=True, timeout=800)
    figures = json.loads(output.read_text("utf-8"))
    assert set(LOG_TARGETS) <= set(figures)
    unmeasured = {name for name in LOG_TARGETS if figures[name] is None}
    assert unmeasured == (set() if PYTHON.exists() else OF_THE_PEER)
    assert [name for name in set(LOG_TARGETS) - unmeasured - MAY_BE_NOTHING if figures[name] <= 0] == []
    assert figures["settings"]["fsync"] == figures["settings"]["synchronous_commit"] == "on"
    assert not (tmp_path / "bench" / "postgres").exists()
