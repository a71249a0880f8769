"""The words of a slate: the model where it speaks truly and in time, the template everywhere else."""

import itertools
import threading
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from bot.explanation import EXPLAINED, FIRST_WORD_SECONDS, Explanation, explain
from bot.language_model.errors import ModelError
from retrieval.constraints import Constraint
from retrieval.ranking import Recommendation, Slate
from retrieval.reasons import Reason
from tests.scripted_chat import ScriptedChat, TaughtChat, chat, words_of

ORBIT = "Low Orbit is a quiet science fiction film about space."
RUN = "Starlight Run is a funny comedy about a heist."
CELLAR = "What the Cellar Keeps is a dark horror film."
FALSE = "Low Orbit is a breathtaking musical."


@pytest.fixture
def slate(catalogue) -> Slate:
    wish = Reason("wish", "quiet", "mood", "quiet")
    chosen = ["orbit-2009", "starlight-2019", "cellar-2014", "kite-1995"]
    reasons = {"orbit-2009": (wish,)}
    return Slate("s", tuple(
        Recommendation(catalogue[item], rank, 1.0, {}, reasons.get(item, ())) for rank, item in enumerate(chosen, 1)
    ))  # fmt: skip


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def late(self) -> None:
        self.now += FIRST_WORD_SECONDS + 0.1


def grown(catalogue, slate: Slate, model: ScriptedChat | None, **options) -> list[Explanation]:
    return list(explain(slate, "something quiet", catalogue, model, **{"clock": Clock()} | options))


def told(explanation: Explanation) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.by, sentence.positions) for sentence in explanation.sentences]


TEMPLATE = [("template", (1,)), ("template", (2,)), ("template", (3,))]


def test_without_a_model_the_template_explains_the_first_items(catalogue, slate):
    explanation = grown(catalogue, slate, None)[-1]
    assert told(explanation) == TEMPLATE
    titles = ["Low Orbit", "Starlight Run", "What the Cellar Keeps"]
    assert all(title in sentence.text for title, sentence in zip(titles, explanation.sentences, strict=True))


def test_it_grows_by_one_sentence_at_a_time(catalogue, slate):
    for model in (None, chat(*words_of(f"{ORBIT} {RUN} {CELLAR}"))):
        growing = grown(catalogue, slate, model)
        assert [len(explanation.sentences) for explanation in growing] == [1, 2, 3]
        assert all(later.sentences[:-1] == sooner.sentences for sooner, later in itertools.pairwise(growing))


def test_true_sentences_of_the_model_are_shown_as_it_said_them(catalogue, slate):
    model = GenericFakeChatModel(messages=iter([AIMessage(f"{ORBIT} {RUN} {CELLAR}")]))
    explanation = grown(catalogue, slate, model)[-1]
    assert explanation.text == f"{ORBIT} {RUN} {CELLAR}"
    assert told(explanation) == [("model", (1,)), ("model", (2,)), ("model", (3,))]


def test_a_sentence_that_the_facts_do_not_carry_is_dropped_and_counted(catalogue, slate):
    explanation = grown(catalogue, slate, chat(*words_of(f"{FALSE} {ORBIT} {RUN} {CELLAR}")))[-1]
    assert FALSE not in explanation.text
    assert (explanation.dropped, told(explanation)) == (1, [("model", (1,)), ("model", (2,)), ("model", (3,))])


def test_where_nothing_true_is_left_the_template_speaks(catalogue, slate):
    explanation = grown(catalogue, slate, chat(*words_of(f"{FALSE} Cold Harbour is a dark film. Enjoy!")))[-1]
    assert (explanation.dropped, told(explanation)) == (3, TEMPLATE)


def test_the_template_fills_in_for_the_items_that_the_model_left_out(catalogue, slate):
    explanation = grown(catalogue, slate, chat(*words_of(RUN)))[-1]
    assert sorted(told(explanation), key=lambda pair: pair[1]) == [("template", (1,)), ("model", (2,)), ("template", (3,))]


@pytest.mark.parametrize(
    "error",
    [ModelError("gone"), OSError("gone"), RuntimeError("gone"), ValueError("gone"), httpx.ConnectError("gone")],
    ids=lambda error: type(error).__name__,
)
def test_a_model_that_fails_midway_costs_its_words_and_no_more(catalogue, slate, error):
    assert told(grown(catalogue, slate, chat(error))[-1]) == TEMPLATE
    half = grown(catalogue, slate, chat(f"{ORBIT} ", "Starlight Run is", error))[-1]
    assert told(half) == [("model", (1,)), *TEMPLATE[1:]]
    assert half.sentences[0].text == ORBIT


AFTER = {
    "Low Orbit": " is a quiet science fiction film about space.",
    "Starlight Run": " is a funny comedy about a heist. Starlight Run is a science fiction film. And so on.",
    "What the Cellar Keeps": " is a dark horror film.",
}


def test_a_taught_model_is_asked_item_by_item_and_goes_on_from_the_title(catalogue, slate):
    model = TaughtChat(after=AFTER)
    explanation = grown(catalogue, slate, model)[-1]
    assert explanation.text == f"{ORBIT} {RUN} {CELLAR}"  # one sentence of each
    assert told(explanation) == [("model", (1,)), ("model", (2,)), ("model", (3,))]
    assert [asked[-1].text for asked in model.asked] == list(AFTER)
    assert "And " not in model.said  # stopped after its first sentence
    assert model.closed == 3


def test_a_taught_model_that_is_late_goes_on_with_the_next_item(catalogue, slate):
    clock = Clock()

    class Late(TaughtChat):
        def _stream(self, messages, stop=None, run_manager=None, **kwargs):
            for piece in super()._stream(messages, stop, run_manager, **kwargs):
                yield piece
                if messages[-1].text == "Low Orbit":
                    clock.late()

    model = Late(after=AFTER)
    explanation = grown(catalogue, slate, model, clock=clock)[-1]
    assert told(explanation) == [("template", (1,)), ("model", (2,)), ("model", (3,))]
    assert "space. " not in model.said  # the sentence that came too late was not waited for


