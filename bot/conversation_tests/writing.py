"""A scenario as a file that people like to read: one line a step where it fits, texts in quotation marks."""

import re
from typing import Any

import yaml

HEAD = "# Recorded by `parley record`. Look it over before you share it: it says what a person said.\nversion: 1\nscenarios:\n"
LONGEST = 110  # characters on a line, as far as values can be broken
TOO_LONG = 100_000
ALSO_QUOTED = re.compile(r"^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$")  # numbers for the reader, not for PyYAML


class _Said(str):
    """A text in quotation marks."""

    __slots__ = ()


class _Line(dict[str, Any]):
    """A mapping on one line."""


class _Row(list[Any]):
    """A list on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists inside mappings as well."""
        super().increase_indent(flow, False)


_Dumper.add_representer(_Said, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"'))
_Dumper.add_representer(
    _Line, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)
)
_Dumper.add_representer(
    _Row, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", list(value), flow_style=True)
)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", ALSO_QUOTED, list("-+.0123456789"))


def written(scenario: dict[str, Any]) -> str:
    """The whole file with this scenario."""
    told = {"name": _Said(scenario["name"]), "setup": _setup(scenario["setup"]), "steps": [_step(s) for s in scenario["steps"]]}
    text = yaml.dump([told], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=TOO_LONG)
    return HEAD + "".join(f"  {line}\n" for line in text.splitlines())


def _setup(setup: dict[str, Any]) -> dict[str, Any]:
    if "history" not in setup:
        return _Line(setup)
    lines = {name: _line(value) for name, value in setup.items()}
    return {**lines, "history": [_Line(past) for past in setup["history"]]}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    expected = step.get("expect")
    told = {key: _line(value) for key, value in step.items()}
    if "user" in told:
        told["user"] = _Said(told["user"])
    if expected:
        whole = _Line(expected)
        told["expect"] = whole if len(str(expected)) < LONGEST else {k: _part(v) for k, v in expected.items()}
    return told


def _part(value: Any) -> Any:
    if not isinstance(value, dict) or len(str(value)) < LONGEST:
        return _line(value)
    return {key: _line(one) for key, one in value.items()}


def _line(value: Any) -> Any:
    return _Line(value) if isinstance(value, dict) else _Row(value) if isinstance(value, list) else value
