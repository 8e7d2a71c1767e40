"""YAML files as trees that remember where everything is written, so that a mistake can name its file and line.

Plain scalars are read as YAML 1.2 has them, whatever PyYAML's YAML 1.1 would make of them: only `true` and `false` are
truth values, so that `yes`, `no`, `on` and `off` stay text as keys and in `accepted` lists (under YAML 1.1 a country
code `no` becomes False); `12:30` and `1_000` are text; `010` is ten; and dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

Loc = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists."""

_FastLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"|~|null|Null|NULL")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?([.][0-9]+|[0-9]+([.][0-9]*)?)([eE][-+]?[0-9]+)?")

_SYNTAX = {
    "found character '\\t' that cannot start any token": "a tab indents this line; YAML allows only spaces there",
    "mapping values are not allowed here": (
        "a colon where no key can be; put a text that holds ': ' in quotes, or check the indentation"
    ),
    "expected <block end>, but found '<block mapping start>'": "the indentation does not fit the lines above",
    "expected <block end>, but found '-'": "a list item where a key was expected; check the indentation",
    "expected <block end>, but found '<block sequence start>'": "the indentation does not fit the lines above",
    "expected <block end>, but found '<scalar>'": "text after a value that has ended; put the whole value in quotes",
    "could not find expected ':'": "a key without a colon; write key: value",
    "found unexpected end of stream": "a quote or bracket opened here is never closed",
    "expected the node content, but found '<stream end>'": "a bracket opened before is never closed",
}


@dataclass(frozen=True)
class Mistake:
    """Something in conf/ that must be changed, as one line.

    Attributes:
        file: where it is written.
        line: counted from 1; None if it is about the file as a whole.
        where: the key, such as `tables.orders.columns.amount.type`.
        problem: what is wrong, and what was found.
        allowed: what could stand there instead.
    """

    file: Path
    line: int | None
    where: str
    problem: str
    allowed: str | None = None

    def __str__(self) -> str:
        line = f":{self.line}" if self.line is not None else ""
        where = f" {self.where}" if self.where else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.file}{line}{where}: {self.problem}{allowed}"


@dataclass(frozen=True)
class Node:
    """A value and where it is written.

    Attributes:
        file: the file it comes from.
        line: of its key, if it is a mapping or a list under one; else its own.
        content: a mapping, a list, or a scalar's text; None where nothing stands (null).
        plain: a scalar without quotes, which may be a number or a truth value.
        written: a scalar's text before secrets were put in; None if there were none in it.
    """

    file: Path
    line: int
    content: dict[str, Node] | list[Node] | str | None
    plain: bool = False
    written: str | None = None

    def value(self, as_text: frozenset[int] = frozenset()) -> Any:
        """As Python has it.

        Args:
            as_text: ids of the nodes to be taken as the text that is written, whatever it looks like.
        """
        if isinstance(self.content, dict):
            return {key: node.value(as_text) for key, node in self.content.items()}
        if isinstance(self.content, list):
            return [node.value(as_text) for node in self.content]
        if self.content is None or not self.plain or id(self) in as_text:
            return self.content
        return _typed(self.content)

    def at(self, loc: Loc) -> Node:
        """The node there, or the last one on the way to it.

        A list of one may be written without brackets and a mapping as its main value; then the way ends early.
        """
        node = self
        for step in loc:
            if isinstance(node.content, dict) and step in node.content:
                node = node.content[str(step)]
            elif isinstance(node.content, list) and isinstance(step, int) and step < len(node.content):
                node = node.content[step]
        return node

    def shown(self) -> str:
        """What stands there, for a message: never a secret, only the reference to it."""
        if self.content is None:
            return "nothing (null)"
        if isinstance(self.content, str):
            return str(self.content) if isinstance(self.value(), int | float) else repr(self.written or self.content)
        return "a mapping" if isinstance(self.content, dict) else "a list"

    def mistake(self, loc: Loc, problem: str, allowed: str | None = None) -> Mistake:
        """A mistake at a place below this node."""
        node = self.at(loc)
        return Mistake(node.file, node.line, self.dotted(loc), problem, allowed)

    def dotted(self, loc: Loc) -> str:
        """The way as text, `unified.orders[1].columns`; no position where a list is written without brackets."""
        real = [s for i, s in enumerate(loc) if isinstance(s, str) or isinstance(self.at(loc[:i]).content, list)]
        return _dotted(tuple(real))


