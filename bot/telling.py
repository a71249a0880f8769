"""What the language model is told before it speaks: facts of items and computed reasons, in words, and nothing else."""

from collections.abc import Iterable

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from bot import template
from prompts import fill
from retrieval.catalogue import Catalogue, Item
from retrieval.ranking import Recommendation, Slate

EXPLAINED = 3  # slate positions that get a sentence
DESCRIBED = 45  # words of a description, to the end of the sentence before
REASONS = 2  # told of an item
REQUEST = 200  # characters of what was asked for


def explaining(slate: Slate, request: str, catalogue: Catalogue, *, taught: bool) -> list[list[BaseMessage]]:
    """The conversations that ask for the explanation of a slate; they begin alike for every turn of a catalogue.

    A model that was `taught` to explain is asked for one sentence an item: told its facts, its description, why it is there
    and what was asked for; the last message is the title, with which its sentence begins. Another is asked for all in one,
    from one sentence of facts an item, those asked for first: with more it repeats what it was told.
    """
    top = slate.recommendations[:EXPLAINED]
    if not taught:
        items = "\n".join(f"{r.rank}. {template.fact_sentence(r, catalogue)}" for r in top)
        return [_conversation("explain_system", fill("explain", items=items, noun=catalogue.noun), catalogue)]
    asked: list[list[BaseMessage]] = []
    for recommendation in top:
        told = _told(recommendation, catalogue)
        text = fill("explain_taught", item=told, request=request[:REQUEST], noun=catalogue.noun)
        asked.append([*_conversation("explain_taught_system", text, catalogue), AIMessage(recommendation.item.title)])
    return asked


def begun(conversation: list[BaseMessage]) -> str:
    """What the answer to a conversation begins with: its last message, where that is the model's own."""
    return str(conversation[-1].text) if conversation[-1].type == "ai" else ""


def answering(items: Iterable[Item], question: str, catalogue: Catalogue) -> list[BaseMessage]:
    """The conversation that asks for an answer about items, or a comparison of them, from all of their facts."""
    told = "\n".join(f"{place}. {facts(item, catalogue)}" for place, item in enumerate(items, 1))
    return _conversation("explain_taught_system", fill("answer", items=told, question=question[:REQUEST]), catalogue)


def described(item: Item) -> str:
    """The first sentences of an item's description, DESCRIBED words at most; never none of a description."""
    sentences = [sentence for sentence in item.description.split(". ") if sentence.strip()]
    said = sentences[:1]
    for sentence in sentences[1:]:
        if len(" ".join([*said, sentence]).split()) > DESCRIBED:
            break
        said.append(sentence)
    text = ". ".join(said).strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def facts(item: Item, catalogue: Catalogue) -> str:
    """Everything an item says of itself: "Title (year). Genres: drama. Runtime: 116 min. Description"."""
    told: list[str] = []
    for name, facet in catalogue.facets.items():
        number = item.number(name)
        value = f"{number:g} {facet.unit}".strip() if number is not None else ", ".join(item.words(name))
        told += [f"{facet.label}: {value}"] if value and facet.kind != "items" else []
    return ". ".join([template.titled(item), *told, item.description])


def _conversation(system: str, text: str, catalogue: Catalogue) -> list[BaseMessage]:
    return [SystemMessage(fill(system, noun=catalogue.noun)), HumanMessage(text)]


def _told(recommendation: Recommendation, catalogue: Catalogue) -> str:
    parts = [template.fact_sentence(recommendation, catalogue), described(recommendation.item)]
    why = [template.reason_text(reason, catalogue) for reason in recommendation.reasons[:REASONS]]
    parts += [f"Why: {'; '.join(why)}."] if why else []
    return " ".join(part for part in parts if part)
