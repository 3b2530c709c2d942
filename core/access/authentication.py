"""What an authentication provider is: from a credential to the subject that the provider knows. 身份提供方接口。"""

from __future__ import annotations

from typing import Protocol


class CredentialRefusedError(Exception):
    """The provider does not vouch for this credential: expired, used, forged, meant for somebody else."""


class ProviderUnavailableError(Exception):
    """The provider does not answer, or not in the way that is configured; the text is for the log."""


class Provider(Protocol):
    """Says who presents a credential."""

    async def subject(self, credential: str) -> str:
        """The subject's lasting id at the provider. Raises CredentialRefusedError, ProviderUnavailableError."""
        ...
