"""Plainly synthetic people with id numbers and phones, entered over GraphQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from tests.schema.commands.servers import PATIENCE

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREATE = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
    ... on Person { id idNumber phone } ... on Error { code } } }"""
PEOPLE = """query ($after: String) { people(first: 200, after: $after) {
    nodes { idNumber phone } pageInfo { hasNextPage endCursor } } }"""


@dataclass(frozen=True)
class Resident:
    """One of them: `number` from 0 to 99,999,999 makes id number and phone."""

    number: int

    @property
    def id_number(self) -> str:
        """An id number whose check character fits (GB 11643), with 1950-01-01 to 1950-12-28 as birth date."""
        order, day = self.number % 1000, self.number // 1000
        digits = f"4306021950{day // 28 % 12 + 1:02}{day % 28 + 1:02}{order:03}"
        return digits + "10X98765432"[sum(int(it) * weight for it, weight in zip(digits, WEIGHTS, strict=True)) % 11]

    @property
    def phone(self) -> str:
        """A mobile number."""
        return f"139{self.number:08}"

    @property
    def masked(self) -> tuple[str, str]:
        """Id number and phone as they are shown: who can tell this has decrypted both."""
        number, phone = self.id_number, self.phone
        return f"{number[:6]}********{number[-4:]}", f"{phone[:3]}****{phone[-4:]}"


class Office:
    """Whoever enters people: speaks to one district with a token."""

    def __init__(self, url: str, district: str, token: str) -> None:
        self._http = httpx.Client(timeout=PATIENCE, headers={"authorization": f"Bearer {token}"})
        self._url = f"{url}/d/{district}/graphql"
        self.root = self.ask('{ org(code: "430602000000") { id } }')["org"]["id"]

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must be without errors."""
        response = self._http.post(self._url, json={"query": query, "variables": variables})
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        return answer["data"]

    def do(self, mutation: str, given: Any) -> str:
        """The id of what a mutation made, which must not refuse."""
        named = f"{mutation[0].upper()}{mutation[1:]}"
        text = f"mutation ($input: {named}Input!) {{ {mutation}(input: $input) {{ ... on Node {{ id }} }} }}"
        return str(self.ask(text, input=given)[mutation]["id"])

    def enter(self, resident: Resident) -> Any:
        """What createPerson answered."""
        given = {"name": f"示例{resident.number}", "idNumber": resident.id_number, "phone": resident.phone}
        return self.ask(CREATE, input={**given, "habitualResidenceId": self.root})["createPerson"]

    def everybody(self) -> set[tuple[str, str]]:
        """Everybody's id number and phone, masked."""
        found: set[tuple[str, str]] = set()
        page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            people = self.ask(PEOPLE, after=page["endCursor"])["people"]
            found |= {(it["idNumber"], it["phone"]) for it in people["nodes"]}
            page = people["pageInfo"]
        return found

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()
