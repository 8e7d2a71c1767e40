"""A file's values into its model; every refusal becomes a sentence that says where, what was found, what may be."""

from __future__ import annotations

import copy
import types
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from c360.config.document import Loc, Mistake, Node

M = TypeVar("M", bound=BaseModel)

_SIMPLE = {
    "string": "must be text",
    "int": "must be a whole number",
    "float": "must be a number",
    "finite": "must be a finite number",
    "bool": "must be true or false",
    "dict": "must be a mapping (key: value)",
    "model": "must be a mapping (key: value)",
    "tuple": "must be a list",
}
"""By the first word of pydantic's type of error, where the error is that it is of another type."""

_BOUNDS = {
    "greater_than_equal": "must be at least {ge:g}, found {found}",
    "greater_than": "must be more than {gt:g}, found {found}",
    "less_than_equal": "must be at most {le:g}, found {found}",
    "less_than": "must be less than {lt:g}, found {found}",
    "too_short": "must have {min_length} or more items, has {actual_length}",
    "too_long": "must have {max_length} or fewer items, has {actual_length}",
    "string_too_short": "must have {min_length} or more characters, found {found}",
    "string_too_long": "must have {max_length} or fewer characters, found {found}",
}


@dataclass(frozen=True)
class Checked(Generic[M]):
    """What became of a file.

    Attributes:
        model: None if nothing can be made of it. With mistakes, it is made of what is left without them, so that the
            rest can still be cross-checked and all mistakes come at once.
        mistakes: in the order pydantic found them.
        doubtful: places that were left out of the model, about which nothing more should be said.
    """

    model: M | None
    mistakes: list[Mistake]
    doubtful: frozenset[Loc] = frozenset()


def checked(node: Node, model: type[M]) -> Checked[M]:
    """A tree as a model, or what keeps it from being one."""
    value = node.value()
    made, errors = _validated(model, value)
    texts = frozenset(
        id(at) for e in errors if e["type"] == "string_type" and isinstance((at := node.at(e["loc"])).content, str)
    )
    if texts:  # a number or truth value where text belongs, such as accepted: [007, 1.10], is the text as written
        value = node.value(texts)
        made, errors = _validated(model, value)
    mistakes = [_mistake(error, node, model) for error in errors]
    faulty = {_cut(value, error["loc"]) for error in errors}
    doubtful = set(faulty)
    if errors:
        value = _without(value, faulty)
        made, errors = _validated(model, value)
    if errors:  # a table that is none without its faulty keys is left out as a whole
        tables = {tuple(error["loc"][:2]) for error in errors}
        doubtful |= tables
        made, _ = _validated(model, _without(value, tables))
    return Checked(made, mistakes, frozenset(doubtful))


def no_such(kind: str, name: str, known: Iterable[str]) -> str:
    """`no such column 'amont' (did you mean 'amount'?)`"""
    names = list(known)
    near = get_close_matches(name, names, n=1) or [longer for longer in names if len(name) > 2 and name in longer]
    return f"no such {kind} {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")


def _validated(model: type[M], value: Any) -> tuple[M | None, list[Any]]:
    try:
        return model.model_validate(value, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False, include_input=False))


def _written(loc: Loc, node: Node) -> Loc:
    """A place without the words that only say which of several kinds of mapping stands there."""
    way: Loc = ()
    for step in loc[:-1]:
        at = node.at(way).content
        if not isinstance(at, dict) or isinstance(step, int) or step in at:
            way = (*way, step)
    return (*way, *loc[-1:])


