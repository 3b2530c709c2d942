"""`linli keys`: the keys under which personal values are encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import CommandError, say, unknown
from ..progress import progress
from ..running import entered, run
from ..tables import table

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.records.models import KeyEpoch
    from linli.core.records.rotation import Rotated

app = typer.Typer(cls=Group, help="Keys of encrypted values. 加密密钥。")

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]


@app.command()
def status(district: DistrictOption = None) -> None:
    """Show under which keys the district's values are kept. 查看密钥期。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    rows = [
        (str(epoch.number), epoch.master, epoch.suite, f"{epoch.created_at:%Y-%m-%d %H:%M}", _until(epoch))
        for epoch in run(_epochs(call, key))
    ]
    table([words("epoch"), words("master key"), words("suite"), words("since (UTC)"), words("retired (UTC)")], rows)


def _until(epoch: KeyEpoch) -> str:
    return "" if epoch.retired_at is None else f"{epoch.retired_at:%Y-%m-%d %H:%M}"


@app.command()
def rotate(
    district: DistrictOption = None,
    suite: Annotated[
        str | None, typer.Option(metavar="SUITE", help="international or gm; default the configured. 加密套件。")
    ] = None,
) -> None:
    """Exchange the district's keys and encrypt every value anew, also while it is served. 轮换密钥。"""
    from linli.core.crypto.suites import SUITES  # noqa: PLC0415  `linli --help` is to be quick

    if suite is not None and suite not in SUITES:
        raise CommandError(unknown(words("suite"), suite, SUITES))
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    done = run(_rotate(call, key, suite))
    if done.resumed:
        say(words("{key}: a rotation that was cut off is finished", key=key))
    present = done.keyring.present
    say(
        words(
            "{key}: {count} values are encrypted anew, with {cipher} under {id}",
            key=key,
            count=done.values,
            cipher=present.suite.cipher,
            id=present.key_id,
        )
    )
    configured = call.configuration().districts[key].settings.core.at().crypto_suite
    if configured != present.suite.name:
        say(words('{key}: write crypto_suite = "{suite}" in linli.toml too', key=key, suite=present.suite.name))


async def _epochs(call: invocation.Invocation, key: str) -> list[KeyEpoch]:
    from linli.core.records.models import KeyEpoch  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key):
        return list(await KeyEpoch.all().order_by("number"))


async def _rotate(call: invocation.Invocation, key: str, suite: str | None) -> Rotated:
    async with entered(call.configuration(), call.installed, key) as district:
        return await _rotated(call, district, suite)


async def _rotated(call: invocation.Invocation, district: District, suite: str | None) -> Rotated:
    from linli.core.districts.custody import custody_of  # noqa: PLC0415
    from linli.core.districts.stewards import kept_models  # noqa: PLC0415
    from linli.core.records.rotation import RotationUnderWayError, rotate, with_suite  # noqa: PLC0415

    custody = custody_of(call.configuration(), call.installed, district.key)
    chosen = custody if suite is None else with_suite(custody, suite)
    models = await kept_models(district)
    try:
        with progress() as bar:
            return await rotate(district.store, chosen, models, progress=lambda column, count: bar(column, count, 0))
    except RotationUnderWayError as error:
        raise CommandError(words("{key}: its keys are being rotated already", key=district.key)) from error
