"""What the model says of slates it was never taught: how much the claim check lets pass, and how varied it is."""

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import texts
from bot.adapters.scenes import Scene, Stage, scenes_in
from bot.claims import Claim, ClaimChecker, sentences
from bot.language_model.chat import HostedChat
from bot.language_model.generation import MICRO_BATCH
from bot.telling import EXPLAINED, begun
from tests.bench.requests import HELD_OUT_FILES

SLATES = 300
MOST_TOKENS = 140  # so that three sentences are finished


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said of each scene, and which of its sentences hold."""

    said: tuple[str, ...]
    passed: int
    sentences: int
    covered: int  # items with a sentence that holds
    items: int

    @property
    def share(self) -> float:
        return self.passed / max(1, self.sentences)

    @property
    def distinct(self) -> float:
        """The share of different word triples among all that were said."""
        triples: list[tuple[str, ...]] = []
        for text in self.said:
            words = re.findall(r"[\w'’-]+", text.lower())
            triples += zip(words, words[1:], words[2:], strict=False)
        return len(set(triples)) / max(1, len(triples))


def held_out(stages: dict[str, Stage], count: int = SLATES) -> list[Scene]:
    """Slates of items that no adapter was taught, for requests that none was taught to explain; two films to one product."""
    answers = texts.answers_in(HELD_OUT_FILES)
    taught = {scene.request for scene in scenes_in(texts.SOURCES / "explanations.jsonl")}
    found: list[Scene] = []
    for name, wanted in (("films", 2 * count // 3), ("shop", count - 2 * count // 3)):
        stage = stages[name]
        allowed = frozenset(item.id for item in stage.catalogue if item.id in answers)
        files = (file for file in HELD_OUT_FILES if file.name.startswith(name))
        asked = [json.loads(line)["text"] for file in files for line in file.open(encoding="utf-8")]
        apart = [pair.request for pair in texts.written_pairs(name, stage.catalogue) if pair.style in texts.UNTRAINED_STYLES]
        requests = [request for request in [*asked, *apart] if request not in taught][:wanted]
        found += [Scene(name, "explain", request, stage.best(request, (), allowed, EXPLAINED)) for request in requests]
    return [scene for scene in found if scene.items]


def speak(chat: HostedChat, scenes: Sequence[Scene], stages: dict[str, Stage], adapter: str) -> Spoken:
    """Let the model explain every scene through `adapter` ("" for none), and check each finished sentence."""

    def say(scene: Scene) -> str:
        titles = [stages[scene.catalogue].catalogue[item].title for item in scene.items]
        answers: list[str] = []
        for asked in stages[scene.catalogue].told(scene, taught=bool(adapter)):
            answer = chat.invoke(asked, adapter=adapter, most_tokens=MOST_TOKENS, deadline_seconds=300.0).text
            said = sentences(f"{begun(asked)}{answer}", titles)
            answers += said[:1] if begun(asked) else said  # as the product takes it
        return " ".join(answers)

    with ThreadPoolExecutor(MICRO_BATCH) as pool:
        said = list(pool.map(say, scenes))
    passed = total = covered = 0
    for scene, text in zip(scenes, said, strict=True):
        claims = checked(scene, text, stages)
        passed, total = passed + sum(claim is not None for claim in claims), total + len(claims)
        covered += len({position for claim in claims if claim for position in claim.positions})
    return Spoken(tuple(said), passed, total, covered, sum(len(scene.items) for scene in scenes))


def checked(scene: Scene, text: str, stages: dict[str, Stage]) -> list[Claim | None]:
    """The finished sentences of a text about a scene as claims; None for one that does not hold."""
    stage = stages[scene.catalogue]
    checker = ClaimChecker(stage.slate(scene), scene.request, stage.catalogue)
    finished = [sentence for sentence in checker.sentences(text) if sentence.endswith((".", "!", "?", "”", '"'))]
    return [checker.check(sentence) for sentence in finished]


def keep(folder: Path, name: str, scenes: Sequence[Scene], spoken: Spoken) -> None:
    """Write what was said beside what was asked, for reading side by side."""
    rows = [
        {"catalogue": s.catalogue, "request": s.request, "items": s.items, "said": text}
        for s, text in zip(scenes, spoken.said, strict=True)
    ]
    (folder / f"{name}.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8"
    )
