"""`python -m deploy.local`: the stack on one machine, from the command line."""

import sys
from pathlib import Path

import click

from deploy.local import launch, postgres, rabbitmq
from deploy.local.profile import DEFAULT_RUN_DIRECTORY, PROFILE_NAMES, StackError, profile_named

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
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def run(run_directory: Path, name: str, command: tuple[str, ...]) -> None:
    """Start a stack, run COMMAND with its environment, end the stack; exits as COMMAND does."""
    sys.exit(launch.run(profile_named(name, run_directory), command, _say))


@main.command()
@click.argument("server", type=click.Choice(["postgresql", "rabbitmq"]))
def find(server: str) -> None:
    """Print where the programs of a server are that a stack would use."""
    click.echo(postgres.binaries() if server == "postgresql" else rabbitmq.server_program())


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        _say(f"Error: {error}")
        sys.exit(1)
