"""The one shape of the daily commands: a noun, a verb, what it is about; a sentence for people, or --json.

Each command is one call of one method of the invoices service: its arguments and options have the names of the
request's fields. What the service refuses ends the program with its code and sentence (`cli.session`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from cli.audit.sentences import printable
from cli.office.answers import as_file
from cli.office.invoices import with_ids
from cli.session import Session, logged_in
from shared.kernel.ids import new_id

Request = dict[str, Any]
Build = Callable[[Request], Request]
Line = Callable[[Mapping[str, Any]], str]
Next = Callable[[Mapping[str, Any]], str]

_JSON = click.Option(["--json", "as_json"], is_flag=True, help="For machines.")


@dataclass(frozen=True, slots=True)
class Noun:
    """What a group of commands is about."""

    group: click.Group

    def does(
        self,
        verb: str,
        method: str,
        about: str,
        *params: click.Parameter,
        said: str,
        then: str | Next = "",
        build: Build = dict,
        example: str = "",
    ) -> None:
        """Add a command that has something done, once. `said` and `then`, on stderr, take fields of both messages.

        A `then` that depends on them is a function, and may return nothing.
        """

        def run(*, as_json: bool, **typed: object) -> None:
            request = build(_given(typed))
            with logged_in() as session:
                request = with_ids(session, request)
                reply = session.command("invoices", method, request, new_id())
            if as_json:
                return click.echo(_json(reply))
            words = {**request, **reply}
            click.echo(printable(said.format_map(words)))
            if next_step := then(words) if callable(then) else then.format_map(words):
                click.echo(printable(next_step), err=True)
            return None

        self._add(verb, about, run, params, example)

    def shows(self, verb: str, method: str, about: str, *params: click.Parameter, example: str = "") -> None:
        """Add a command that prints an answer in full, as a file that can be changed."""

        def run(*, as_json: bool, **typed: object) -> None:
            with logged_in() as session:
                reply = session.query("invoices", method, with_ids(session, _given(typed)))
            click.echo(_json(reply) if as_json else as_file(reply), nl=as_json)

        self._add(verb, about, run, params, example)

    def lists(
        self, verb: str, method: str, about: str, *params: click.Parameter, rows: str, line: Line, none: str,
        build: Build = dict, example: str = "",
    ) -> None:  # fmt: skip
        """Add a command that prints all pages of a list, a line each, ids first; as JSON an object a line."""

        def run(*, as_json: bool, **typed: object) -> None:
            found = False
            with logged_in() as session:
                for row in _pages(session, method, build(_given(typed)), rows):
                    click.echo(_json(row) if as_json else printable(line(row)))
                    found = True
            if not found:
                click.echo(none, err=True)

        self._add(verb, about, run, params, example)

    def template(self, text: str, taken_by: str) -> None:
        """Add the command that prints a sample of the file that others take."""

        def run() -> None:
            click.echo(text, nl=False)

        about = f"Print a sample of the file that `{taken_by}` takes."
        self.group.add_command(click.Command("template", callback=run, help=about))

    def _add(
        self, verb: str, about: str, run: Callable[..., None], params: tuple[click.Parameter, ...], example: str
    ) -> None:
        epilog = examples(self.group, example)
        self.group.add_command(click.Command(verb, callback=run, params=[*params, _JSON], help=about, epilog=epilog))


def examples(group: click.Group, lines: str) -> str | None:
    """Return the end of a command's help: examples, a line each."""
    shown = "".join(f"  tallystick {group.name} {each}\n" for each in lines.splitlines())
    return f"\b\nExamples:\n{shown}" if shown else None


def _given(typed: Mapping[str, object]) -> Request:
    return {name: value for name, value in typed.items() if value not in (None, ())}


def _pages(session: Session, method: str, request: Mapping[str, Any], rows: str) -> Iterator[Mapping[str, Any]]:
    place: dict[str, object] = {}
    while True:
        page = session.query("invoices", method, {**request, **place})
        yield from page[rows]
        if "next_page" not in page:
            return
        place = {"page_after": page["next_page"]}


def _json(reply: Mapping[str, Any]) -> str:
    return json.dumps(reply, ensure_ascii=False)
