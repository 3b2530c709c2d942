from __future__ import annotations

from itertools import permutations

import pytest

from linli.core.records.migrations import AppMigrations, BadMigrationError
from linli.core.records.migrations.apps import in_order, named, reachable


def app(label: str, *depends_on: str) -> AppMigrations:
    return AppMigrations(label, f"{label}.models", f"{label}.migrations", depends_on)


APPS = [app("aged"), app("core"), app("points", "venues"), app("venues", "core")]


@pytest.mark.parametrize("apps", list(permutations(APPS)))
def test_t2_apps_are_ordered_by_what_they_depend_on_however_they_are_given(apps: tuple[AppMigrations, ...]) -> None:
    assert [one.label for one in in_order(apps)] == ["core", "aged", "venues", "points"]


def test_every_app_depends_on_core_unsaid() -> None:
    assert reachable(APPS) == {
        "core": frozenset(),
        "aged": {"core"},
        "venues": {"core"},
        "points": {"core", "venues"},
    }


@pytest.mark.parametrize(
    ("apps", "message"),
    [
        ([app("core"), app("points", "venue"), app("venues")], "points depends on 'venue', .*did you mean 'venues'"),
        ([app("points", "venues")], "points depends on 'venues', which is not here"),
        ([app("a", "b"), app("b", "a")], "in a circle: a -> b -> a|in a circle: b -> a -> b"),
        ([app("core"), app("core")], "'core' is given twice"),
    ],
)
def test_apps_that_do_not_fit_together_are_refused(apps: list[AppMigrations], message: str) -> None:
    with pytest.raises(BadMigrationError, match=message):
        in_order(apps)


def test_an_app_is_found_by_its_label_or_the_nearest_is_named() -> None:
    assert named(APPS, "venues") is APPS[3]
    with pytest.raises(BadMigrationError, match="no app 'venue'; did you mean 'venues'"):
        named(APPS, "venue")
    with pytest.raises(BadMigrationError, match="no app 'zzz'; there are: aged, core, points, venues"):
        named(APPS, "zzz")
