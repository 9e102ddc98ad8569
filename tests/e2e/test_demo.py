"""`make demo` does what README says, also after it was killed in the middle, and leaves nothing running."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.demo import readback
from deploy.local.processes import marked
from tests.e2e.conftest import ROOT, local

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
LIMIT = 12


def demo(run_directory: Path) -> list[str]:
    command = [sys.executable, "-m", "deploy.demo", "--limit", str(LIMIT)]
    return local(run_directory, "run", "--profile", "demo", "--", *command)


def kill_in_the_middle(run_directory: Path) -> None:
    """Start the demo and kill its launcher as soon as it imports."""
    with subprocess.Popen(demo(run_directory), cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        for line in launcher.stdout:
            if line.startswith("3. "):
                break
        launcher.send_signal(signal.SIGKILL)
        launcher.stdout.read()
    deadline = time.monotonic() + 120
    while marked(run_directory / "demo"):
        assert time.monotonic() < deadline, "a killed launcher left processes behind"
        time.sleep(0.2)


def test_the_demo_works_after_it_was_killed_in_the_middle(tmp_path: Path) -> None:
    if not os.environ.get("TALLYSTICK_TEST_STACK"):
        pytest.skip("run make test")
    kill_in_the_middle(tmp_path)
    done = subprocess.run(demo(tmp_path), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    with (tmp_path / "demo" / "refused.csv").open(newline="") as stream:
        refused = list(csv.DictReader(stream))
    ids = readback.message_ids(tmp_path / "demo" / "maildir")
    issued = report["invoices_issued"] + report["credit_notes"]
    assert report["ok"]
    assert report["restore_equal"]
    assert report["audit_ok"]
    assert report["invoices_issued"] > 0
    assert report["credit_notes"] > 0
    assert report["events"] == report["tree_size"] > issued
    assert report["emails_delivered"] == issued == len(ids) == len(set(ids))
    assert report["rows_refused"] == len(refused)
    assert 0 <= report["tamper_detected_at"] < report["tree_size"]
    assert [path.stem for path in (tmp_path / "demo" / "offsite" / "manifests").iterdir()] == [report["backup_id"]]
    assert not marked(tmp_path / "demo")
