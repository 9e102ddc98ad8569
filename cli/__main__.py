"""`python -m cli`, for checkouts where the `tallystick` command is not on the path."""

from cli.main import main

main(prog_name="tallystick")
