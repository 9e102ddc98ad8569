"""Documents do not lag behind: every setting and every error code is explained, every link leads somewhere."""

import re
from pathlib import Path

import pytest

from shared.contracts.errors import ErrorCode

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CODE = [path for folder in ("cli", "services", "shared") for path in (ROOT / folder).rglob("*.py")]
# The names as they stand in code: read without the prefix through Environment, or whole.
READ = re.compile(r'\.(?:text|optional|integer|path|secret)\(\s*"([A-Z][A-Z_]+)"|"TALLYSTICK_([A-Z_]+[A-Z])"')
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_every_error_code_is_explained() -> None:
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert [code.value for code in ErrorCode if f"`{code.value}`" not in text] == []


def test_every_setting_that_code_reads_is_explained() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    names = {a or b for path in CODE for a, b in READ.findall(path.read_text("utf-8"))}
    assert {"AMQP_URL", "KEK_FILE", "TOKEN_FILE"} <= names
    assert sorted(name for name in names if not re.search(rf"(TALLYSTICK|`)_?{name}`", text)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = _LINK.findall(document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []
