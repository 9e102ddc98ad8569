"""The benchmark runs, and what it measures keeps the rules; how fast it was is not for a test to say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.profile import CHECKOUT
from services.invoices.adapters.xml.forms import forms
from services.invoices.adapters.xml.rules import Rules
from tests.bench.forms import usual
from tests.bench.targets import DOCUMENT_TARGETS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_a_small_run_has_every_figure_and_leaves_nothing_behind(tmp_path: Path) -> None:
    output = tmp_path / "documents.json"
    command = [sys.executable, "-m", "tests.bench.documents", "--scale", "small", "--output", str(output)]
    subprocess.run([*command, "--run-directory", str(tmp_path)], cwd=CHECKOUT, check=True, timeout=800)
    figures = json.loads(output.read_text("utf-8"))
    assert [name for name in DOCUMENT_TARGETS if not figures.get(name, 0) > 0] == []
    assert not (tmp_path / "bench" / "postgres").exists()


def test_what_is_measured_keeps_the_rules() -> None:
    rules = Rules()
    assert [rules.broken(forms(usual(number))) for number in range(3)] == [[], [], []]
