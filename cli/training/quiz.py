"""A lesson and its questions, at the terminal."""

from typing import Any

import click

from cli.audit.sentences import printable
from cli.session import Session
from shared.kernel.ids import new_id


def take(session: Session, module: str, language: str) -> bool:
    """Show the lesson, ask the questions, show what there is to learn; return whether it was enough."""
    lesson = session.query("auth", "read_training", {"module": module, "language": language})
    click.echo(f"{_safe(lesson['title'])} ({lesson['minutes']} minutes)\n\n{_safe(lesson['lesson'])}")
    click.confirm("Ready for the questions?", abort=True)
    asked = session.command("auth", "begin_training", {"module": module, "language": language}, new_id())
    answers = [_ask(number, question) for number, question in enumerate(asked["questions"], start=1)]
    request = {"attempt": asked["attempt"], "answers": answers}
    result = session.command("auth", "answer_training", request, new_id())
    _show(result)
    return bool(result["passed"])


def _ask(number: int, question: dict[str, Any]) -> int:
    click.echo(f"\n{number}. {_safe(question['question'])}")
    for place, option in enumerate(question["options"], start=1):
        click.echo(f"   {place}) {_safe(option)}")
    chosen: int = click.prompt("Your answer", type=click.IntRange(1, len(question["options"])))
    return chosen - 1


def _show(result: dict[str, Any]) -> None:
    for answer in result["answers"]:
        click.echo(
            f"\n{'right' if answer['right'] else 'wrong'}: {_safe(answer['question'])}\n   {_safe(answer['why'])}"
        )
    score = f"{result['score']} of {result['asked']} right"
    if result["passed"]:
        click.echo(f"\nPassed: {score}. It counts until {result['expires_at'][:10]}.")
    else:
        click.echo(f"\nNot passed: {score}. Read the lesson again and take it once more.")


def _safe(text: str) -> str:
    """Return text of several lines in which nothing moves the cursor."""
    return "\n".join(printable(line) for line in text.splitlines())
