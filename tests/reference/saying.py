"""What the code says of itself in docstrings: what a method does, which refusals it names, what an attribute means.

Refusals are the public codes that an entrypoint names, in its docstring or its code, and those that the functions name
that it calls, and so on. A call is followed as far as names tell what is called: what an object does that is only known
when the program runs is not found, and a code that is caught on the way is not left out.
"""

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from shared.contracts.errors import ErrorCode

_CODES = {code.value: code for code in ErrorCode}
_FOLLOWED = ("services.", "shared.eventstore.log_access", "shared.messaging.log_endpoints")
_WORD = re.compile(r"[a-z]+(?:_[a-z]+)+")
_Function = Callable[..., Any]


def words(function: _Function) -> str:
    """Return a docstring as one text, its paragraphs apart."""
    return inspect.cleandoc(function.__doc__ or "")


def refusals(entrypoint: _Function) -> frozenset[ErrorCode]:
    """Return the public codes that are named for an entrypoint."""
    seen: set[_Function] = set()
    found: set[ErrorCode] = set()
    waiting = [(entrypoint, _definition(entrypoint))]
    while waiting:
        function, tree = waiting.pop()
        found |= {_CODES[word] for word in _WORD.findall(words(function)) if word in _CODES} | _raised(tree)
        fresh = [each for each in _called(function, tree) if each not in seen]
        seen.update(fresh)
        waiting += [(each, _definition(each)) for each in fresh]
    return frozenset(found)


def attributes(of: type) -> dict[str, str]:
    """Return what the docstrings below a class's attributes say, those of its bases too."""
    found: dict[str, str] = {}
    for each in reversed(of.__mro__):
        if each.__module__.partition(".")[0] in {"services", "shared"}:
            found |= _below(each)
    return found


@cache
def _below(of: type) -> dict[str, str]:
    statements = _class(of.__module__, of.__qualname__).body
    return {
        name: " ".join(str(after.value.value).split())
        for before, after in pairwise(statements)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and (name := _assigned(before))
    }


def _assigned(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None


def _called(function: _Function, tree: ast.AST) -> Iterator[_Function]:
    """Return what a function calls, as far as its names and the types of the composition root tell."""
    module, owner = sys.modules[function.__module__], function.__qualname__.rpartition(".")[0]
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            found = _resolved(ast.unparse(call.func), module, vars(module).get(owner))
            if inspect.isfunction(found) and found.__module__.startswith(_FOLLOWED):
                yield inspect.unwrap(found)


def _resolved(name: str, module: ModuleType, owner: type | None) -> object:
    parts = name.split(".")
    if parts[0] == "self" and owner is not None:
        found: object = owner
        for part in parts[1:-1]:
            found = _application(owner) if part == "app" else _typed(found, part)
        return getattr(found, parts[-1], None)
    found = vars(module).get(parts[0])
    for part in parts[1:]:
        found = getattr(found, part, None)
    return found


def _typed(of: object, attribute: str) -> object:
    return get_type_hints(of).get(attribute) if isinstance(of, type) else None


def _application(owner: type) -> object:
    """Return the type behind `self.app`: a provider is declared there, the application is what it hands to calls."""
    declared = vars(owner).get("app") or _typed(owner, "app")
    provider = declared if isinstance(declared, type) else type(declared)
    return _typed(provider, "app") or provider


def _raised(tree: ast.AST) -> set[ErrorCode]:
    return {
        ErrorCode[node.attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ErrorCode"
    }


def _definition(function: _Function) -> ast.FunctionDef:
    """Return a function as it is written: what runs of an entrypoint is the wrapper of its declaration."""
    owner, _, name = function.__qualname__.rpartition(".")
    body = _class(function.__module__, owner).body if owner else _module(function.__module__).body
    return next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == name)


@cache
def _class(module: str, name: str) -> ast.ClassDef:
    return next(node for node in _module(module).body if isinstance(node, ast.ClassDef) and node.name == name)


@cache
def _module(name: str) -> ast.Module:
    return ast.parse(Path(inspect.getfile(importlib.import_module(name))).read_text("utf-8"))
