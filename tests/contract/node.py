"""Packages from npm, in the folder whose package.json names them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

QUIET = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")


def installed(folder: Path, package: str) -> str:
    """Node, once the packages are there, which `package` shows; without Node.js there are none, which CI refuses."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs Node.js and npm for {folder.name}")
        pytest.skip(f"NO NODE.JS: install node and npm to run {folder.name}")
    if not (folder / "node_modules" / package).is_dir():
        subprocess.run([npm, "install", *QUIET], cwd=folder, check=True, timeout=300)
    return node
