import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.program import MARK, Program, ending_with_this_process, plain_environment


def test_the_script_passes_every_character_on(tmp_path: Path) -> None:
    value = "a 'b' \"c\" $HOME `d` %e #f ;g\nh\\"
    shown = (sys.executable, "-c", "import os, sys; print([sys.argv[1], os.environ['SHOWN'], os.getcwd()])", value)
    directory = tmp_path / "it's #1 of $HOME"
    directory.mkdir()
    program = Program("shown", shown, directory, priority=1, environment={"SHOWN": value})
    script = tmp_path / "script"
    script.write_text(program.script())

    said = subprocess.run(["sh", script], check=True, capture_output=True, text=True).stdout

    assert said.strip() == repr([value, value, str(directory)])


def test_a_program_ends_with_whoever_started_it(tmp_path: Path) -> None:
    program = Program("server", ("server", "--serve"), tmp_path, priority=1, stop_signal="INT")

    assert program.argv() == ["setpriv", "--pdeathsig=INT", "--", "server", "--serve"]


def test_nothing_of_our_shell_leaks_into_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "of somebody else")

    environment = plain_environment(tmp_path)

    assert "PGPASSWORD" not in environment
    assert environment[MARK] == str(tmp_path)


def test_what_should_end_with_a_process_does_not_begin_after_it(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    ours = ending_with_this_process(["touch", str(begun)])

    assert subprocess.run(["sh", "-c", 'true; "$@"; exit $?', "sh", *ours], check=False).returncode == 1
    assert not begun.exists()
    assert subprocess.run(ours, check=False).returncode == 0
    assert begun.exists()
