"""The registry over GraphQL: what tests send, and what they look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Tree

CREDIT_CODES = ("91110000600037341L", "91440101MA5ABCDE1M")
TOLD = """__typename ... on Error { code message path }
    ... on ValidationError { fields { path code } }"""


def org(node: OrgNode) -> str:
    return global_id("OrgNode", node.id)


def who(person: Person) -> str:
    return global_id("Person", person.id)


@dataclass
class Office:
    """Staff of the community at work: each mutation by its name, and what came of it."""

    client: Client
    tree: Tree

    async def send(self, mutation: str, also: str = "", **given: Any) -> dict[str, Any]:
        pascal = mutation[0].upper() + mutation[1:]
        record = "" if mutation == "verifyFields" else "... on Node { id }"
        text = f"mutation ($input: {pascal}Input!) {{ {mutation}(input: $input) {{ {TOLD} {record} {also} }} }}"
        answer: dict[str, Any] = await self.client.mutate(text, input=given)
        return answer

    async def do(self, mutation: str, **given: Any) -> str:
        """Send what must be carried out; the id of the record."""
        answer = await self.send(mutation, **given)
        assert "id" in answer, (mutation, given, answer)
        id_: str = answer["id"]
        return id_

    async def refused(self, mutation: str, **given: Any) -> str:
        """The code of a refusal: of the one field that is wrong, or else of the whole."""
        answer = await self.send(mutation, **given)
        assert "code" in answer, (mutation, given, answer)
        problems = answer.get("fields", [])
        assert len(problems) <= 1, problems
        code: str = problems[0]["code"] if problems else answer["code"]
        return code

    async def home(self, number: str = "502", **more: Any) -> str:
        """Enter a flat of the community."""
        place = {"orgId": org(self.tree.community), "use": "RESIDENTIAL"}
        return await self.do("createPremises", **{**place, "number": number, **more})

    async def owner(self, home: str, person: Person, numerator: int = 1, denominator: int = 1, **more: Any) -> str:
        """Enter that somebody owns a share."""
        share = {"numerator": numerator, "denominator": denominator}
        return await self.do("createTenure", premisesId=home, personId=who(person), kind="OWNER", share=share, **more)
