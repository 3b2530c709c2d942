"""`linli stats`: figures of one district, or of all, as far as they answer."""

from __future__ import annotations

import json

from .projects import Linli, Project


def test_figures_of_all_districts_are_printed(project: Project, linli: Linli) -> None:
    assert linli("migrate", "--config", project.config).exit_code == 0
    result = linli("stats", "--all-districts", "--config", project.config)
    assert result.exit_code == 0, result.output
    head, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert head[:4] == ["district", "people", "organisations", "open deliveries"]
    assert [row[:3] for row in rows] == [[key, "0", "1"] for key in project.keys]


def test_a_district_that_is_behind_hides_no_other(project: Project, linli: Linli) -> None:
    first, second = project.keys
    assert linli("migrate", "--district", first, "--config", project.config).exit_code == 0
    result = linli("stats", "--all-districts", "--format", "json", "--config", project.config)
    assert result.exit_code == 1
    told = {one["district"]: one for one in json.loads(result.stdout)}
    assert told[first]["organisations"] == 1
    assert told[first]["events"] == told[first]["last_sequence"] + (0 if "sqlite" in project.url else 1)
    assert "linli migrate" in told[second]["problem"]
    assert f"figures are missing of {second}" in result.stderr


def test_one_district_alone_has_the_figures_of_its_plugins(migrated: Project, linli: Linli) -> None:
    migrated.write(plugins='["venues"]')
    assert linli("migrate", "--config", migrated.config).exit_code == 0
    result = linli("stats", "--district", migrated.key, "--format", "json", "--config", migrated.config)
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.stdout)
    assert told["plugins"] == ["venues"]
    assert told["contributed"] == {"venues.venues": 0, "venues.bookings": 0, "venues.booking_people": 0}
