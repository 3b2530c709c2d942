from __future__ import annotations

import pytest

from linli.schema.core.labels import in_language
from linli.schema.testing import Clients

QUERY = '{ labels(enums: ["DayKind", "OrgKind"]) { enum value text } }'


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh-CN", {"WORKDAY": "工作日", "COMMUNITY": "村级"}), ("en", {"WORKDAY": "An ordinary working day"})],
)
async def test_enum_values_have_texts_in_the_callers_language(
    client: Clients, language: str, expected: dict[str, str]
) -> None:
    answer = await (await client()).query(QUERY, headers={"Accept-Language": language})
    texts = {one["value"]: one["text"] for one in answer.data["labels"]}
    assert expected.items() <= texts.items()


async def test_an_unknown_enum_is_refused(client: Clients) -> None:
    answer = await (await client()).query('{ labels(enums: ["Planet"]) { text } }')
    assert (answer.codes, answer.errors[0]["path"]) == (["VALIDATION"], ["labels"])


@pytest.mark.parametrize(
    ("description", "language", "expected"),
    [
        ("GPS. GPS 坐标。", "zh-CN", "GPS 坐标"),
        ("A weekday off. 调休放假。", "en", "A weekday off"),
        ("Only English.", "zh-CN", "Only English"),
    ],
)
def test_a_description_has_two_halves(description: str, language: str, expected: str) -> None:
    assert in_language(description, language) == expected
