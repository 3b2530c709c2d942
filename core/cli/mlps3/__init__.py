"""Level 3 of classified protection, GB/T 22239-2019, as far as software can tell. 等保三级。"""

from __future__ import annotations

from .access import CONTROLS as ACCESS
from .audit import CONTROLS as AUDIT
from .controls import Control, Judgement, State, Subject
from .data import CONTROLS as DATA
from .identity import CONTROLS as IDENTITY
from .intrusion import CONTROLS as INTRUSION
from .management import CONTROLS as MANAGEMENT

CONTROLS = (*IDENTITY, *ACCESS, *AUDIT, *INTRUSION, *DATA, *MANAGEMENT)

__all__ = ["CONTROLS", "Control", "Judgement", "State", "Subject"]
