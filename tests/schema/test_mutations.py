"""What is declared of a mutation."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from linli.schema.context import Info
from linli.schema.inputs import MutationInput
from linli.schema.mutations import mutation


@strawberry.type(description="No record. 回执。")
class Receipt:
    """What no district keeps."""

    number: int = strawberry.field(description="Its number. 编号。")


async def hand_in(info: Info, input: MutationInput) -> Any:  # noqa: A002  the argument's name in the API
    """What is never done."""


def test_an_answer_that_is_no_record_needs_words_for_the_second_time() -> None:
    with pytest.raises(TypeError, match=r"hand_in answers Receipt, which is no declared type: say by `again=`"):
        mutation("Hand something in. 提交。", Receipt)(hand_in)
    assert mutation("Hand something in. 提交。", Receipt, anonymous=True)(hand_in) is not None
