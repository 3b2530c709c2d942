"""What an authentication provider is: from a credential to the subject that the provider knows. 身份提供方接口。"""

from __future__ import annotations

from typing import Protocol


class CredentialRefusedError(Exception):
    """The provider does not vouch for this credential: expired, used, forged, meant for somebody else."""


class ProviderUnavailableError(Exception):
    """The provider does not answer, or not in the way that is configured; the text is for the log."""


class Provider(Protocol):
    """Says who presents a credential.

    One that judges a credential by itself, such as by its signature, may say so by `verifies_here = True`: then wrong
    ones are neither counted nor bounded. Others ask a server each time: those are counted by address.
    """

    async def subject(self, credential: str) -> str:
        """The subject's lasting id at the provider. Raises CredentialRefusedError, ProviderUnavailableError."""
        ...


def verifies_here(provider: Provider) -> bool:
    """Whether a provider judges credentials without asking a server for each."""
    return bool(getattr(provider, "verifies_here", False))
