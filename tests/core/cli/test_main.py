from __future__ import annotations

import subprocess
import sys

import pytest

from linli.core.cli import main
from linli.core.plugins.problems import PluginError, PluginProblem


def test_linli_runs_as_a_module_and_ends_with_its_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "linli.core.cli.main", "frobnicate"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('error: unknown command "frobnicate"; expected one of: init, check,')


def test_plugins_that_cannot_run_together_are_told_and_nothing_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise PluginError(PluginProblem(plugin="doors", found="no version", expected="one"))

    monkeypatch.setattr("linli.core.plugins.discovery.installed", refuse)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", "error: plugin 'doors': found no version; expected one\n")


def test_a_fault_of_our_own_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("linli.core.plugins.discovery.installed", fail)
    with pytest.raises(ZeroDivisionError):
        main.main()
