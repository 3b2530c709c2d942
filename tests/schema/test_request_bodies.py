"""What is kept of a request with a requestId: enough to know it again, nothing to find out what it said."""

from __future__ import annotations

from typing import Any

from linli.core.districts import District, Platform
from linli.core.records.models import Request
from linli.core.records.requests import body_hash
from linli.schema.testing import Clients
from tests.core.records.test_encryption import NUMBER, exchange

ENTER = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
    ... on Person { id } ... on Error { errorCode: code } } }"""


async def test_an_id_number_is_not_found_out_by_trying_them_all_against_a_kept_request(
    client: Clients, district: District
) -> None:
    """Name, residence and date of birth stand beside it in plain text: a plain hash leaves a thousand to try."""
    said = {"idNumber": NUMBER, "name": "示例甲", "requestId": "from the tablet"}
    assert "id" in await (await client("district-admin")).mutate(ENTER, input=said)
    with district.scope():
        kept = await Request.get(key="from the tablet")
    tried = [{"input": dict(sorted(body.items()))} for body in (said, {**said, "requestId": None})]
    tried += [{"input": {"idNumber": NUMBER, "name": "示例甲"}}]
    for name in ("create_person", "createPerson"):
        assert kept.body_hash not in [body_hash(name, body) for body in tried]
    assert kept.body_hash.startswith("k1.1:")


async def test_a_request_is_known_again_after_the_keys_were_exchanged(
    client: Clients, district: District, platform: Platform
) -> None:
    boss = await client("district-admin")
    said: dict[str, Any] = {"idNumber": NUMBER, "name": "示例甲", "requestId": "1"}
    made = await boss.mutate(ENTER, input=said)
    assert await boss.mutate(ENTER, input=said) == made
    assert await boss.mutate(ENTER, input={**said, "name": "示例乙"}) == {"errorCode": "IDEMPOTENCY_KEY_REUSED"}
    await exchange(platform, district)
    assert await boss.mutate(ENTER, input=said) == made
