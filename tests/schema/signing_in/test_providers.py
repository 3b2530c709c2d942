"""Signing in by OpenID Connect and OAuth2, against a provider that runs beside the test."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from linli.core import clock as clocks
from linli.core.access.models import Account, Identity, SecondFactor
from linli.core.access.origin import Origin
from linli.core.access.sessions import open_session
from linli.core.access.turns import Turns
from linli.core.districts import District
from linli.core.people import services as people
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.core import identities as signing_in
from linli.schema.testing import Client, Clients, Tree
from tests.schema.signing_in import test_bindings as bindings
from tests.schema.signing_in.conftest import From, Register
from tests.schema.signing_in.provider import AUDIENCE, ISSUER, SECRET, FakeProvider, serving

LOGIN = """mutation ($input: LoginWithInput!) { loginWith(input: $input) {
    ... on Session { token refreshToken } ... on Error { errorCode: code } } }"""
BIND = """mutation ($input: BindIdentityInput!) { bindIdentity(input: $input) {
    ... on Identity { id provider } ... on Error { errorCode: code } } }"""
UNBIND = """mutation ($id: ID!) { unbindIdentity(input: {identityId: $id}) {
    ... on Identity { unboundAt } ... on Error { errorCode: code } } }"""
MINE = "{ viewer { account { username } identities { provider } } }"
KEY = "LINLI_TEST_PROVIDER"

APP = {"client_id": "wx-app", "client_secret": f"$env:{KEY}_SECRET"}
WECHAT = {
    **APP,
    "token": {
        "url": f"$env:{KEY}_WECHAT",
        "query": {
            "appid": "{client_id}",
            "secret": "{client_secret}",
            "js_code": "{code}",
            "grant_type": "authorization_code",
        },
    },
    "subject": "openid",
    "error": "errcode",
}
WECOM = {
    **APP,
    "client_id": "corp",
    "token": {"url": f"$env:{KEY}_WECOM_TOKEN", "query": {"corpid": "{client_id}", "corpsecret": "{client_secret}"}},
    "keep_token_seconds": 7000,
    "user": {"url": f"$env:{KEY}_WECOM_USER", "query": {"access_token": "{token}", "code": "{code}"}},
    "subject": "userid",
    "error": "errcode",
}
DINGTALK = {
    **APP,
    "client_id": "ding",
    "token": {
        "url": f"$env:{KEY}_DINGTALK_TOKEN",
        "method": "POST",
        "body": {
            "clientId": "{client_id}",
            "clientSecret": "{client_secret}",
            "code": "{code}",
            "grantType": "authorization_code",
        },
    },
    "token_path": "accessToken",
    "user": {"url": f"$env:{KEY}_DINGTALK_USER", "headers": {"x-acs-dingtalk-access-token": "{token}"}},
    "subject": "unionId",
}
GOV = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": f"$env:{KEY}_KEYS"}
pytestmark = pytest.mark.linli(
    settings={"core": {"oidc": {"gov": GOV}, "oauth2": {"wechat": WECHAT, "wecom": WECOM, "dingtalk": DINGTALK}}}
)
FEW = pytest.mark.linli(
    settings={
        "core": {"oidc": {"gov": GOV}, "oauth2": {"wechat": WECHAT}, "login_tries": 2, "login_tries_per_network": 3}
    }
)
HERE, NEIGHBOUR, ELSEWHERE = "203.0.113.20", "203.0.113.21", "198.51.100.7"
PATHS = {
    "KEYS": "keys",
    "WECHAT": "sns/jscode2session",
    "WECOM_TOKEN": "cgi-bin/gettoken",
    "WECOM_USER": "cgi-bin/auth/getuserinfo",
    "DINGTALK_TOKEN": "v1.0/oauth2/userAccessToken",
    "DINGTALK_USER": "v1.0/contact/users/me",
}


@pytest.fixture(autouse=True)
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeProvider]:
    """The provider that the district's configuration leads to."""
    monkeypatch.setenv(f"{KEY}_SECRET", SECRET)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with serving() as provider:
        for name, path in PATHS.items():
            monkeypatch.setenv(f"{KEY}_{name}", f"{provider.url}/{path}")
        yield provider


@pytest.fixture
async def signed_in(district: District, client: Clients) -> Callable[[Account], Awaitable[Client]]:
    """Clients that go on with a session of an account."""

    async def go_on(account: Account) -> Client:
        nobody = await client()
        with district.scope():
            opened = await transact(lambda _unit: open_session(account.id, "test", Origin(), district.settings))
        return Client(nobody.http, nobody.path, opened.token)

    return go_on


