"""The published JSON Schema of conversation files: `python -m bot.conversation_tests.schema [FILE]` writes it."""

import json
import sys
from pathlib import Path
from typing import Any

from bot.conversation_tests.models import ConversationFile

FILE = Path(__file__).with_name("conversations.schema.json")
VARIABLE = {"type": "string", "pattern": r"\$\{\w+\}"}  # may stand wherever a value may
OTHERS = frozenset({"number", "integer", "boolean", "object", "array"})
AS_IT_IS = frozenset({"enum", "const", "default", "required"})


def schema() -> str:
    """The schema as text."""
    made = ConversationFile.model_json_schema(mode="validation", by_alias=True)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **_whole(made)}, indent=1) + "\n"


def _whole(made: dict[str, Any]) -> dict[str, Any]:
    """The file itself is never a variable."""
    return {key: _variable_of(key, value) for key, value in made.items()}


def _variable_of(key: str, value: Any) -> Any:
    if key in ("$defs", "properties"):
        return {name: _variable(one) for name, one in value.items()}
    return value if key in AS_IT_IS else _variable(value)


def _variable(node: Any) -> Any:
    """The schema with `${name}` let in wherever anything else than any text is asked for, and as a key."""
    if isinstance(node, list):
        return [_variable(one) for one in node]
    if not isinstance(node, dict):
        return node
    told = {key: value if key in AS_IT_IS else _variable(value) for key, value in node.items()}
    if told.get("type") == "object":
        told["patternProperties"] = {VARIABLE["pattern"]: {}}
    if told.get("type") in OTHERS or (told.get("type") == "string" and {"enum", "pattern"} & set(told)):
        about = {key: told.pop(key) for key in ("title", "description", "default") if key in told}
        return {**about, "anyOf": [told, VARIABLE]}
    return told


if __name__ == "__main__":
    (Path(sys.argv[1]) if sys.argv[1:] else FILE).write_text(schema(), encoding="utf-8")
