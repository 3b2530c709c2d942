from __future__ import annotations

import string
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticKnownError

from linli.core.languages import translate
from linli.core.value_problems import TEXTS, problem

OWN = {"credit_code"}
CONTEXT = {
    **dict.fromkeys(("min_length", "max_length", "actual_length", "gt", "ge", "lt", "le", "multiple_of"), 1),
    **dict.fromkeys(("class_name", "field_type", "pattern", "error", "expected", "tz_expected"), "x"),
}


@pytest.mark.parametrize("kind", sorted(TEXTS.keys() - OWN))
def test_each_text_stands_for_an_error_that_pydantic_has_and_asks_for_what_it_tells(kind: str) -> None:
    asked = {name for _, name, _, _ in string.Formatter().parse(TEXTS[kind].template) if name} - {"where"}
    PydanticKnownError(kind, CONTEXT)  # type: ignore[arg-type]  # refuses a type that pydantic has not
    for name in asked:
        with pytest.raises(TypeError, match=f"'?{name}'? required in context"):
            PydanticKnownError(kind, {given: CONTEXT[given] for given in CONTEXT if given != name})  # type: ignore[arg-type]


class Given(BaseModel):
    """What is refused below."""

    count: int
    ratio: complex = 0


def told(language: str, **given: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        Given.model_validate(given)
    return [translate(problem("input", error).message, language) for error in refused.value.errors()]


def test_every_value_is_told_with_its_place() -> None:
    assert told("zh-CN") == ["缺少 input.count"]
    assert told("zh-CN", count="x") == ["input.count 须为整数"]
    assert told("en", count=1.5) == ["input.count must be a whole number"]


def test_what_nobody_translated_is_told_in_english() -> None:
    (message,) = told("zh-CN", count=1, ratio="x")
    assert message.startswith("input.ratio：Input should be a valid")
