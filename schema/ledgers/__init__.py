"""Ledgers: views of what is kept, as workbooks; nothing is ever entered for one. 台账。"""

from __future__ import annotations

from .declarations import AgeFrom as AgeFrom
from .declarations import ByKind as ByKind
from .declarations import ByPlace as ByPlace
from .declarations import Column as Column
from .declarations import Ledger as Ledger
from .declarations import OneOf as OneOf
