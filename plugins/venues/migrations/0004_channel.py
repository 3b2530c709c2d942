"""venues.0004_channel: add field channel to Booking and 1 more."""

from __future__ import annotations

from tortoise import migrations
from tortoise.migrations import operations as ops

from linli.core.records.fields import Text


class Migration(migrations.Migration):
    dependencies = [('venues', '0003_series_and_appeals')]

    operations = [
        ops.AddField(
            model_name='Booking',
            name='channel',
            field=Text(default='APP', db_default='APP', max_length=10),
        ),
        ops.AddField(
            model_name='WaitlistEntry',
            name='channel',
            field=Text(default='APP', db_default='APP', max_length=10),
        ),
    ]