def test_what_a_taught_model_makes_up_of_one_item_costs_that_item_alone(catalogue, slate):
    model = TaughtChat(after=AFTER | {"Starlight Run": " is a breathtaking musical."})
    explanation = grown(catalogue, slate, model)[-1]
    assert explanation.dropped == 1
    assert sorted(told(explanation), key=lambda pair: pair[1]) == [("model", (1,)), ("template", (2,)), ("model", (3,))]


def test_a_sentence_cut_short_is_not_shown(catalogue, slate):
    explanation = grown(catalogue, slate, chat(f"{ORBIT} Starlight Run is a comedy about"))[-1]
    assert told(explanation) == [("model", (1,)), *TEMPLATE[1:]]
    assert "Starlight Run is a comedy" not in explanation.text


def test_a_late_model_finds_the_template_has_begun(catalogue, slate):
    clock = Clock()
    growing = grown(catalogue, slate, chat(clock.late, "Low ", f"{RUN} {RUN} ", f"{CELLAR} "), clock=clock)
    assert told(growing[0]) == [("template", (1,))]
    assert told(growing[-1])[0] == ("template", (1,))
    assert {position for _, positions in told(growing[-1]) for position in positions} == {1, 2, 3}


def test_a_model_in_time_is_waited_for(catalogue, slate):
    assert told(grown(catalogue, slate, chat("Low ", ORBIT.removeprefix("Low ") + " ", RUN + " "))[0]) == [("model", (1,))]


def test_a_model_that_hangs_does_not_hold_up_the_first_words(catalogue, slate):
    let_go = threading.Event()
    started = time.monotonic()
    growing = explain(slate, "something quiet", catalogue, chat(lambda: let_go.wait(4), ORBIT))
    first = next(growing)
    waited = time.monotonic() - started
    let_go.set()
    growing.close()
    assert told(first) == [("template", (1,))]
    assert waited < FIRST_WORD_SECONDS + 1


PIECES = [ORBIT, RUN, CELLAR, FALSE, "It ", "is quiet. ", "Low Orbit ", "1. ", "\n", " "]


@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=9)))
def test_whatever_the_model_says_there_is_a_sentence_for_each_item(catalogue, pieces):
    items = [catalogue[item] for item in ("orbit-2009", "starlight-2019", "cellar-2014")]
    slate = Slate("s", tuple(Recommendation(item, rank, 1.0, {}) for rank, item in enumerate(items, 1)))
    explanation = grown(catalogue, slate, chat(*pieces))[-1]
    positions = [position for sentence in explanation.sentences for position in sentence.positions]
    assert set(positions) == {1, 2, 3}
    assert FALSE not in explanation.text
    assert all(sentence.positions and sentence.text.strip() for sentence in explanation.sentences)


@pytest.mark.parametrize("size", range(5))
def test_there_is_always_something_said_and_only_of_the_slate(catalogue, slate, size):
    smaller = Slate("s", slate.recommendations[:size])
    for model in (None, chat(*words_of(f"{ORBIT} {RUN} {CELLAR}")), chat("Nothing."), chat(RuntimeError("gone"))):
        explanation = grown(catalogue, smaller, model)[-1]
        positions = {position for sentence in explanation.sentences for position in sentence.positions}
        assert explanation.text
        assert positions == set(range(1, min(size, EXPLAINED) + 1))


def test_an_empty_slate_is_owned_up_to_without_asking_the_model(catalogue):
    model = chat(ORBIT)
    (explanation,) = grown(catalogue, Slate("s", ()), model)
    assert "no film left" in explanation.text
    assert model.asked == []


@pytest.mark.parametrize("model", [None, chat(*words_of(f"{ORBIT} {RUN} {CELLAR}"))], ids=["template", "model"])
def test_conditions_given_up_are_said_first(catalogue, slate, model):
    given_up = (Constraint("year", "$gt", 2030.0, "after 2030"), Constraint("genres", "$in", ("western",), "only westerns"))
    explanation = grown(catalogue, Slate("s", slate.recommendations, given_up), model)[-1]
    first = explanation.sentences[0]
    assert "year after 2030" in first.text and "only western" in first.text
    assert first.by == "template"


def test_a_notice_comes_before_everything(catalogue, slate):
    growing = grown(catalogue, slate, chat(*words_of(ORBIT)), notice="I could not make that out.")
    assert growing[0].text == "I could not make that out."
    assert growing[-1].text.startswith("I could not make that out.")


def test_closing_the_words_closes_the_models_stream(catalogue, slate):
    model = chat(*words_of(f"{ORBIT} {RUN} {CELLAR}"))
    growing = explain(slate, "something quiet", catalogue, model)
    next(growing)
    assert model.closed == 0
    growing.close()
    assert model.closed == 1
    assert "Cellar " not in model.said


def test_the_model_is_let_go_once_every_item_has_its_sentence(catalogue, slate):
    model = chat(*words_of(f"{ORBIT} {RUN} {CELLAR} And so on."), "for ever")
    grown(catalogue, slate, model)
    assert model.closed == 1
    assert "for ever" not in model.said


def test_the_model_is_told_the_facts_of_the_first_items_alone(catalogue, slate):
    model = chat(ORBIT)
    grown(catalogue, slate, model)
    prompt = "\n".join(message.text for message in model.asked[0])
    assert all(title in prompt for title in ("Low Orbit", "Starlight Run", "What the Cellar Keeps"))
    assert "Paper Kite" not in prompt
