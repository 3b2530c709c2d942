"""What an import found and did, shown row by row. 导入报告。"""

from __future__ import annotations

from linli.core.errors import Text
from linli.core.graph.imports import Change, ImportReport, Outcome, Stage

from .language import words
from .messages import note
from .tables import table

STAGES = {
    Stage.READING: words("reading"),
    Stage.CHECKING: words("checking"),
    Stage.WRITING: words("writing"),
}
_OUTCOMES = {
    Outcome.ADDED: words("added"),
    Outcome.RENAMED: words("renamed"),
    Outcome.MOVED: words("moved"),
    Outcome.LOCATED: words("located"),
    Outcome.GONE: words("gone"),
}
_HEADERS = (
    *(words("line"), words("change"), words("kind"), words("code")),
    *(words("name"), words("before"), words("after"), words("done")),
)


def show(report: ImportReport) -> None:
    """Show a report: what is wrong, or what differs; then the sums, on stderr what is to be known beside."""
    if report.problem_count:
        _show_problems(report)
    else:
        _show_changes(report)
    _tell_sums(report)
    _tell_proposals(report)


def _show_problems(report: ImportReport) -> None:
    rows = [(_line(it.line), it.column, it.code, it.message) for it in report.problems]
    table([words("line"), words("column"), words("code"), words("problem")], rows)
    if report.problem_count > len(report.problems):
        note(words("the first {shown} of {count} problems", shown=len(report.problems), count=report.problem_count))


def _show_changes(report: ImportReport) -> None:
    if report.changes:
        table(_HEADERS, [_row(change, report) for change in report.changes])


def _row(change: Change, report: ImportReport) -> tuple[Text | str, ...]:
    done = _done(report) if change.applied else words("listed only")
    before, after = change.before or "", change.after or ""
    return (_line(change.line), _OUTCOMES[change.outcome], change.kind, change.code, change.name, before, after, done)


def _done(report: ImportReport) -> Text:
    return words("written") if report.written else words("not written")


def _line(line: int | None) -> str:
    return "" if line is None else str(line)


def _tell_sums(report: ImportReport) -> None:
    rows, encoding = report.rows, report.encoding
    note(words("rows: {rows} ({encoding}), unchanged: {count}", rows=rows, encoding=encoding, count=report.unchanged))
    for outcome, word in _OUTCOMES.items():
        for applied, done in ((True, _done(report)), (False, words("listed only"))):
            if count := report.count(outcome, applied=applied):
                note(words("{outcome}: {count}, {done}", outcome=word, count=count, done=done))


def _tell_proposals(report: ImportReport) -> None:
    for it in report.proposals:
        old, new = f"{it.old_code} {it.old_name}", f"{it.code} {it.name}"
        note(
            words("line {line}: {new} is new, {old} is not in the file; are they one?", line=it.line, new=new, old=old)
        )
    if report.proposals:
        note(words("if so, `linli org merge OLD --into NEW` after the import keeps the history together"))
