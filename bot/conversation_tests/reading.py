"""Reads conversation files: one script for each scenario and case, everything in its place, checked."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.conversation_tests import conditions, expectations, models
from bot.conversation_tests.including import scenarios, spliced
from bot.conversation_tests.models import ConversationFile, Scenario
from bot.conversation_tests.yaml_nodes import ConversationError, Loc, Marks, Node, read_node

ENDING = ".conv.yaml"
TOP = ConversationFile.model_fields


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation to be held: a scenario, or one case of it. `name` is unique in its file."""

    file: Path
    name: str
    scenario: Scenario
    marks: Marks

    @property
    def line(self) -> int:
        """Where it begins, from 1."""
        return self.marks.at(())[1]

    def place(self, loc: Loc) -> tuple[str, str]:
        """Where a value stands, as "file:line", and its path."""
        file, line = self.marks.at(loc)
        return f"{file}:{line}", dotted(self.marks.known(loc))


def find(paths: list[Path]) -> list[Path]:
    """The conversation files among files and folders, in order. Raises ConversationError where there is none."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ConversationError(f"{path} does not exist")
        inside = sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path]
        if not inside:
            raise ConversationError(f"{path} holds no conversation file (*{ENDING})")
        found += inside
    return list(dict.fromkeys(found))


def read(file: Path) -> list[Script]:
    """The scripts of a file. Raises ConversationError: one sentence with file, line and path."""
    root, marks = read_node(file), Marks()
    whole = root.plain({}, marks, leave=True)
    if not isinstance(whole, dict):
        raise ConversationError(f"{file}, line {root.line}: a conversation file begins with `version: 1` and `scenarios:`")
    _check_top(whole, marks)
    scripts = [script for node in scenarios(root) for script in _scripts(root, node)]
    often = Counter(script.name for script in scripts)
    seen: Counter[str] = Counter()
    named: list[Script] = []
    for script in scripts:
        seen[script.name] += 1
        name = f"{script.name} [{seen[script.name]}]" if often[script.name] > 1 else script.name
        named.append(replace(script, name=name))
    return named


def dotted(loc: Loc) -> str:
    """A path as it is told: "steps[2].expect.slate.include"; steps are counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _check_top(whole: Mapping[str, Any], marks: Marks) -> None:
    file, line = marks.at(())
    for key in whole:
        if key not in TOP:
            raise _unknown(marks, (key,), key)
    if whole.get("version") != 1:
        file, line = marks.at(("version",))
        raise ConversationError(f"{file}, line {line}: version is {whole.get('version')!r}; this Parley reads version 1")
    if not isinstance(whole.get("scenarios"), list) or not whole["scenarios"]:
        file, line = marks.at(("scenarios",))
        raise ConversationError(f"{file}, line {line}: there are no scenarios")


def _scripts(root: Node, node: Node) -> Iterator[Script]:
    """One script for each case of a scenario."""
    given, table = node["vars"], node["cases"]
    fixed: Any = given.plain({}, Marks(), leave=True) if given else {}
    rows: Any = table.plain({}, Marks(), leave=True) if table else []
    if not isinstance(fixed, dict) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConversationError(f"{node.file}, line {node.line}: `vars` holds names with values, `cases` a list of such")
    for at, row in enumerate(rows or [{}]):
        variables, marks = dict(fixed) | dict(row), Marks()
        written = node.plain(variables, marks)
        if rows and table:
            marks.places[()] = (node.file, table.items[at].line)
            if isinstance(written, dict) and "xfail" in row:
                written["xfail"] = row["xfail"]
        yield _script(root, node.file, written, variables, marks)


def _script(root: Node, file: Path, written: Any, variables: Mapping[str, Any], marks: Marks) -> Script:
    if isinstance(written, dict):
        for key in ("setup", "tags"):
            shared, own = root[key], written.get(key)
            if shared is None:
                continue
            value = shared.plain(variables, Marks())
            for loc, place in ((loc, place) for loc, place in _places(shared, variables, key) if loc not in marks.places):
                marks.places[loc] = place
            if isinstance(value, dict) and isinstance(own, dict):
                written[key] = value | own
            else:
                written[key] = (
                    [*value, *(own or [])] if isinstance(value, list) and isinstance(own, list | None) else own or value
                )
        written["steps"] = spliced(file, written.get("steps"), variables, marks, (file,))
    try:
        scenario = Scenario.model_validate(written)
    except ValidationError as error:
        raise told_fault(error, marks) from error
    return Script(file, scenario.name, scenario, marks)


def _places(shared: Node, variables: Mapping[str, Any], key: str) -> list[tuple[Loc, tuple[Path, int]]]:
    marks = Marks()
    shared.plain(variables, marks, (key,))
    return list(marks.places.items())


def told_fault(error: ValidationError, marks: Marks) -> ConversationError:
    """The first fault, as one sentence."""
    faults = error.errors()
    first = max(faults, key=lambda fault: len(marks.known(fault["loc"])))  # of a union's, the branch that got farthest
    if first["type"] == "extra_forbidden":
        return _unknown(marks, first["loc"], str(first["loc"][-1]))
    file, line = marks.at(first["loc"])
    path = dotted(marks.known(first["loc"]))
    if first["type"] == "missing":
        return ConversationError(f"{file}, line {line}, {path or 'scenario'}: the key {first['loc'][-1]!r} is missing")
    said = first["msg"].removeprefix("Value error, ").rstrip(".")
    shown = f" (it is {first['input']!r})" if isinstance(first["input"], str | int | float | bool) else ""
    return ConversationError(f"{file}, line {line}, {path}: {said[:1].lower()}{said[1:]}{shown}")


def _unknown(marks: Marks, loc: Loc, key: str) -> ConversationError:
    file, line = marks.at(loc)
    near = difflib.get_close_matches(key, _every_key(), 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return ConversationError(f"{file}, line {line}, {dotted(marks.known(loc))}: the key {key!r} is not known here{hint}")


def _every_key() -> list[str]:
    kinds = [
        k
        for m in (conditions, expectations, models)
        for k in vars(m).values()
        if isinstance(k, type) and issubclass(k, BaseModel)
    ]
    return sorted({field.alias or name for kind in kinds for name, field in kind.model_fields.items()})
