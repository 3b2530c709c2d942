"""What is shown to people at a terminal, and what to everything else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from linli.core import clock
from linli.core.cli import progress as progress_module
from linli.core.cli import tables
from linli.core.cli.language import words
from linli.core.cli.progress import progress
from linli.core.cli.tables import table


def test_rows_are_lines_with_tabs_for_other_programs(capsys: pytest.CaptureFixture[str]) -> None:
    table(["name", words("state")], [["a\tb\n c", words("installed")], ["", "x"]])
    assert capsys.readouterr().out == "name\tstate\na b c\tinstalled\n\tx\n"


def test_rows_are_a_table_for_people(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "is_terminal", lambda: True)
    table(["name", "state"], [["[bold]岳阳楼[/bold]", "x"]])
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "state"]
    assert row.split() == ["[bold]岳阳楼[/bold]", "x"]


def test_short_work_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as bar:
        bar("reading", 1, 2)
        bar("reading", 2, 2)
    assert capsys.readouterr() == ("", "")


def test_long_work_tells_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 1.0, 6.0, 6.0, 7.0, 12.0, 12.0])  # read once more for each line
    monkeypatch.setattr(clock, "monotonic", lambda: next(seconds))
    with progress() as bar:
        for done in (1, 20, 30, 90):
            bar(words("writing"), done, 100 if done > 20 else 0)
    assert capsys.readouterr() == ("", "writing: 20 of ?\nwriting: 90 of 100\n")


def test_people_see_a_bar_on_stderr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "is_terminal", lambda _stream=None: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress() as bar:
        bar("writing", 1, 2)
    told = capsys.readouterr()
    assert told.out.strip() == ""
    assert "writing" in told.err


@pytest.mark.parametrize("arguments", [["plugins"], ["--help"], ["frobnicate"]])
def test_colours_are_for_terminals_only(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "linli.core.cli.main", *arguments]
    piped = subprocess.run(command, capture_output=True, check=False)
    assert b"\x1b" not in piped.stdout + piped.stderr
    seen, terminal = pty.openpty()
    subprocess.run(command, stdin=terminal, stdout=terminal, stderr=terminal, check=False)
    os.close(terminal)
    assert b"\x1b[" in os.read(seen, 65536)
    os.close(seen)
