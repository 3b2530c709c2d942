"""What becomes of a row, and which rows came before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import Text, text
from linli.core.records.record import new_id
from linli.core.sheet_imports.applying import read, written
from linli.core.sheet_imports.drafts import RowDraft, Someone
from linli.core.sheet_imports.planning import Seen
from linli.core.sheet_imports.words import RowOutcome
from linli.core.spreadsheets.findings import Level
from linli.core.spreadsheets.rows import SheetRow


def test_of_a_row_with_an_error_nothing_is_written() -> None:
    draft = RowDraft(2, {"person.name": 1})
    assert [draft.outcome] == [RowOutcome.UNCHANGED]
    draft.people.append((Someone(new_id(), {"name": "示例"}), frozenset()))
    assert [draft.outcome] == [RowOutcome.CREATED]
    draft.find(Level.WARNING, "DIFFERS", text("x"), "person.name")
    assert (draft.outcome, draft.findings[0].column) == (RowOutcome.CREATED, 1)
    draft.refuse("NAME_DIFFERS", text("x"), "person.phone")
    assert (draft.outcome, draft.findings[1].column) == (RowOutcome.REFUSED, None)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3)), max_size=20))
def test_a_row_that_came_before_is_told_once_and_however_often_it_is_looked_at(values: list[dict[str, int]]) -> None:
    seen, rows = Seen(), [SheetRow(number, one) for number, one in enumerate(values, start=2)]
    first = [seen.before(row) for row in rows]
    assert first == [seen.before(row) for row in rows]
    for row, earlier in zip(rows, first, strict=True):
        same = next(one.number for one in rows if one.values == row.values)
        assert earlier == (None if same == row.number else same)


@given(st.text(), st.text())
def test_what_was_found_is_kept_with_its_parameters(one: str, other: str) -> None:
    told = Text("{found}: {near}", {"found": one, "near": Text("{x}", {"x": other})})
    assert read(written(told)) == told