async def come(client: Client, credential: str, provider: str = "gov") -> dict[str, Any]:
    """What `loginWith` answers."""
    found: dict[str, Any] = await client.mutate(LOGIN, input={"provider": provider, "credential": credential})
    return found


async def test_somebody_who_is_bound_signs_in_by_a_token_of_the_provider(
    client: Clients, register: Register, signed_in: Callable[[Account], Awaitable[Client]], fake: FakeProvider
) -> None:
    nobody, mine = await client(), await signed_in(await register())
    assert await come(nobody, fake.token()) == {"errorCode": "IDENTITY_NOT_BOUND"}
    bound = await mine.mutate(BIND, input={"provider": "gov", "credential": fake.token()})
    assert bound["provider"] == "gov"
    session = await come(nobody, fake.token())
    told = (await Client(nobody.http, nobody.path, session["token"]).data(MINE))["viewer"]
    assert told == {"account": {"username": "lihua"}, "identities": [{"provider": "gov"}]}
    assert fake.asked == ["keys"]


def _seconds(offset: int) -> int:
    return int(clocks.now().timestamp()) + offset


def _by_public_key(fake: FakeProvider) -> str:
    """A token signed as if the public key were a secret that both sides share: the classic confusion of algorithms."""
    header = _part(b'{"alg":"HS256","kid":"k1"}')
    signed = f"{header}.{fake.token().split('.')[1]}"
    mac = hmac.new(fake.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_part(mac)}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda fake: fake.token(iss="https://other.example"),
        lambda fake: fake.token(iss=None),
        lambda fake: fake.token(aud="another-app"),
        lambda fake: fake.token(aud=None),
        lambda fake: fake.token(aud=[AUDIENCE, "another-app"]),
        lambda fake: fake.token(aud=[AUDIENCE, "another-app"], azp="another-app"),
        lambda fake: fake.token(exp=_seconds(-61)),
        lambda fake: fake.token(exp=None),
        lambda fake: fake.token(exp="never"),
        lambda fake: fake.token(nbf=_seconds(61)),
        lambda fake: fake.token(sub=None),
        lambda fake: fake.token(sub=7),
        lambda fake: fake.token(sub="resident\x007"),
        lambda fake: fake.token(key=ECKey.generate_key("P-256", {"kid": "k1"})),
        lambda fake: fake.token(header={"kid": "k2"}),
        _by_public_key,
        lambda fake: ".".join(["eyJhbGciOiJub25lIn0", fake.token().split(".")[1], ""]),
        lambda fake: ".".join([*fake.token().split(".")[:2], "AAAA"]),
        lambda fake: "no-token",
    ],
)
async def test_a_token_that_is_not_right_in_everything_is_refused(
    client: Clients,
    register: Register,
    signed_in: Callable[[Account], Awaitable[Client]],
    fake: FakeProvider,
    wrong: Callable[[FakeProvider], str],
) -> None:
    mine = await signed_in(await register())
    await mine.mutate(BIND, input={"provider": "gov", "credential": fake.token()})
    assert await come(await client(), wrong(fake)) == {"errorCode": "INVALID_CREDENTIALS"}


async def test_clocks_may_differ_by_the_skew(client: Clients, fake: FakeProvider) -> None:
    late = fake.token(exp=_seconds(-59), nbf=_seconds(59), aud=["x", AUDIENCE], azp=AUDIENCE)
    assert await come(await client(), late) == {"errorCode": "IDENTITY_NOT_BOUND"}


