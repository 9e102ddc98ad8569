"""Documents do not lag behind: every setting and every error code is explained, every link leads somewhere."""

import re
from pathlib import Path

import pytest

from shared.contracts.errors import ErrorCode

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# Where settings are read, by names in capitals, without the prefix or with it.
READERS = [
    *ROOT.glob("services/*/dependencies.py"),
    *ROOT.glob("services/*/settings.py"),
    ROOT / "shared/messaging/settings.py",
    *ROOT.glob("services/*/token_keys.py"),
    *ROOT.glob("cli/*.py"),
]
SETTING = re.compile(r'"(?:TALLYSTICK_)?([A-Z]+(?:_[A-Z]+)+)"')
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_every_error_code_is_explained() -> None:
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert [code.value for code in ErrorCode if f"`{code.value}`" not in text] == []


def test_every_setting_that_code_reads_is_explained() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    names = {name for path in READERS for name in SETTING.findall(path.read_text("utf-8"))}
    assert {"AMQP_URL", "KEK_FILE", "TOKEN_FILE"} <= names
    assert sorted(name for name in names if not re.search(rf"(TALLYSTICK_|`){name}`", text)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = _LINK.findall(document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "threat-model.md").read_text("utf-8")))
    code = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert sorted(name for name in named if f"def {name}(" not in code) == []
