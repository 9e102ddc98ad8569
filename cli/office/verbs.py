"""The one shape of the daily commands: a noun, a verb, what it is about; a sentence for people, or --json.

Each command is one call of one method of the invoices service: its arguments and options have the names of the
request's fields. What the service refuses ends the program with its code and sentence (`cli.session`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cli.audit.sentences import printable
from cli.office.answers import as_file
from cli.office.invoices import with_ids
from cli.office.tables import Table
from cli.session import Session, logged_in
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id

Request = dict[str, Any]
Build = Callable[[Request], Request]
Line = Callable[[Mapping[str, Any]], str]
Next = Callable[[Mapping[str, Any]], str]

_JSON = click.Option(["--json", "as_json"], is_flag=True, help="For machines.")
_AGAIN = click.Option(
    ["--again"], metavar="KEY", help="KEY of a try that got no answer: what it did is answered, and not done once more."
)


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

        def run(*, as_json: bool, again: str | None, **typed: object) -> None:
            request = build(_given(typed))
            with logged_in() as session:
                request = with_ids(session, request)
                reply = _done(session, method, request, again or new_id())
            if as_json:
                return click.echo(_json(reply))
            words = {**request, **reply}
            click.echo(printable(said.format_map(words)))
            if next_step := then(words) if callable(then) else then.format_map(words):
                click.echo(printable(next_step), err=True)
            return None

        self._add(verb, about, run, (*params, _AGAIN), example)

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
                for page in _pages(session, method, build(_given(typed))):
                    for row in page[rows]:
                        click.echo(_json(row) if as_json else printable(line(row)))
                        found = True
            if not found:
                click.echo(none, err=True)

        self._add(verb, about, run, params, example)

    def reports(
        self, verb: str, method: str, about: str, *params: click.Parameter, tables: Sequence[Table], none: str,
        joined: Sequence[str], wrong: Callable[[Mapping[str, Any]], Sequence[str]] = lambda _: (), example: str = "",
    ) -> None:  # fmt: skip
        """Add a command that prints a whole answer as tables; as JSON one object.

        `joined`: the lists that go on from page to page. `wrong`: what must never be, which ends with exit status 1.
        """

        def run(*, as_json: bool, **typed: object) -> None:
            with logged_in() as session:
                report = _whole(session, method, _given(typed), joined)
            if as_json:
                click.echo(_json(report))
            else:
                drawn = ["\n".join(table.lines(report)) for table in tables]
                click.echo("\n\n".join(filter(None, drawn)), nl=any(drawn))
            if not any(report[table.rows] for table in tables):
                click.echo(none, err=True)
            for fault in (faults := wrong(report)):
                click.echo(printable(fault), err=True)
            if faults:
                click.get_current_context().exit(1)

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


def _done(session: Session, method: str, request: Request, key: str) -> dict[str, Any]:
    """Have it done; where no answer comes, say how the same is asked without doing it twice. Raises PublicError."""
    try:
        return session.command("invoices", method, request, key)
    except PublicError as error:
        if error.code is ErrorCode.SERVICE_UNAVAILABLE:
            click.echo(f"Whether it was done is not known. The same with --again {key} does it once.", err=True)
        raise


def _given(typed: Mapping[str, object]) -> Request:
    return {name: value for name, value in typed.items() if value not in (None, ())}


def _whole(session: Session, method: str, request: Request, joined: Sequence[str]) -> dict[str, Any]:
    """Return an answer with what all of its pages say; what is no list is the same on each."""
    first, *more = _pages(session, method, request)
    lists = {name: [*first[name], *(row for page in more for row in page[name])] for name in joined}
    return {name: value for name, value in {**first, **lists}.items() if name != "next_page"}


def _pages(session: Session, method: str, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    place: dict[str, object] = {}
    while True:
        page = session.query("invoices", method, {**request, **place})
        yield page
        if "next_page" not in page:
            return
        place = {"page_after": page["next_page"]}


def _json(reply: Mapping[str, Any]) -> str:
    return json.dumps(reply, ensure_ascii=False)
