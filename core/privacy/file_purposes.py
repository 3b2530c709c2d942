"""What core itself takes files for. 核心文件用途。"""

from __future__ import annotations

from ..files.purposes import SCANS, FileKind, FilePurpose
from ..records.classes import FieldClass
from ..sheet_imports.models import IMPORT, SheetImport
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
SPREADSHEET = FilePurpose(
    "core.spreadsheet",
    SheetImport,
    frozenset({FileKind.XLSX, FileKind.CSV}),
    50_000_000,
    FieldClass.SENSITIVE,
    (IMPORT,),
    "A sheet of people, homes, units or posts to be brought in. 待导入的人员、房屋、单位或任职表格。",
    most=1,
    shown_by=(IMPORT,),
)
ANNOTATED_SPREADSHEET = FilePurpose(
    "core.annotated_spreadsheet",
    SheetImport,
    frozenset({FileKind.XLSX}),
    50_000_000,
    FieldClass.SENSITIVE,
    (IMPORT,),
    "A copy of a sheet that was brought in, with what was found in its cells. 标注问题的表格副本。",
    most=1,
    shown_by=(IMPORT,),
)
CORE_FILE_PURPOSES = (CONSENT_EVIDENCE, LEDGER, SPREADSHEET, ANNOTATED_SPREADSHEET)
