"""Prompts for secrets show nothing of what is typed, whoever looks over a shoulder or records the terminal."""

import ast
from collections.abc import Iterator
from pathlib import Path

import cli

SECRET = ("password", "code", "invitation", "pin")
OPEN = {"Your answer"}
"""Prompts for what may be seen."""


def prompts() -> Iterator[tuple[str, bool]]:
    """Yield the text of every `click.prompt` of the command line, and whether it hides what is typed."""
    for path in sorted(Path(cli.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "click.prompt":
                hidden = any(word.arg == "hide_input" and ast.unparse(word.value) == "True" for word in node.keywords)
                yield ast.literal_eval(node.args[0]), hidden


def test_every_prompt_for_a_secret_hides_what_is_typed() -> None:
    found = dict(prompts())
    assert any(word in text.lower() for text in found for word in SECRET)
    assert [text for text, hidden in found.items() if not hidden and text not in OPEN] == []
