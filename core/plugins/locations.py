"""Where in the source something stands, for errors that developers act on."""

from __future__ import annotations

import inspect
import linecache
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import ModuleType

FRAMEWORK = str(Path(__file__).resolve().parent)


@dataclass(frozen=True)
class Location:
    """A file, and a line of it where one is known (the first is 1)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


def of_function(function: Callable[..., object]) -> Location:
    """Where a function was written, looking through decorators that keep `__wrapped__`."""
    written = inspect.unwrap(function)
    code = getattr(written, "__code__", None)
    if code is None:
        return Location(getattr(written, "__module__", None) or "<unknown>")
    return Location(code.co_filename, code.co_firstlineno)


def of_class(cls: type) -> Location:
    """Where a class was written; its module where it was made without a statement."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if file is None:
        return Location(cls.__module__)
    # `inspect` would parse the file anew for each class
    statement = re.compile(rf"\s*class {re.escape(cls.__name__)}\b")
    lines = enumerate(linecache.getlines(file), 1)
    return Location(file, next((number for number, line in lines if statement.match(line)), None))


def of_module(module: ModuleType) -> Location:
    """The file of a module, or its name when it was made without one."""
    return Location(getattr(module, "__file__", None) or module.__name__)


def of_error(error: BaseException, package: str = "") -> Location | None:
    """The innermost line of `package` that an error passed, or else the innermost that is not the framework's own."""
    if isinstance(error, SyntaxError) and error.filename:
        return Location(error.filename, error.lineno)
    places = [
        (f"{frame.f_globals.get('__name__')}.", Location(frame.f_code.co_filename, line))
        for frame, line in walk_tb(error.__traceback__)
    ]
    own = [place for name, place in places if package and name.startswith(f"{package}.")]
    foreign = [place for _, place in places if _is_foreign(place.file)]
    return next(reversed(own or foreign), None)


def _is_foreign(file: str) -> bool:
    # Files in angle brackets are frozen importers and the generated methods of dataclasses.
    machinery = file.startswith("<") or Path(file).parent.name == "importlib"
    return not machinery and str(Path(file).resolve().parent) != FRAMEWORK
