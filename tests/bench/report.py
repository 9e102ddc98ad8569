"""What was measured, as tables in docs/performance.md: `python -m tests.bench.report` puts them between the markers."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from deploy.local.profile import CHECKOUT, DEFAULT_RUN_DIRECTORY
from tests.bench.targets import AUTH_TARGETS, DOCUMENT_TARGETS, LOG_TARGETS, RPC_TARGETS, Target

DOCUMENT = CHECKOUT / "docs" / "performance.md"
TARGETS: Mapping[str, Mapping[str, Target]] = {
    "log": LOG_TARGETS,
    "auth": AUTH_TARGETS,
    "documents": DOCUMENT_TARGETS,
    "rpc": RPC_TARGETS,
}


def rendered(subject: str, measured: Mapping[str, Any]) -> str:
    """Return the tables for a subject, `log`, `auth`, `documents` or `rpc`, in Markdown."""
    figures = _figures(TARGETS[subject], measured)
    parts = [_circumstances(measured), _table(("figure", "measured", "target", "met"), figures)]
    rows = [row for part, raw in measured["raw"].items() for row in _raw(part, raw)]
    parts.append(_table(("raw figures", "median", "lowest", "highest"), rows))
    return "\n\n".join(parts)


def between_markers(document: str, subject: str, tables: str) -> str:
    """Return the document with what stands between the subject's markers replaced."""
    begin, end = f"<!-- {subject} figures: begin -->", f"<!-- {subject} figures: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    if not pattern.search(document):
        raise ValueError("the document has no markers")
    return pattern.sub(lambda _: f"{begin}\n{tables}\n{end}", document)


def _circumstances(measured: Mapping[str, Any]) -> str:
    machine, settings = measured["machine"], measured["settings"]
    said = ", ".join(f"`{name} = {value}`" for name, value in sorted(settings.items()) if name != "server_version")
    peer = f", eventsourcing {measured['eventsourcing'] or 'not measured'}" if "eventsourcing" in measured else ""
    return (
        f"Run of {measured['at']} (scale `{measured['scale']}`) on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}; Python {machine['python']}, "
        f"PostgreSQL {settings['server_version']}{peer}. "
        f"Writing 8 KiB and flushing it took {machine['flush_us']} µs. Settings: {said}."
    )


def _figures(targets: Mapping[str, Target], measured: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for name, target in targets.items():
        value = measured.get(name)
        yield f"`{name}`: {target.meaning}", _number(value), target.text, _verdict(target, value)


def _verdict(target: Target, value: float | None) -> str:
    if value is None or not target.text:
        return ""
    return "yes" if target.met(value) else "no"


def _raw(part: str, raw: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for unit, contenders in raw.items():
        for name, rate in contenders.items() if isinstance(contenders, dict) else ():
            spread = rate if isinstance(rate, dict) else {"median": rate}
            cells = [_number(spread.get(column)) for column in ("median", "lowest", "highest")]
            yield f"{part}: {name.replace('_', ' ')}, {unit.replace('_per_s', '/s').replace('_', ' ')}", *cells


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@click.command()
@click.argument("subject", type=click.Choice(list(TARGETS)))
@click.option(
    "--figures",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What the benchmark wrote, when not .run/bench/SUBJECT.json.",
)
def main(subject: str, figures: Path | None) -> None:
    """Put the figures of the last run into docs/performance.md."""
    written = figures or DEFAULT_RUN_DIRECTORY / "bench" / f"{subject}.json"
    tables = rendered(subject, json.loads(written.read_text("utf-8")))
    DOCUMENT.write_text(between_markers(DOCUMENT.read_text("utf-8"), subject, tables), "utf-8")


if __name__ == "__main__":
    main()
