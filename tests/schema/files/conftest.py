"""What tests of files send, and how."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from PIL import Image

from linli.core.districts import District
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import org

PHOTO = "venues.photo"
EVIDENCE = "core.consent_evidence"


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    """A picture: its left half red, its right half blue."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    kept = io.BytesIO()
    made.save(kept, kind, **more)
    return kept.getvalue()


def pdf(text: str = "x") -> bytes:
    """As little of a PDF as there can be."""
    return f"%PDF-1.7\n% {text}\n%%EOF\n".encode()


@dataclass
class Uploaded:
    """What came back."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    @property
    def code(self) -> str | None:
        """The code of the refusal."""
        errors = self.body.get("errors")
        return None if errors is None else str(errors[0]["extensions"]["code"])

    @property
    def id(self) -> str:
        """The file's id."""
        assert "id" in self.body, self.body
        return str(self.body["id"])


async def upload(
    client: Client,
    content: bytes,
    purpose: str | None = PHOTO,
    name: str = "photo.jpg",
    *,
    kind: str = "application/octet-stream",
    sha256: str | None = None,
    headers: dict[str, str] | None = None,
    **values: str,
) -> Uploaded:
    """Send a file as the client."""
    data = {
        **values,
        **({} if purpose is None else {"purpose": purpose}),
        **({} if sha256 is None else {"sha256": sha256}),
    }
    sent = {**({} if client.token is None else {"authorization": f"Bearer {client.token}"}), **(headers or {})}
    answer = await client.http.post(
        client.path.replace("/graphql", "/files"), data=data, files={"file": (name, content, kind)}, headers=sent
    )
    return Uploaded(answer.status_code, answer.json(), answer.headers)


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Office:
    """A venue, its owner, and others."""

    owner: Client
    venue: str
    nobody: Client
    neighbour: Client
    staff: Client


@pytest.fixture
async def office(client: Clients, tree: Tree, district: District) -> Office:
    """The unit's admin with a venue; a neighbour who lives there; staff who record what people say."""
    owner = await client("unit-admin", at=tree.unit)
    made = await owner.mutate(
        "mutation ($input: CreateVenueInput!) { createVenue(input: $input) { ... on Venue { id } } }",
        input={
            "name": "球场",
            "kind": "COURT",
            "ownerId": org(tree.unit),
            "communityId": org(tree.community),
            "capacity": 10,
        },
    )
    return Office(
        owner,
        made["id"],
        await client(),
        await client("resident", at=tree.community, person=tree.neighbour),
        await client("district-admin", at=tree.root),
    )


ADD = """mutation ($input: AddVenuePhotosInput!) { addVenuePhotos(input: $input) {
    ... on Venue { version photos { totalCount nodes { id name size mediaType sha256 state url } } }
    ... on Error { code message path } } }"""
REMOVE = """mutation ($input: RemoveVenuePhotoInput!) { removeVenuePhoto(input: $input) {
    ... on Venue { version photos { totalCount } } ... on Error { code } } }"""
SEEN = "query ($id: ID!) { file(id: $id) { name url(expiresIn: 60) } }"


async def fetch(client: Client, url: str, **headers: str) -> httpx.Response:
    """What a link answers, without any token."""
    return await client.http.get(url, headers=headers)
