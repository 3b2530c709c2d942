"""A fake identity provider on the loopback: OpenID keys, and the shapes of WeChat, 企业微信 and 钉钉."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from linli.core import clock

ISSUER, AUDIENCE = "https://sso.example.gov.cn", "linli-yueyanglou"
SECRET = "the app's secret"


@dataclass
class FakeProvider:
    """What it answers with, and what it was asked."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"}))
    down: bool = False
    counting_once: bool = False
    """Whether WeChat's code counts once, as it does in truth."""
    asked: list[str] = field(default_factory=list)
    slow: asyncio.Event | None = None
    """What WeChat's answers wait for; how many wait is `arrived`."""
    arrived: int = 0
    url: str = ""

    def token(self, *, key: ECKey | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that is right but for what is given; None takes a claim away."""
        now = int(clock.now().timestamp())
        told = {"iss": ISSUER, "aud": AUDIENCE, "sub": "resident-7", "iat": now, "exp": now + 300, **claims}
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": "k1", **(header or {})}, kept, key or self.key)

    async def keys(self, _request: Request) -> Response:
        return self._answer("keys", {"keys": [self.key.as_dict(private=False)]})

    async def wechat(self, request: Request) -> Response:
        """GET sns/jscode2session"""
        its = request.query_params
        self.arrived += 1
        if self.slow is not None:
            await self.slow.wait()
        right = its["appid"] == "wx-app" and its["secret"] == SECRET and its["grant_type"] == "authorization_code"
        spent = self.counting_once and "wechat" in self.asked
        if not right or its["js_code"] != "good" or spent:
            return self._answer("wechat", {"errcode": 40029, "errmsg": "invalid code"})
        return self._answer("wechat", {"openid": "o-resident-7", "session_key": "k", "unionid": "u"})

    async def wecom_token(self, request: Request) -> Response:
        """GET cgi-bin/gettoken"""
        its = request.query_params
        right = its["corpid"] == "corp" and its["corpsecret"] == SECRET
        return self._answer("wecom token", {"errcode": 0, "access_token": "app-token"} if right else {"errcode": 40013})

    async def wecom_user(self, request: Request) -> Response:
        """GET cgi-bin/auth/getuserinfo"""
        its = request.query_params
        if its["access_token"] != "app-token" or its["code"] != "good":
            return self._answer("wecom user", {"errcode": 40029})
        return self._answer("wecom user", {"errcode": 0, "userid": "li.hua"})

    async def dingtalk_token(self, request: Request) -> Response:
        """POST v1.0/oauth2/userAccessToken"""
        its = await request.json()
        wanted = {"clientId": "ding", "clientSecret": SECRET, "code": "good", "grantType": "authorization_code"}
        if its != wanted:
            return self._answer("dingtalk token", {"code": "invalid.code"}, status=400)
        return self._answer("dingtalk token", {"accessToken": "user-token", "expireIn": 7200})

    async def dingtalk_user(self, request: Request) -> Response:
        """GET v1.0/contact/users/me"""
        assert request.headers["x-acs-dingtalk-access-token"] == "user-token"
        return self._answer("dingtalk user", {"unionId": "union-7", "nick": "x"})

    def _answer(self, name: str, body: Any, status: int = 200) -> Response:
        self.asked.append(name)
        return Response("<html>", 502) if self.down else JSONResponse(body, status)

    @property
    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/keys", self.keys),
                Route("/sns/jscode2session", self.wechat),
                Route("/cgi-bin/gettoken", self.wecom_token),
                Route("/cgi-bin/auth/getuserinfo", self.wecom_user),
                Route("/v1.0/oauth2/userAccessToken", self.dingtalk_token, methods=["POST"]),
                Route("/v1.0/contact/users/me", self.dingtalk_user),
            ]
        )


@asynccontextmanager
async def serving() -> AsyncIterator[FakeProvider]:
    """A fake provider that answers on a free port until the test is over."""
    fake = FakeProvider()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        fake.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(fake.application, log_config=None, lifespan="off"))
        running = asyncio.create_task(server._serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield fake
        server.should_exit = True
        await running
