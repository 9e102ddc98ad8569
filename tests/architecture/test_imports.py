"""The import rules hold, and each of them would notice: a planted violation breaks exactly the rule it is meant for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = {
    "services-apart": ("services/notifier/domain/planted.py", "import services.invoices.domain"),
    "shared-layers": ("shared/kernel/planted.py", "import shared.crypto.envelope"),
    "service-layers": ("services/auth/domain/planted.py", "import services.auth.handlers"),
    "downwards": ("shared/kernel/planted.py", "import cli.main"),
    "services-know-only-shared": ("services/auth/domain/planted.py", "import deploy.local"),
    "nobody-imports-services": ("cli/planted.py", "import services.auth.domain"),
    "domain-is-plain": ("services/auth/domain/planted.py", "import psycopg"),
    "cryptography-in-one-room": ("services/invoices/domain/planted.py", "import cryptography"),
    "old-frameworks-in-few-rooms": ("shared/eventstore/planted.py", "import nameko"),
}


@pytest.fixture(scope="module")
def copied_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for package in ("cli", "deploy", "services", "shared"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("*.pyc", "wheels"))
    shutil.copy(ROOT / ".importlinter", tree)
    return tree


def lint(tree: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = [str(LINTER), "--config", ".importlinter", "--contract", contract, "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tree)})


def test_every_rule_has_a_planted_violation() -> None:
    lines = (ROOT / ".importlinter").read_text("utf-8").splitlines()
    rules = {line.removeprefix("[importlinter:contract:").rstrip("]") for line in lines if ":contract:" in line}
    assert rules == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_breaks_the_rule(copied_tree: Path, contract: str) -> None:
    assert lint(copied_tree, contract).returncode == 0, "the rule is kept before anything is planted"
    name, violation = VIOLATIONS[contract]
    planted = copied_tree / name
    planted.write_text(f"{violation}\n", "utf-8")
    try:
        broken = lint(copied_tree, contract)
    finally:
        planted.unlink()
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "planted" in broken.stdout
