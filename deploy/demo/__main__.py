"""`python -m deploy.demo`: the main job on real invoices. `make demo` starts the stack around it."""

import json
import sys
import time
from pathlib import Path

import click

from cli.files import FileUnreadable
from cli.importer.mapping import MappingInvalid, load_mapping
from cli.importer.rows import header_of
from deploy.demo import screen
from deploy.demo.scenario import Job, Scenario, StepFailed
from deploy.demo.stack import DemoStack
from shared.contracts.errors import PublicError
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings, read_or_exit

HERE = Path(__file__).parent
SAMPLE = HERE / "data" / "sample.csv"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=_FILE, default=SAMPLE, help="CSV file, plain or xz; default: the sample that comes along.")
@click.option("--mapping", "mapping_file", type=_FILE, help="YAML file that says what its columns mean.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many documents.")
def main(data: Path, mapping_file: Path | None, limit: int | None) -> None:
    """Run the main job and write report.json; exit 1 with a sentence when something is not as it must be."""
    started = time.monotonic()
    stack = DemoStack.from_environment()
    stack.report_file.unlink(missing_ok=True)
    try:
        job = Job(data, mapping_file or _fitting_mapping(data), limit)
        with RpcClient(read_or_exit(BusSettings.read), timeout=60) as client:
            figures = Scenario(stack, client, job).run()
    except (StepFailed, MappingInvalid, FileUnreadable, PublicError) as error:
        screen.console.print(f"\n[red]The demo failed:[/red] {error}\nLogs of all programs: {stack.logs}", markup=True)
        sys.exit(1)
    report = {"ok": True, **figures, "seconds": round(time.monotonic() - started, 1)}
    stack.report_file.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    screen.table(report)
    screen.console.print(f"\nThe report is in {stack.report_file}")


def _fitting_mapping(data: Path) -> Path:
    """Return the mapping that comes along and whose columns the file has."""
    header = set(header_of(data))
    for candidate in sorted((HERE / "mappings").glob("*.yaml")):
        if load_mapping(candidate).columns_used <= header:
            return candidate
    raise MappingInvalid(f"no mapping fits the columns of {data}; name one with MAPPING=file.yaml")


if __name__ == "__main__":
    main()
