"""log.json as tables in docs/performance.md: `python -m tests.bench.report` puts them between the markers."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from deploy.local.profile import CHECKOUT, DEFAULT_RUN_DIRECTORY
from tests.bench.targets import TARGETS, Target

DOCUMENT = CHECKOUT / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"


def rendered(log: Mapping[str, Any]) -> str:
    """Return the tables, in Markdown."""
    parts = [_circumstances(log), _table(("figure", "measured", "target", "met"), _figures(log))]
    rows = [row for part, raw in log["raw"].items() for row in _raw(part, raw)]
    parts.append(_table(("raw figures", "median", "lowest", "highest"), rows))
    return "\n\n".join(parts)


def between_markers(document: str, tables: str) -> str:
    """Return the document with what stands between the markers replaced."""
    pattern = re.compile(f"{re.escape(_BEGIN)}.*{re.escape(_END)}", re.DOTALL)
    if not pattern.search(document):
        raise ValueError("the document has no markers")
    return pattern.sub(lambda _: f"{_BEGIN}\n{tables}\n{_END}", document)


def _circumstances(log: Mapping[str, Any]) -> str:
    machine, settings = log["machine"], log["settings"]
    said = ", ".join(f"`{name} = {value}`" for name, value in sorted(settings.items()) if name != "server_version")
    return (
        f"Run of {log['at']} (scale `{log['scale']}`) on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}; Python {machine['python']}, "
        f"PostgreSQL {settings['server_version']}, eventsourcing {log['eventsourcing'] or 'not measured'}. "
        f"Writing 8 KiB and flushing it took {machine['flush_us']} µs. Settings: {said}."
    )


def _figures(log: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for name, target in TARGETS.items():
        value = log.get(name)
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
@click.option(
    "--figures",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    default=DEFAULT_RUN_DIRECTORY / "bench" / "log.json",
    help="What `make bench-log` wrote.",
)
def main(figures: Path) -> None:
    """Put the figures of the last run into docs/performance.md."""
    tables = rendered(json.loads(figures.read_text("utf-8")))
    DOCUMENT.write_text(between_markers(DOCUMENT.read_text("utf-8"), tables), "utf-8")


if __name__ == "__main__":
    main()
