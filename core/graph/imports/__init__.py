"""Importing organisations from files: every row is checked before anything is written. 组织导入。"""

from __future__ import annotations

from .boundaries import BoundaryImport
from .boundary_report import BoundaryReport, Drawn, Fit
from .orgs import import_orgs
from .report import Change, ImportReport, Outcome, Proposal, RowProblem, Stage

__all__ = [
    "BoundaryImport",
    "BoundaryReport",
    "Change",
    "Drawn",
    "Fit",
    "ImportReport",
    "Outcome",
    "Proposal",
    "RowProblem",
    "Stage",
    "import_orgs",
]