def read(file: Path) -> tuple[Node | None, list[Mistake]]:
    """A YAML file's tree, None if it has none; and what is wrong with it as YAML."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        return None, [Mistake(file, line, "", "the file is not UTF-8 text; save it as UTF-8")]
    except OSError as problem:
        return None, [Mistake(file, None, "", f"the file cannot be read: {problem.strerror}")]
    try:
        root = yaml.compose(text, Loader=_FastLoader)
    except yaml.YAMLError as problem:
        return None, [_syntax_mistake(file, text, problem)]
    builder = _Builder(file)
    tree = builder.node(root, (), root.start_mark.line + 1) if root is not None else None
    if tree is None or tree.content is None:
        return None, [Mistake(file, None, "", "the file is empty; write its keys, or delete it")]
    return tree, builder.mistakes


def merged(base: Node, overlay: Node) -> Node:
    """`base` overlaid: mappings key by key, everything else replaced."""
    if not (isinstance(base.content, dict) and isinstance(overlay.content, dict)):
        return overlay
    both = {
        key: merged(base.content[key], node) if key in base.content else node for key, node in overlay.content.items()
    }
    return replace(base, content=base.content | both)


def changed(node: Node, change: Callable[[Node, Loc], Node], loc: Loc = ()) -> Node:
    """The tree with every scalar that holds text replaced by what `change` makes of it."""
    if isinstance(node.content, dict):
        return replace(node, content={k: changed(n, change, (*loc, k)) for k, n in node.content.items()})
    if isinstance(node.content, list):
        return replace(node, content=[changed(n, change, (*loc, i)) for i, n in enumerate(node.content)])
    return node if node.content is None else change(node, loc)


def _dotted(loc: Loc) -> str:
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in loc).removeprefix(".")


def _typed(text: str) -> str | int | float | bool:
    if text in _TRUTH:
        return _TRUTH[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Builder:
    """From PyYAML's nodes to ours, with an eye on what YAML would take silently."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self._open: list[yaml.Node] = []

    def node(self, found: yaml.Node, loc: Loc, line: int) -> Node:
        if any(found is outer for outer in self._open):
            self._add(found, loc, "an alias (*) that contains itself")
            return Node(self.file, line, None)
        if not found.tag.startswith("tag:yaml.org,2002:"):
            self._add(found, loc, f"the tag {found.tag} means nothing here; leave it out")
        self._open.append(found)
        try:
            if isinstance(found, yaml.MappingNode):
                return Node(self.file, line, dict(self._entries(found, loc)))
            if isinstance(found, yaml.SequenceNode):
                items = [self.node(n, (*loc, i), n.start_mark.line + 1) for i, n in enumerate(found.value)]
                return Node(self.file, line, items)
        finally:
            self._open.pop()
        assert isinstance(found, yaml.ScalarNode), "YAML has three kinds of nodes"
        plain = not found.style
        null = plain and _NULL.fullmatch(found.value)
        return Node(self.file, found.start_mark.line + 1, None if null else found.value, plain)

    def _entries(self, mapping: yaml.MappingNode, loc: Loc) -> Iterator[tuple[str, Node]]:
        """The entries; those merged in by `<<` first, so that the mapping's own prevail."""
        first_lines: dict[str, int] = {}
        own = []
        for key, value in mapping.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._add(key, loc, "a list or mapping cannot be a key")
            elif key.value == "<<" and not key.style:
                for other in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    merged_in = self.node(other, loc, line)
                    if isinstance(merged_in.content, dict):
                        yield from merged_in.content.items()
                    else:
                        self._add(key, loc, "only mappings can be merged in by <<")
            elif key.value in first_lines:
                problem = f"the key {key.value!r} is written twice, first in line {first_lines[key.value]}; YAML would"
                self._add(key, (*loc, key.value), f"{problem} silently keep the last")
            else:
                first_lines[key.value] = line
                own.append((key.value, self.node(value, (*loc, key.value), line)))
        yield from own

    def _add(self, found: yaml.Node, loc: Loc, problem: str) -> None:
        self.mistakes.append(Mistake(self.file, found.start_mark.line + 1, _dotted(loc), problem))


def _syntax_mistake(file: Path, text: str, problem: yaml.YAMLError) -> Mistake:
    """Read once more by PyYAML's own parser, so that the wording does not depend on whether libyaml is installed."""
    try:
        yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as worded:
        problem = worded
    line, said = None, str(problem)
    if isinstance(problem, yaml.MarkedYAMLError):
        begun = "end of stream" in str(problem.problem) or re.search("flow|simple key", str(problem.context))
        mark = (problem.context_mark if begun else None) or problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else None
        said = _SYNTAX.get(str(problem.problem)) or " ".join(filter(None, (problem.context, problem.problem)))
    elif isinstance(problem, yaml.reader.ReaderError):
        line = text[: problem.position].count("\n") + 1
        said = f"the character {chr(problem.character)!r} is not allowed"
    return Mistake(file, line, "", f"not valid YAML: {said}")
