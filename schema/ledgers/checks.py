"""What `linli check` tells of templates: which cannot be filled, and what is wrong in which cell. 台账模板检查。"""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.districts import District
from linli.core.plugins.health import HealthProblem

from .exporting import file_of
from .known import ledgers_of
from .templates import TemplateError, read

REMEDY = "Mend the workbook; `linli ledger template {ledger} OUT.xlsx` writes one to begin with."


def problems(district: District) -> Iterator[HealthProblem]:
    """Every problem of every template of a district."""
    templates = district.settings.ledger_templates
    known = ledgers_of(district.hooks.collect_now("linli_graphql")) if templates else {}
    for name, one in templates.items():
        if one.ledger not in known:
            message = f"The ledger template {name!r} is for {one.ledger!r}, and there is no such ledger here."
            yield HealthProblem(message=message, remedy=f"Write one of {', '.join(known)} in ledger_templates.{name}.")
            continue
        try:
            read(name, file_of(district, one.file), known[one.ledger])
        except TemplateError as error:
            for problem in error.problems:
                where = f"{one.file}: {problem.cell}" if problem.cell else one.file
                message = f"The ledger template {name!r} cannot be filled: {where}: {problem.message}."
                yield HealthProblem(message=message, remedy=REMEDY.format(ledger=one.ledger))
