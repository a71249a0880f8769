"""Steps of other files in the place of `include`, each still in the line where it was written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.conversation_tests.yaml_nodes import ConversationError, Loc, Marks, Node, read_node


def scenarios(root: Node) -> list[Node]:
    """The scenarios of a file, not read yet."""
    node = root["scenarios"]
    return node.items if node else []


def spliced(file: Path, steps: Any, variables: Mapping[str, Any], marks: Marks, within: tuple[Path, ...]) -> Any:
    """The steps with those of other files in the place of every `include`; `marks` follows them."""
    if not isinstance(steps, list) or not any(isinstance(step, dict) and "include" in step for step in steps):
        return steps
    before = {loc: place for loc, place in marks.places.items() if loc[:1] == ("steps",) and len(loc) > 1}
    for loc in before:
        del marks.places[loc]
    found: list[Any] = []
    for at, step in enumerate(steps):
        parts = [(step, {loc[2:]: place for loc, place in before.items() if loc[1] == at})]
        if isinstance(step, dict) and "include" in step:
            parts = _included(file, step, parts[0][1][()][1], variables, within)
        for one, places in parts:
            marks.places.update({("steps", len(found), *loc): place for loc, place in places.items()})
            found.append(one)
    return found


def _included(
    file: Path, step: dict[str, Any], line: int, variables: Mapping[str, Any], within: tuple[Path, ...]
) -> list[tuple[Any, dict[Loc, tuple[Path, int]]]]:
    path, _, name = str(step["include"]).partition("#")
    other = (file.parent / path).resolve()
    if set(step) != {"include"}:
        raise ConversationError(f"{file}, line {line}: an `include` stands alone in its step")
    if other in [one.resolve() for one in within]:
        raise ConversationError(f"{file}, line {line}: {path} includes itself")
    if not other.is_file():
        raise ConversationError(f"{file}, line {line}: there is no file {path} beside this one to include")
    shown, nodes = file.parent / path, scenarios(read_node(file.parent / path))
    named = [one for one in nodes if not name or (one["name"] is not None and one["name"].node.value == name)]  # pyright: ignore[reportOptionalMemberAccess]
    if len(named) != 1:
        raise ConversationError(f"{file}, line {line}: {path} has {len(named)} scenarios to include; name one after a #")
    marks, own = Marks(), named[0]["vars"]
    known = {**(own.plain({}, Marks(), leave=True) if own else {}), **variables}
    steps = named[0]["steps"]
    plain = steps.plain(known, marks, ("steps",)) if steps else []
    plain = spliced(shown, plain, known, marks, (*within, shown))
    return [(one, {loc[2:]: p for loc, p in marks.places.items() if loc[:2] == ("steps", at)}) for at, one in enumerate(plain)]
