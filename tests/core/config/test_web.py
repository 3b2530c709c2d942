"""Origins and proxies in [server]: what is accepted, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.core.config import check, load

DISTRICT = '[districts.here]\nname = "示例区"\n'


def write(folder: Path, line: str) -> Path:
    file = folder / "linli.toml"
    file.write_text(f"[server]\n{line}\n{DISTRICT}", "utf-8")
    return file


def test_websites_and_proxies_are_listed(tmp_path: Path) -> None:
    lines = (
        'cors_origins = ["https://a.example:8443", "http://localhost:5173"]\ntrusted_proxies = ["::1", "10.0.0.0/8"]'
    )
    server = load(write(tmp_path, lines), {}).server
    assert server.cors_origins == ("https://a.example:8443", "http://localhost:5173")
    assert server.trusted_proxies == ("::1", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('cors_origins = ["*"]', "an origin as browsers send it"),
        ('cors_origins = ["https://a.example/"]', "no path"),
        ('cors_origins = ["a.example"]', "an origin"),
        ('trusted_proxies = ["proxy.example"]', "an address or a network"),
        ('trusted_proxies = ["10.0.0.1/8"]', "an address or a network"),
        ("max_seconds = 0", "max_seconds"),
    ],
)
def test_what_means_no_place_is_refused(tmp_path: Path, line: str, said: str) -> None:
    (finding,) = check(write(tmp_path, line), {})
    assert finding.severity == "ERROR"
    assert finding.line == 2
    assert said in finding.render()
