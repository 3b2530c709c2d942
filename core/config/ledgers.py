"""The district's own workbooks that ledgers are written into. 台账模板。"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class LedgerTemplate(BaseModel):
    """Which ledger goes into which workbook. 台账模板。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ledger: str = Field(
        pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", description="The ledger, as <plugin>.<name>. 台账。"
    )
    file: str = Field(
        min_length=1, description="The .xlsx file, beside linli.toml unless its path is whole. 模板文件。"
    )
