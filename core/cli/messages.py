"""What commands tell the operator: results on stdout, everything else on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import typer

from linli.core.errors import Text

from .language import in_words, words

FINDINGS, USAGE = 1, 2


class CommandError(Exception):
    """A command that cannot go on: `error: what was found; what is expected; how to mend it`.

    Raised with one text or several, each a line of its own; `hints` are lines beside them; `code` is what the
    process exits with: 1 for what was found, 2 for a command line that cannot be meant.
    """

    def __init__(self, *messages: Text | str, code: int = FINDINGS, hints: Sequence[Text | str] = ()) -> None:
        self.messages, self.code, self.hints = messages, code, hints
        super().__init__("\n".join(str(message) for message in messages))


class UsageError(CommandError):
    """The command line names something that is not there, or that does not go together."""

    def __init__(self, *messages: Text | str) -> None:
        super().__init__(*messages, code=USAGE)


def say(message: Text | str) -> None:
    """A line of the result, on stdout."""
    typer.echo(in_words(message))


def note(message: Text | str) -> None:
    """A line beside the result, on stderr."""
    typer.echo(in_words(message), err=True)


def tell(error: CommandError) -> None:
    """An error, on stderr, one line for each of its messages."""
    for message in error.messages:
        # typer takes the colour away again where stderr is no terminal
        typer.echo(typer.style(in_words(words("error: {message}", message=message)), fg="red"), err=True)
    for hint in error.hints:
        note(hint)


def unknown(what: Text, name: str, known: Iterable[str]) -> Text:
    """That there is no such thing, with the right spelling that comes closest, or with all that there are."""
    from linli.core.config.findings import nearest  # noqa: PLC0415  only where something is wrong

    names = list(known)
    near = nearest(name, names)
    if near is not None:
        return words('unknown {what} "{name}"; did you mean "{near}"?', what=what, name=name, near=near)
    listed = ", ".join(names) or "-"
    return words('unknown {what} "{name}"; expected one of: {listed}', what=what, name=name, listed=listed)
