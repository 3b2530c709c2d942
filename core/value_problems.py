"""What pydantic refuses, in words that can be translated: by the type of its error, not by its English. 取值错误。"""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic_core import ErrorDetails

from .errors import FieldProblem, Text, text

_WHOLE_NUMBER = text("{where} must be a whole number")
_TRUTH = text("{where} must be true or false")
_ONE_OF = text("{where} must be one of: {expected}")
_DATE = text("{where} must be a date such as 2026-03-09")
_INSTANT = text("{where} must be an instant such as 2026-03-09T08:00:00+08:00")
_OBJECT = text("{where} must be an object")
_NUMBER = text("{where} must be a number")
_TEXT = text("{where} must be a text")

TEXTS: dict[str, Text] = {
    "missing": text("{where} is missing"),
    "extra_forbidden": text("{where} is not known here"),
    "none_required": text("{where} must be null"),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_short": text("{where} must have at least {min_length} characters"),
    "string_too_long": text("{where} must have at most {max_length} characters"),
    "string_pattern_mismatch": text("{where} must have the form {pattern}"),
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "enum": _ONE_OF,
    "literal_error": _ONE_OF,
    "greater_than": text("{where} must be greater than {gt}"),
    "greater_than_equal": text("{where} must be {ge} or more"),
    "less_than": text("{where} must be less than {lt}"),
    "less_than_equal": text("{where} must be {le} or less"),
    "multiple_of": text("{where} must be a multiple of {multiple_of}"),
    "list_type": text("{where} must be a list"),
    "too_short": text("{where} must hold at least {min_length} values, not {actual_length}"),
    "too_long": text("{where} must hold at most {max_length} values, not {actual_length}"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": _INSTANT,
    "credit_code": text("{where} is no unified social credit code of GB 32100-2015"),
}
"""By pydantic's type of error; the places are `where` and what pydantic's context holds."""


def problem(path: str, error: ErrorDetails) -> FieldProblem:
    """One refused value beneath the input `path`; in pydantic's own English where the type of error is not known."""
    where = ".".join([path, *map(str, error["loc"])])
    known = TEXTS.get(error["type"], text("{where}: {reason}"))
    params = {"reason": error["msg"], **_plain(error), "where": where}
    return FieldProblem(where, error["type"].upper(), replace(known, params=params))


def _plain(error: ErrorDetails) -> dict[str, object]:
    """The context, its choices in a list that belongs to no language."""
    context = {name: value for name, value in error.get("ctx", {}).items() if name != "error"}
    if "expected" in context:
        context["expected"] = ", ".join(re.findall(r"'([^']*)'", str(context["expected"])))
    return context
