"""Importing organisations from files: every row is checked before anything is written. 组织导入。"""

from __future__ import annotations

from .orgs import import_orgs
from .report import Change, ImportReport, Outcome, Proposal, RowProblem, Stage

__all__ = ["Change", "ImportReport", "Outcome", "Proposal", "RowProblem", "Stage", "import_orgs"]
