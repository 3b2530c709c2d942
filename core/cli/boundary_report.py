"""What an import of outlines found and did, shown feature by feature. 边界导入报告。"""

from __future__ import annotations

from linli.core.graph.imports import BoundaryReport
from linli.core.graph.outlines.fit import Misfit

from .language import words
from .messages import note
from .tables import table

FITS_SHOWN = 1000

_MISFITS = {
    Misfit.GAP: words("gap"),
    Misfit.OVERLAP: words("overlap"),
    Misfit.OUTSIDE: words("outside the parent"),
}


def show(report: BoundaryReport) -> None:
    """Show a report: what is wrong, or what changes and how it fits; then the sums, on stderr."""
    if report.problem_count:
        _show_problems(report)
    else:
        _show_changes(report)
        _show_fits(report)
    _tell_sums(report)


def _show_problems(report: BoundaryReport) -> None:
    rows = [("" if it.line is None else str(it.line), it.column, it.code, it.message) for it in report.problems]
    table([words("feature"), words("where"), words("code"), words("problem")], rows)
    if report.problem_count > len(report.problems):
        note(words("the first {shown} of {count} problems", shown=len(report.problems), count=report.problem_count))


def _show_changes(report: BoundaryReport) -> None:
    done = words("written") if report.written else words("not written")
    headers = [words("feature"), words("kind"), words("code"), words("name")]
    headers += [words("before, m²"), words("after, m²"), words("done")]
    rows = [
        (str(it.feature), it.kind, it.code, it.name, _area(it.before), _area(it.after), done) for it in report.changes
    ]
    if rows:
        table(headers, rows)


def _show_fits(report: BoundaryReport) -> None:
    if not report.fits:
        return
    headers = [words("finding"), words("kind"), words("parent"), words("places")]
    headers += [words("area, m²"), words("longitude"), words("latitude")]
    rows = [
        (
            _MISFITS[it.misfit],
            it.kind,
            it.parent,
            ", ".join(it.places),
            _area(it.area),
            f"{it.lon:.6f}",
            f"{it.lat:.6f}",
        )
        for it in report.fits[:FITS_SHOWN]
    ]
    table(headers, rows)
    if len(report.fits) > FITS_SHOWN:
        note(words("the {shown} largest of {count} findings", shown=FITS_SHOWN, count=len(report.fits)))


def _area(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _tell_sums(report: BoundaryReport) -> None:
    changed, done = len(report.changes), words("written") if report.written else words("not written")
    note(words("features: {features}, unchanged: {count}", features=report.features, count=report.unchanged))
    if changed and not report.problem_count:
        note(words("changed: {count}, {done}", count=changed, done=done))
    for misfit, word in _MISFITS.items():
        areas = [it.area for it in report.fits if it.misfit is misfit]
        if areas:
            note(
                words("{finding}: {count}, {area} m² in all", finding=word, count=len(areas), area=f"{sum(areas):.0f}")
            )
    if report.unchecked:
        note(
            words("no gaps were looked for beneath {count} parents, where some have no outline", count=report.unchecked)
        )
