"""DynamoDB's condition expressions, as far as the function uses them, over items in low-level form. Pure.

``tests/model_check/test_conditions.py`` holds it to moto's.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[:#]?[A-Za-z_][A-Za-z0-9_]*)")
_FUNCTIONS = {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "size"}
_WORDS = {"AND": " and ", "OR": " or ", "NOT": " not "}
_COMPARED = {"=": "==", "<>": "!="}


def holds(
    expression: str,
    item: Mapping[str, Any],
    values: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
) -> bool:
    """Return whether the condition holds of an item; one that is not there has no attributes.

    Raises:
        ValueError: The expression is none that is known here.
    """
    return bool(_compiled(expression)(_Attributes(item, names or {}), _Attributes(values, {})))


class _Nothing:
    """What an attribute that is not there is compared as: no comparison with it holds."""

    def _never(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = _never  # type: ignore[assignment]

    def __ne__(self, _other: object) -> bool:
        return True

    __hash__ = object.__hash__


_NOTHING = _Nothing()


class _Value:
    """A typed value: values of two types are unequal and have no order."""

    def __init__(self, typed: Mapping[str, Any]) -> None:
        ((self.kind, content),) = typed.items()
        self.content = Decimal(content) if self.kind == "N" else content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Value) and self.kind == other.kind and bool(self.content == other.content)

    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> bool:
        return self._ordered(other) and bool(self.content < other.content)

    def __le__(self, other: Any) -> bool:
        return self._ordered(other) and bool(self.content <= other.content)

    def __gt__(self, other: Any) -> bool:
        return self._ordered(other) and bool(self.content > other.content)

    def __ge__(self, other: Any) -> bool:
        return self._ordered(other) and bool(self.content >= other.content)

    def _ordered(self, other: object) -> bool:
        return isinstance(other, _Value) and self.kind == other.kind


class _Attributes:
    """Looks up paths and placeholders."""

    def __init__(self, typed: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._typed = typed
        self._names = names

    def get(self, path: str) -> Any:
        typed = self._typed.get(self._names.get(path, path))
        return _NOTHING if typed is None else _Value(typed)


def _attribute_exists(value: object) -> bool:
    return value is not _NOTHING


def _attribute_not_exists(value: object) -> bool:
    return value is _NOTHING


def _attribute_type(value: Any, kind: Any) -> bool:
    return value is not _NOTHING and value.kind == kind.content


def _begins_with(value: Any, start: Any) -> bool:
    return value is not _NOTHING and bool(value.content.startswith(start.content))


def _size(value: Any) -> Any:
    if value is _NOTHING:
        return _NOTHING
    size = len(value.content.encode()) if value.kind == "S" else len(value.content)
    return _Value({"N": str(size)})


@lru_cache(maxsize=64)
def _compiled(expression: str) -> Callable[[_Attributes, _Attributes], Any]:
    """Translate to Python: every token is known, so nothing of the expression runs as it stands."""
    code, place = "", 0
    while place < len(expression.rstrip()):
        found = _TOKEN.match(expression, place)
        if found is None:
            raise ValueError(f"not a condition known here, from {expression[place:]!r} on")
        token, place = found[1], found.end()
        if token.upper() in _WORDS:
            code += _WORDS[token.upper()]
        elif token in _FUNCTIONS:
            code += f"_{token}"
        elif token in {"(", ")", ",", "<", ">", "<=", ">=", *_COMPARED}:
            code += _COMPARED.get(token, token)
        else:
            code += f"values.get({token!r})" if token.startswith(":") else f"item.get({token!r})"
    known = {f"_{name}": globals()[f"_{name}"] for name in _FUNCTIONS}
    try:
        made: Callable[[_Attributes, _Attributes], Any] = eval(f"lambda item, values: {code}", known)  # noqa: S307
    except SyntaxError:
        raise ValueError(f"not a condition known here: {expression!r}") from None
    return made
