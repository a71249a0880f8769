"""YAML with its marks: every value of a file, and the line it stands in. PyYAML (MIT), safe loading alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from retrieval.errors import ReadableError

Loc = tuple[str | int, ...]
VARIABLE = re.compile(r"\$\{(\w+)\}")


class ConversationError(ReadableError):
    """A file of conversations that cannot be used, or a place where they cannot be run."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `off`, `no` and dates are texts, only true and false are truth values."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True, slots=True)
class Marks:
    """Where each value stands: path -> (file, line)."""

    places: dict[Loc, tuple[Path, int]] = field(default_factory=dict[Loc, tuple[Path, int]])

    def at(self, loc: Loc) -> tuple[Path, int]:
        """File and line of a value, else of the nearest one above it; parts of the path that are in no file are passed over."""
        return self.places[self.known(loc)]

    def known(self, loc: Loc) -> Loc:
        """The part of a path that is written in a file."""
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.places:
                found = (*found, part)
        return found


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file that is not read yet."""

    file: Path
    node: yaml.Node
    loader: Any

    @property
    def line(self) -> int:
        """From 1."""
        return self.node.start_mark.line + 1

    def __getitem__(self, key: str) -> "Node | None":
        """The value under a key; None where there is none."""
        pairs = self.node.value if isinstance(self.node, yaml.MappingNode) else []
        return next((Node(self.file, value, self.loader) for name, value in pairs if name.value == key), None)

    @property
    def items(self) -> "list[Node]":
        """The values of a list."""
        found = self.node.value if isinstance(self.node, yaml.SequenceNode) else []
        return [Node(self.file, one, self.loader) for one in found]

    def plain(self, variables: Mapping[str, Any], marks: Marks, loc: Loc = (), leave: bool = False) -> Any:
        """The value as Python's own, `${name}` filled in unless it is to be left; `marks` learns where all of it stands."""
        marks.places[loc] = (self.file, self.line)
        if isinstance(self.node, yaml.SequenceNode):
            return [one.plain(variables, marks, (*loc, at), leave) for at, one in enumerate(self.items)]
        if isinstance(self.node, yaml.MappingNode):
            return self._mapping(variables, marks, loc, leave)
        value = self.loader.construct_object(self.node)
        return value if leave or not isinstance(value, str) else self._filled(value, variables)

    def _mapping(self, variables: Mapping[str, Any], marks: Marks, loc: Loc, leave: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.loader.flatten_mapping(self.node)
        for key, value in self.node.value:
            name = str(self.loader.construct_object(key)) if isinstance(key, yaml.ScalarNode) else "?"
            name = name if leave else str(Node(self.file, key, self.loader)._filled(name, variables))
            if name in found:
                raise ConversationError(f"{self.file}, line {key.start_mark.line + 1}: the key {name!r} stands there twice")
            found[name] = Node(self.file, value, self.loader).plain(variables, marks, (*loc, name), leave)
            marks.places[(*loc, name)] = (self.file, key.start_mark.line + 1)
        return found

    def _filled(self, text: str, variables: Mapping[str, Any]) -> Any:
        for name in VARIABLE.findall(text):
            if name not in variables:
                known = ", ".join(variables) or "none"
                raise ConversationError(f"{self.file}, line {self.line}: ${{{name}}} is not set; known are {known}")
        whole = VARIABLE.fullmatch(text)
        return variables[whole[1]] if whole else VARIABLE.sub(lambda found: str(variables[found[1]]), text)


def read_node(file: Path) -> Node:
    """The root of a file. Raises ConversationError, with the line, for what is no YAML."""
    try:
        loader: Any = _Loader(file.read_text(encoding="utf-8"))
        node = loader.get_single_node()
    except (OSError, UnicodeDecodeError) as error:
        raise ConversationError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else str(file)
        raise ConversationError(f"{where}: this is not YAML: {getattr(error, 'problem', None) or error}") from error
    if node is None:
        raise ConversationError(f"{file} is empty; a conversation file begins with `version: 1` and `scenarios:`")
    return Node(file, node, loader)
