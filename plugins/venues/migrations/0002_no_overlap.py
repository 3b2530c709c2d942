"""venues.0002_no_overlap: PostgreSQL itself keeps two bookings out of one exclusive unit."""

from __future__ import annotations

from tortoise import migrations

from linli.core.records.migrations import RunDialectSQL

# SQLite has one writer, which reads before it writes; there is nothing to add there.
# Two migrators that add the extension at the same moment would fail over its name, hence the lock.


class Migration(migrations.Migration):
    dependencies = [("venues", "0001_initial")]

    operations = [
        RunDialectSQL(
            postgres=[
                "SELECT pg_advisory_xact_lock(hashtext('linli.extension.btree_gist'))",
                "CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public",
                """ALTER TABLE "venues_booking" ADD CONSTRAINT "venues_booking_no_overlap" EXCLUDE USING gist (
                    "venue_id" public.gist_uuid_ops WITH OPERATOR(pg_catalog.=),
                    "unit" public.gist_int4_ops WITH OPERATOR(pg_catalog.=),
                    tstzrange("start", "held_until") WITH OPERATOR(pg_catalog.&&)
                ) WHERE ("held_until" IS NOT NULL AND "state" IN ('CONFIRMED', 'PROVISIONAL', 'IN_USE'))""",
            ],
            reverse_postgres=[
                'ALTER TABLE IF EXISTS "venues_booking" DROP CONSTRAINT IF EXISTS "venues_booking_no_overlap"'
            ],
        )
    ]