async def test_keys_are_kept_and_looked_up_again_for_one_that_is_not_among_them(
    client: Clients, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody, passed = await client(), [0.0]
    monkeypatch.setattr("linli.core.providers.oidc.clock.monotonic", lambda: passed[0])
    for _ in range(3):
        assert (await come(nobody, fake.token()))["errorCode"] == "IDENTITY_NOT_BOUND"
    assert fake.asked == ["keys"]
    fake.key = ECKey.generate_key("P-256", {"kid": "k2", "use": "sig"})
    anew = fake.token(header={"kid": "k2"})
    assert (await come(nobody, anew))["errorCode"] == "INVALID_CREDENTIALS"
    passed[0] = 31.0
    assert (await come(nobody, anew))["errorCode"] == "IDENTITY_NOT_BOUND"
    for _ in range(3):
        assert (await come(nobody, fake.token(header={"kid": "made up"})))["errorCode"] == "INVALID_CREDENTIALS"
    assert fake.asked == ["keys"] * 2


async def test_known_keys_count_while_the_issuer_does_not_answer(
    client: Clients, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody, passed = await client(), [0.0]
    monkeypatch.setattr("linli.core.providers.oidc.clock.monotonic", lambda: passed[0])
    fake.down = True
    assert (await come(nobody, fake.token()))["errorCode"] == "PROVIDER_UNAVAILABLE"
    fake.down, passed[0] = False, 31.0
    assert (await come(nobody, fake.token()))["errorCode"] == "IDENTITY_NOT_BOUND"
    fake.down, passed[0] = True, 7200.0
    assert (await come(nobody, fake.token()))["errorCode"] == "IDENTITY_NOT_BOUND"


@pytest.mark.parametrize("provider", ["wechat", "wecom", "dingtalk"])
async def test_a_code_is_exchanged_in_the_way_of_the_provider(
    client: Clients,
    register: Register,
    signed_in: Callable[[Account], Awaitable[Client]],
    fake: FakeProvider,
    provider: str,
) -> None:
    nobody, mine = await client(), await signed_in(await register())
    assert (await mine.mutate(BIND, input={"provider": provider, "credential": "good"}))["provider"] == provider
    assert "token" in await come(nobody, "good", provider)
    assert await come(nobody, "bad", provider) == {"errorCode": "INVALID_CREDENTIALS"}
    if provider == "wecom":
        assert fake.asked.count("wecom token") == 1
    fake.down = True
    assert await come(nobody, "good", provider) == {"errorCode": "PROVIDER_UNAVAILABLE"}


@pytest.mark.parametrize(("provider", "credential"), [("nobody", "good"), ("wechat", "a\nb"), ("wechat", "")])
async def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(
    client: Clients, fake: FakeProvider, provider: str, credential: str
) -> None:
    refused = await come(await client(), credential, provider)
    assert refused["errorCode"] == "VALIDATION"
    assert fake.asked == []


async def test_an_identity_belongs_to_one_account_until_it_is_unbound(
    register: Register,
    signed_in: Callable[[Account], Awaitable[Client]],
    district: District,
    client: Clients,
    events: Callable[[], Awaitable[list[Event]]],
) -> None:
    first, second = await signed_in(await register()), await signed_in(await register("wangwu"))
    given = {"provider": "wechat", "credential": "good"}
    bound = await first.mutate(BIND, input=given)
    assert await first.mutate(BIND, input=given) == bound
    assert await second.mutate(BIND, input=given) == {"errorCode": "CONFLICT"}
    with district.scope():
        kept = await Identity.get()
    assert kept.subject is not None
    assert "o-resident-7" not in kept.subject.stored
    assert await second.mutate(UNBIND, id=bound["id"]) == {"errorCode": "NOT_FOUND"}
    assert (await first.mutate(UNBIND, id=bound["id"]))["unboundAt"]
    with district.scope():
        kept = await Identity.get()
    assert (kept.subject, kept.subject_index) == (None, None)
    assert await come(await client(), "good", "wechat") == {"errorCode": "IDENTITY_NOT_BOUND"}
    assert (await second.mutate(BIND, input=given))["provider"] == "wechat"
    told = [event.type for event in await events() if event.type.startswith("core.identity")]
    assert told == ["core.identity_bound", "core.identity_unbound", "core.identity_bound"]


async def test_a_code_that_counts_once_binds_an_identity_however_often_the_request_comes(
    register: Register,
    signed_in: Callable[[Account], Awaitable[Client]],
    fake: FakeProvider,
    events: Callable[[], Awaitable[list[Event]]],
) -> None:
    mine, fake.counting_once = await signed_in(await register()), True
    given = {"provider": "wechat", "credential": "good", "requestId": "r1"}
    bound, *others = await asyncio.gather(*(mine.mutate(BIND, input=given) for _ in range(4)))
    assert bound["provider"] == "wechat"
    assert [*others, await mine.mutate(BIND, input=given)] == [bound] * 4
    assert fake.asked == ["wechat"]
    assert await mine.mutate(BIND, input={**given, "requestId": "r2"}) == {"errorCode": "INVALID_CREDENTIALS"}
    assert [event.type for event in await events()].count("core.identity_bound") == 1


async def test_a_provider_that_was_silent_is_asked_again_by_the_same_request(
    register: Register, signed_in: Callable[[Account], Awaitable[Client]], fake: FakeProvider
) -> None:
    mine, fake.down = await signed_in(await register()), True
    given = {"provider": "wechat", "credential": "good", "requestId": "r1"}
    assert await mine.mutate(BIND, input=given) == {"errorCode": "PROVIDER_UNAVAILABLE"}
    fake.down = False
    assert (await mine.mutate(BIND, input=given))["provider"] == "wechat"


async def test_the_only_way_to_sign_in_is_not_unbound(
    register: Register, signed_in: Callable[[Account], Awaitable[Client]]
) -> None:
    mine = await signed_in(await register(password_hash=None))
    bound = [
        await mine.mutate(BIND, input={"provider": provider, "credential": "good"}) for provider in ("wechat", "wecom")
    ]
    assert (await mine.mutate(UNBIND, id=bound[0]["id"]))["unboundAt"]
    assert await mine.mutate(UNBIND, id=bound[1]["id"]) == {"errorCode": "LAST_IDENTITY"}


async def test_a_disabled_account_is_not_entered_by_its_identity(
    client: Clients, register: Register, signed_in: Callable[[Account], Awaitable[Client]], district: District
) -> None:
    account = await register()
    await (await signed_in(account)).mutate(BIND, input={"provider": "wechat", "credential": "good"})
    with district.scope():
        await transact(lambda _unit: Account.filter(id=account.id).update(disabled_at=account.created_at))
    assert await come(await client(), "good", "wechat") == {"errorCode": "IDENTITY_NOT_BOUND"}


@FEW
async def test_made_up_tokens_hold_up_nobody_who_has_a_right_one(
    at_address: From, register: Register, signed_in: Callable[[Account], Awaitable[Client]], fake: FakeProvider
) -> None:
    mine = await signed_in(await register())
    await mine.mutate(BIND, input={"provider": "gov", "credential": fake.token()})
    here = at_address(HERE)
    for number in range(6):
        assert await come(here, f"garbage{number}") == {"errorCode": "INVALID_CREDENTIALS"}
    assert "token" in await come(here, fake.token())


@FEW
async def test_made_up_codes_hold_up_their_own_address_alone(
    at_address: From, register: Register, signed_in: Callable[[Account], Awaitable[Client]], fake: FakeProvider
) -> None:
    mine = await signed_in(await register())
    await mine.mutate(BIND, input={"provider": "wechat", "credential": "good"})
    here, fake.down = at_address(HERE), True
    for _ in range(4):
        assert await come(here, "good", "wechat") == {"errorCode": "PROVIDER_UNAVAILABLE"}
    fake.down = False
    for _ in range(3):
        assert await come(here, "bad", "wechat") == {"errorCode": "INVALID_CREDENTIALS"}
    asked = len(fake.asked)
    assert await come(here, "bad", "wechat") == {"errorCode": "RATE_LIMITED"}
    assert len(fake.asked) == asked
    assert "token" in await come(at_address(NEIGHBOUR), "good", "wechat")


@FEW
async def test_few_codes_are_under_way_from_one_address_and_in_all(
    at_address: From, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in, "CODES", Turns(3, 2))
    fake.slow = asyncio.Event()
    here, neighbour, elsewhere = at_address(HERE), at_address(NEIGHBOUR), at_address(ELSEWHERE)
    waiting = [asyncio.create_task(come(here, "good", "wechat")) for _ in range(2)]
    await _arrived(fake, 2)
    assert await come(here, "good", "wechat") == {"errorCode": "RATE_LIMITED"}
    waiting.append(asyncio.create_task(come(neighbour, "good", "wechat")))
    await _arrived(fake, 3)
    assert await come(elsewhere, "good", "wechat") == {"errorCode": "RATE_LIMITED"}
    fake.slow.set()
    assert await asyncio.gather(*waiting) == [{"errorCode": "IDENTITY_NOT_BOUND"}] * 3
    assert await come(elsewhere, "good", "wechat") == {"errorCode": "IDENTITY_NOT_BOUND"}


async def _arrived(fake: FakeProvider, many: int) -> None:
    async with asyncio.timeout(60):
        while fake.arrived < many:
            await asyncio.sleep(0.01)


@FEW
async def test_an_account_that_is_tried_from_everywhere_is_still_known_where_it_signed_in_before(
    at_address: From,
    register: Register,
    signed_in: Callable[[Account], Awaitable[Client]],
    *,
    fake: FakeProvider,
    district: District,
) -> None:
    account = await register()
    await (await signed_in(account)).mutate(BIND, input={"provider": "gov", "credential": fake.token()})
    home, fresh = at_address(HERE), at_address(ELSEWHERE)
    assert "token" in await come(home, fake.token())
    with district.scope():
        await transact(lambda _unit: SecondFactor.create(account_id=account.id, confirmed_at=account.created_at))
    asked = {"errorCode": "SECOND_FACTOR_REQUIRED"}
    for number in range(20):
        assert await come(at_address(f"10.0.{number}.1"), fake.token()) == asked
    assert [await come(home, fake.token()) for _ in range(2)] == [asked] * 2
    assert [await come(fresh, fake.token()) for _ in range(2)] == [asked, {"errorCode": "RATE_LIMITED"}]


async def test_old_keys_count_no_longer_than_a_day_while_the_issuer_does_not_answer(
    client: Clients, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody, passed = await client(), [0.0]
    monkeypatch.setattr("linli.core.providers.oidc.clock.monotonic", lambda: passed[0])
    assert (await come(nobody, fake.token()))["errorCode"] == "IDENTITY_NOT_BOUND"
    fake.down, passed[0] = True, 86_400.0
    assert (await come(nobody, fake.token()))["errorCode"] == "IDENTITY_NOT_BOUND"
    passed[0] = 86_401.0
    assert (await come(nobody, fake.token()))["errorCode"] == "PROVIDER_UNAVAILABLE"
    fake.down, passed[0] = False, 86_500.0
    assert (await come(nobody, fake.token()))["errorCode"] == "IDENTITY_NOT_BOUND"


async def test_many_at_once_ask_for_the_keys_once(
    client: Clients, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody, passed = await client(), [0.0]
    monkeypatch.setattr("linli.core.providers.oidc.clock.monotonic", lambda: passed[0])
    answers = await asyncio.gather(*(come(nobody, fake.token()) for _ in range(6)))
    assert answers == [{"errorCode": "IDENTITY_NOT_BOUND"}] * 6
    assert fake.asked == ["keys"]
    passed[0] = 31.0
    made_up = [fake.token(header={"kid": f"made up {number}"}) for number in range(6)]
    answers = await asyncio.gather(*(come(nobody, token) for token in made_up))
    assert answers == [{"errorCode": "INVALID_CREDENTIALS"}] * 6
    assert fake.asked == ["keys"] * 2


@pytest.mark.parametrize("named", [True, False])
async def test_the_maker_of_an_account_keeps_no_way_in_by_an_identity_of_their_own(
    client: Clients, fake: FakeProvider, district: District, tree: Tree, *, named: bool
) -> None:
    """They know its first password; what they bind with that would let them in after the person changed it."""
    phone = "13800000011"
    with district.scope():
        person = await transact(
            lambda _unit: people.create_person(name="示例老人", phone=phone, habitual_residence_id=tree.community.id)
        )
    boss, nobody = await client("district-admin"), await client()
    mine = await bindings.made_by(boss, client, person if named else None)
    bound = await mine.mutate(BIND, input={"provider": "gov", "credential": fake.token()})
    assert bound == {"errorCode": "PERSON_UNCONFIRMED"} if named else bound["provider"] == "gov"
    if not named:
        await mine.data(bindings.CLAIM, input={"name": "示例老人", "phone": phone})
    second = await client("district-admin", at=tree.community)
    assert await second.mutate(bindings.APPROVE, id=await bindings.waiting(second)) == {"state": "APPROVED"}
    assert await come(nobody, fake.token()) == {"errorCode": "IDENTITY_NOT_BOUND"}
    own = await mine.mutate(BIND, input={"provider": "gov", "credential": fake.token()})
    assert own["provider"] == "gov", "once it is somebody's it is theirs to bind"


async def test_who_has_no_password_keeps_the_identity_to_sign_in_by_when_a_claim_is_approved(
    client: Clients,
    register: Register,
    signed_in: Callable[[Account], Awaitable[Client]],
    *,
    fake: FakeProvider,
    district: District,
    tree: Tree,
) -> None:
    phone = "13800000011"
    with district.scope():
        await transact(
            lambda _unit: people.create_person(name="示例老人", phone=phone, habitual_residence_id=tree.community.id)
        )
    nobody, mine = await client(), await signed_in(await register(password_hash=None))
    assert (await mine.mutate(BIND, input={"provider": "gov", "credential": fake.token()}))["provider"] == "gov"
    await mine.data(bindings.CLAIM, input={"name": "示例老人", "phone": phone})
    second = await client("district-admin", at=tree.community)
    assert await second.mutate(bindings.APPROVE, id=await bindings.waiting(second)) == {"state": "APPROVED"}
    assert "token" in await come(nobody, fake.token())
