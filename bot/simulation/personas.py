"""Personas of simulated visitors, and populations of them, from a YAML file."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from bot.conversation_tests.conditions import Strict
from bot.conversation_tests.reading import told_fault
from bot.conversation_tests.yaml_nodes import ConversationError, Marks, read_node

SHIPPED = Path(__file__).parent / "personas.yaml"
Share = Annotated[float, Field(ge=0, le=1)]


class Noise(Strict):
    """How often, of its messages, a visitor's is disturbed."""

    typo: Share = 0.0
    contradiction: Share = Field(0.0, description="says what is not meant, and sets it right with the next message")
    digression: Share = Field(0.0, description="asks for something else for one message, and takes it back with the next")
    negation: Share = Field(0.0, description="names a value that what was shown has and the goal has not")


class Persona(Strict):
    """One kind of visitor."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9 _-]*$")]
    share: float = Field(1.0, gt=0, description="of the population, against the other shares")
    goal: Literal["item", "taste"] = Field("item", description="one hidden item, or anything that fits a hidden taste")
    patience: int = Field(10, ge=1, le=50, description="messages before giving up; a rule broken costs one more")
    verbosity: int = Field(1, ge=1, le=4, description="true things told in one message")
    volunteers: Share = Field(1.0, description="how often something true is said without being asked")
    answers: Share = Field(1.0, description="how often a question is answered; else it is passed over")
    conditions: int = Field(0, ge=0, le=3, description="at most so many bounds that an item has to keep")
    reacts: Share = Field(0.0, description="how often a card is liked or turned down before the next message")
    critiques: Share = Field(0.0, description="how often a message says which way the goal lies from a card")
    history: int = Field(0, ge=0, le=50, description="likes of earlier visits, of items near the goal")
    noise: Noise = Field(default_factory=lambda: Noise.model_validate({}))


class Population(Strict):
    """Personas with what holds for all of them."""

    version: Literal[1]
    demand: float = Field(0.0, ge=0, le=2, description="Zipf's exponent of how often items are wanted; 0: all alike")
    past: int = Field(0, ge=0, le=100_000, description="likes of other people before, by the same demand")
    personas: Annotated[list[Persona], Field(min_length=1)]

    def cast(self, visitors: int) -> list[Persona]:
        """Each visitor's persona: as many of each as its share says, to the nearest, mixed evenly."""
        total = sum(persona.share for persona in self.personas)
        owed = [0.0] * len(self.personas)
        found: list[Persona] = []
        for _ in range(visitors):
            owed = [due + persona.share / total for due, persona in zip(owed, self.personas, strict=True)]
            at = owed.index(max(owed))
            owed[at] -= 1
            found.append(self.personas[at])
        return found


def read_population(file: Path = SHIPPED) -> Population:
    """Raises ConversationError: one sentence with the file, the line and the field."""
    marks = Marks()
    written: Any = read_node(file).plain({}, marks, leave=True)
    try:
        population = Population.model_validate(written)
    except ValidationError as error:
        raise told_fault(error, marks) from error
    names = [persona.name for persona in population.personas]
    for at, name in enumerate(names):
        if name in names[:at]:
            where, line = marks.at(("personas", at, "name"))
            raise ConversationError(f"{where}, line {line}: the persona {name!r} stands there twice")
    return population
