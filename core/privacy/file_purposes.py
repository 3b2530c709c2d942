"""What core itself takes files for. 核心文件用途。"""

from __future__ import annotations

from ..files.purposes import SCANS, FileKind, FilePurpose
from ..records.classes import FieldClass
from .models import Consent

CONSENT_EVIDENCE = FilePurpose(
    "core.consent_evidence",
    Consent,
    SCANS,
    20_000_000,
    FieldClass.PERSONAL,
    ("core.person.write",),
    "What shows that somebody agreed to a use of their data: a signed sheet, scanned or photographed. "
    "证明本人同意的材料，如签字单的扫描件或照片。",
    shown_by=("core.person.write",),
)
LEDGER = FilePurpose(
    "core.ledger",
    None,
    frozenset({FileKind.XLSX}),
    500_000_000,
    FieldClass.PERSONAL,
    (),
    "A ledger that the platform wrote from its records for one account, for a day. "
    "平台按登记信息生成的台账，仅供导出者本人使用，一日后销毁。",
)
CORE_FILE_PURPOSES = (CONSENT_EVIDENCE, LEDGER)
