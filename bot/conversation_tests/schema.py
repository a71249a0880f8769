"""The published JSON Schema of conversation files: `python -m bot.conversation_tests.schema` writes it anew."""

import json
from pathlib import Path
from typing import Any

from bot.conversation_tests.models import ConversationFile

FILE = Path(__file__).with_name("conversations.schema.json")
VARIABLE = {"type": "string", "pattern": r"\$\{\w+\}"}  # may stand wherever a value may


def schema() -> str:
    """The schema as text."""
    made = ConversationFile.model_json_schema(mode="validation", by_alias=True)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **_variable(made)}, indent=1) + "\n"


def _variable(node: Any) -> Any:
    """The schema with a variable let in where a number, a truth value or one of a fixed set is asked for."""
    if isinstance(node, list):
        return [_variable(one) for one in node]
    if not isinstance(node, dict):
        return node
    told = {key: value if key in ("enum", "const", "default", "required") else _variable(value) for key, value in node.items()}
    if node.get("type") in ("number", "integer", "boolean") or (
        node.get("type") == "string" and {"enum", "pattern"} & set(node)
    ):
        about = {key: told.pop(key) for key in ("title", "description", "default") if key in told}
        return {**about, "anyOf": [told, VARIABLE]}
    return told


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