def _mistake(error: Any, node: Node, model: type[BaseModel]) -> Mistake:
    typed: Loc = tuple(error["loc"])
    loc = _written(typed, node)
    if loc[-1:] == ("[key]",):
        loc = loc[:-1]
        return node.mistake(loc, _not_a_name(repr(loc[-1]), str(loc[-1])))
    kind, context, at = error["type"], error.get("ctx", {}), node.at(loc)
    if kind == "extra_forbidden":
        keys = _keys(model, typed[:-1])
        split = ")" in str(loc[-1]) and at.content is None  # {type: decimal(10,2)} is cut at its comma
        hint = "; inside { } a value with a comma needs quotes" if split else ""
        return node.mistake(loc, no_such("key", str(loc[-1]), keys) + hint, ", ".join(keys))
    if kind == "missing":
        return node.mistake(loc[:-1], f"the key {loc[-1]!r} is missing")
    found = at.shown()
    if kind == "union_tag_not_found":
        return node.mistake(loc, f"the key {context['discriminator']} is missing")
    if kind == "union_tag_invalid":
        words = context["expected_tags"].replace("'", "")
        tag, what = str(context["tag"]), context["discriminator"].strip("'")
        return node.mistake(loc, no_such(what, tag, words.split(", ")), words)
    if kind == "literal_error":
        words = context["expected"].replace("'", "").replace(" or ", ", ")
        return node.mistake(loc, no_such(str(loc[-1]), at.written or str(at.content), words.split(", ")), words)
    if kind == "string_pattern_mismatch":
        return node.mistake(loc, _not_a_name(found, str(at.content)))
    if kind == "value_error":
        return _by_validator(str(context["error"]), node, loc)
    if kind in _BOUNDS:
        return node.mistake(loc, _BOUNDS[kind].format(**context, found=found))
    wanted = _SIMPLE.get(kind.split("_")[0], error["msg"])
    return node.mistake(loc, f"{wanted}, found {found}")


def _by_validator(message: str, node: Node, loc: Loc) -> Mistake:
    """The sentence a model's own validator wrote, completed by what was found."""
    at = node.at(loc)
    if isinstance(at.content, str) and at.written is not None:
        # the sentence may quote what the variable or file holds
        return node.mistake(loc, f"what {at.written} stands for is not allowed here")
    if message.startswith("allowed: "):
        return node.mistake(loc, f"no such {loc[-1]} {at.shown()}", message.removeprefix("allowed: "))
    quoted = not isinstance(at.content, str) or at.content in message
    return node.mistake(loc, message if quoted else f"{message}; found {at.shown()}")


def _not_a_name(shown: str, name: str) -> str:
    if name.startswith("_"):
        return f"{shown}: names that begin with _ are reserved for the columns c360 adds; choose another"
    return f"{shown} is no name; write lower-case letters, digits and _, beginning with a letter"


def _keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys allowed in the mapping at a place."""
    at: Any = model
    for step in loc:
        at = _below(at, step)
    at = _plain(at)
    return [f.alias or name for name, f in at.model_fields.items()] if _is_model(at) else []


def _below(annotation: Any, step: str | int) -> Any:
    """What stands at a step below; where several kinds of mapping may stand, the step may be the word for one."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        members = [m for m in map(_plain, get_args(annotation)) if _is_model(m)]
        for member in members:
            if any(step in get_args(field.annotation) for field in member.model_fields.values()):
                return member
    annotation = _plain(annotation)
    if _is_model(annotation):
        fields = {f.alias or name: f.annotation for name, f in annotation.model_fields.items()}
        return fields.get(str(step))
    inner = get_args(annotation)
    return (inner[1] if get_origin(annotation) is dict else inner[0]) if inner else None


def _plain(annotation: Any) -> Any:
    """Without Annotated and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _plain(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _cut(value: Any, loc: Loc) -> Loc:
    """The key to leave out for an error at a place: the last one on the way that is there, never an item of a list."""
    way: list[str | int] = []
    deepest = 0
    for step in loc:
        if isinstance(value, dict) and step in value:
            value = value[step]
            way.append(step)
            deepest = len(way)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
            way.append(step)
        elif not isinstance(step, int):
            break
    return tuple(way[:deepest])


def _without(value: Any, locs: Iterable[Loc]) -> Any:
    """A copy without these keys."""
    left = copy.deepcopy(value)
    for loc in sorted((loc for loc in locs if loc), key=len, reverse=True):
        parent = left
        for step in loc[:-1]:
            parent = parent[step]
        parent.pop(loc[-1], None)
    return left
