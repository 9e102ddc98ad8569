"""`python -m deploy.local`: the stack on one machine, from the command line."""

import os
import sys
from pathlib import Path

import click

from deploy.local import launch, postgres, rabbitmq
from deploy.local.bus_keys import add_bus_keys, drop_old_bus_keys
from deploy.local.profile import DEFAULT_RUN_DIRECTORY, PROFILE_NAMES, StackError, profile_named
from deploy.local.secrets import SERVICES

_NOT_RUNNING = 3  # as systemctl status says it

_profile = click.option(
    "--profile", "name", type=click.Choice(PROFILE_NAMES), default="main", show_default=True, help="Which stack."
)


@click.group(help="Run the whole system on this machine, as child processes, with everything in .run/.")
@click.option(
    "--run-directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_RUN_DIRECTORY,
    help="Where the stacks live, instead of .run in the checkout.",
)
@click.pass_context
def main(context: click.Context, run_directory: Path) -> None:
    """Keep the directory for the commands."""
    context.obj = run_directory


@main.command(context_settings={"ignore_unknown_options": True})
@_profile
@click.option("--keep", is_flag=True, help="Leave the stack running after COMMAND, until Ctrl-C.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def run(run_directory: Path, name: str, keep: bool, command: tuple[str, ...]) -> None:  # noqa: FBT001 - click's way
    """Start a stack, run COMMAND with its environment, end the stack; exits as COMMAND does."""
    sys.exit(launch.run(profile_named(name, run_directory), command, _say, keep=keep))


@main.command()
@click.pass_obj
def up(run_directory: Path) -> None:
    """Start the whole system in the background."""
    launch.up(profile_named("main", run_directory), _say)


@main.command()
@click.pass_obj
def down(run_directory: Path) -> None:
    """Stop everything that was started from this checkout, and nothing else."""
    launch.down(run_directory, _say)


@main.command()
@click.pass_obj
def status(run_directory: Path) -> None:
    """Show what runs; exits with 3 unless the whole main stack does."""
    sys.exit(0 if launch.status(run_directory, _say) else _NOT_RUNNING)


@main.command()
@_profile
@click.option("--follow", is_flag=True, help="Keep showing what is added.")
@click.argument("programs", nargs=-1)
@click.pass_obj
def logs(run_directory: Path, name: str, follow: bool, programs: tuple[str, ...]) -> None:  # noqa: FBT001 - click's way
    """Show the end of the logs, of PROGRAMS or of all."""
    directory = profile_named(name, run_directory).logs
    chosen = [directory / f"{program}.log" for program in programs] or sorted(directory.glob("*.log"))
    if not chosen:
        raise StackError(f"There are no logs in {directory}.")
    options = ["-F"] if follow else []
    os.execvp("tail", ["tail", "-n", "20", *options, *map(str, chosen)])  # noqa: S606, S607 - tail(1) does it all


@main.command()
@click.argument("server", type=click.Choice(["postgresql", "rabbitmq"]))
def find(server: str) -> None:
    """Print where the programs of a server are that a stack would use."""
    click.echo(postgres.binaries() if server == "postgresql" else rabbitmq.server_program())


@main.command("bus-keys")
@_profile
@click.option("--drop-old", is_flag=True, help="Destroy the old keys instead, once nothing under them is on its way.")
@click.argument("service", type=click.Choice(SERVICES))
@click.pass_obj
def bus_keys(run_directory: Path, name: str, drop_old: bool, service: str) -> None:  # noqa: FBT001 - click's way
    """Give SERVICE new keys for calls to it and for its events; the running system takes them at once."""
    directory = profile_named(name, run_directory).secrets
    if not directory.is_dir():
        raise StackError(f"There are no secrets in {directory}: start the stack first.")
    (drop_old_bus_keys if drop_old else add_bus_keys)(directory, service)
    _say(f"{service}: {'the old keys are gone' if drop_old else 'new keys seal, the old ones still open'}.")


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        _say(f"Error: {error}")
        sys.exit(1)
