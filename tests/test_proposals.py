"""What a language model proposes beyond the rules: believed where facets, ids and the words bear it out."""

from dataclasses import replace

import pytest

from bot.deltas import deltas
from bot.proposals import Proposals
from bot.session import Session
from bot.understanding import Understander
from tests.conversing import NOW, answer
from tests.scripted_chat import chat, words_of

SAID = "something forlorn in orbit"
SHOWN = ("orbit-2009", "bear-2011")


def read(catalogue, *script, says=SAID, shown=SHOWN):
    """The lines that the model's add to those of the rules."""
    rules = Understander(catalogue).understand(says, shown)
    model = chat(*script)
    found = Proposals(catalogue, model).added(says, rules, shown)
    return [line for lines in deltas(found) for line in lines if lines not in deltas(rules)], model


@pytest.mark.parametrize(
    ("line", "adds"),
    [
        ("want mood=melancholy | forlorn", ["want mood=melancholy"]),
        ("- Want Mood=Melancholy | “forlorn”", ["want mood=melancholy"]),
        ("not mood=cosy | forlorn", ["not mood=cosy"]),
        ("dislike 2 | forlorn", ["dislike bear-2011"]),
        ("seen 1 | something forlorn", ["seen orbit-2009"]),
    ],
)
def test_what_the_catalogue_and_the_words_bear_out_counts(catalogue, line, adds):
    assert read(catalogue, *words_of(line + "\n"))[0] == adds


@pytest.mark.parametrize(
    "line",
    [
        "want mood=desolate | forlorn",  # no value of the catalogue
        "want weather=melancholy | forlorn",  # no facet of it
        "want mood=melancholy | sad and lonely",  # words that nobody said
        "want mood=melancholy | in",  # words that tell nothing
        "want mood=melancholy",  # no words at all
        "year>=1990 | forlorn",  # a number that nobody said
        "mood>=3 | forlorn",  # a facet without numbers
        "like 3 | forlorn",  # was not shown
        "You want something melancholy, I think.",
        "nothing",
        "",
    ],
)
def test_what_nothing_bears_out_does_not(catalogue, line):
    assert read(catalogue, *words_of(line + "\n"))[0] == []


def test_numbers_that_were_said_count_once(catalogue):
    says = "made no earlier than MCMXC, meaning 1990, forlorn"
    assert read(catalogue, "year>=1990 | meaning 1990, forlorn\n", says=says)[0] in ([], ["year>=1990"])


def test_one_good_line_among_bad_ones_is_heard(catalogue):
    lines = "nonsense\nwant mood=desolate | forlorn\nwant mood=melancholy | forlorn\n"
    assert read(catalogue, *words_of(lines))[0] == ["want mood=melancholy"]


def test_no_more_is_read_than_a_few_lines(catalogue):
    added, model = read(catalogue, *("nothing\n" for _ in range(100)))
    assert added == [] and len(model.said) < 10 and model.closed == 1


def test_a_model_that_fails_costs_nothing(catalogue):
    assert read(catalogue, "want mood=melancholy | forlorn\n", ValueError("gone"))[0] == ["want mood=melancholy"]
    assert read(catalogue, ValueError("gone"))[0] == []


@pytest.mark.parametrize("says", ["a quiet film", "undo", "hello there", "why the second one?", "after 1990 please"])
def test_what_the_rules_have_read_is_not_asked(catalogue, says):
    assert read(catalogue, says=says)[1].asked == []


def test_what_it_is_asked_names_facets_values_and_what_was_shown(catalogue):
    system, human = read(catalogue)[1].asked[0]
    assert "melancholy" in system.text and "year: a number, 1950 to 2019" in system.text
    assert "1. Low Orbit\n2. Bear in the Library\nMessage: something forlorn in orbit" in human.text


def test_a_turn_goes_by_what_was_proposed(recommender, log):
    session: Session = log.start_session("ann", NOW)
    proposing = replace(
        recommender, embeddings=None, proposals=Proposals(recommender.catalogue, chat("want mood=melancholy | forlorn\n"))
    )
    done = answer(proposing, session, "something forlorn")
    assert done.slate.item_ids[0] == "letters-1962"
    assert ("mood", "melancholy") in {(one.facet, one.value) for one in done.profile.preferences}
