"""What a message says: a table of utterances with what a sensible person hears in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings

from bot.nearest_words import NearestWords
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, Facet, Item
from tests.conftest import FILMS
from tests.heard import Heard, heard, hears

SLATE = ("orbit-2009", "vault-1988", "kite-1995")

UTTERANCES = [
    # titles
    ("I loved Cold Harbour", hears(likes="harbour-1950")),
    ("i love the listeners", hears(likes="listeners-2016")),
    ("something like Low Orbit", hears(likes="orbit-2009")),
    ("Starlight Run was great", hears(likes="starlight-2019")),
    ("Signal and The Paper Kite are my favourites", hears(likes="signal-1979 kite-1995")),
    ("I hated Glass Vault", hears(dislikes="vault-2001")),
    ("I didn't like The Vault Boys", hears(dislikes="vault-1988")),
    ("not a fan of Lisbon Letters", hears(dislikes="letters-1962")),
    ("I loved Signal but hated Glass Vault", hears(likes="signal-1979", dislikes="vault-2001")),
    ("The Canal Bakery was boring", hears(dislikes="bakery-2005")),
    ("What the Cellar Keeps is my favourite", hears(likes="cellar-2014")),
    ("I loved Starlite Run", hears(likes="starlight-2019")),
    ("Lisbon Lettersn please", hears(likes="letters-1962")),
    ("like Cold Harbor", hears(likes="harbour-1950")),
    ("i loved cold harbor", hears(likes="harbour-1950")),
    ('"low orbit" was lovely', hears(likes="orbit-2009")),
    ("more like “What the Cellar Keeps”", hears(likes="cellar-2014")),
    ("Low Orbit (2009) please", hears(likes="orbit-2009")),
    # seen
    ("I have already seen Signal", hears(seen="signal-1979")),
    ("I've seen Low Orbit and Starlight Run", hears(seen="orbit-2009 starlight-2019")),
    ("already watched Glass Vault", hears(seen="vault-2001")),
    ("I saw Cold Harbour last year, loved it", hears(seen="harbour-1950")),
    ("I've seen Signal and hated it", hears(seen="signal-1979", dislikes="signal-1979")),
    # the slate
    ("more like the second one", hears(likes="vault-1988")),
    ("the 2nd one looks good", hears(likes="vault-1988")),
    ("not the first one", hears(dislikes="orbit-2009")),
    ("I liked the first one but not the third one", hears(likes="orbit-2009", dislikes="kite-1995")),
    ("I've seen the third one", hears(seen="kite-1995")),
    ("the last one looks good", hears(likes="kite-1995")),
    ("the second film was boring", hears(dislikes="vault-1988")),
    ("the fifth one", hears()),
    # wishes
    ("a quiet science fiction film", hears(wants="quiet science_fiction")),
    ("sci-fi please", hears(wants="science_fiction")),
    ("something funny about a heist", hears(wants="funny heist")),
    ("a cosy romance", hears(wants="cosy romance")),
    ("romantic comedies", hears(wants="romantic comedy")),
    ("thrillers about revenge", hears(wants="thriller revenge")),
    ("haunted house stories", hears(wants="haunted_house")),
    ("newer please", hears(wants="$high", musts="year_$gt_1995")),
    ("something older", hears(wants="$low", musts="year_$lt_1995")),
    ("I love horror", hears(wants="horror")),
    ("I want something tense and stylish", hears(wants="tense stylish")),
    # what is not wanted
    ("not horror", hears(bans="horror")),
    ("no horror or crime", hears(bans="horror crime")),
    ("neither horror nor crime", hears(bans="horror crime")),
    ("nothing dark", hears(bans="dark")),
    ("without monsters", hears(bans="monster")),
    ("I hate horror", hears(bans="horror")),
    ("I don't like comedies", hears(bans="comedy")),
    ("I'm not in the mood for romance", hears(bans="romance")),
    ("anything but comedies", hears(bans="comedy")),
    ("everything except comedies", hears(bans="comedy")),
    ("everything except for comedies and thrillers", hears(bans="comedy thriller")),
    ("comedy, not romance", hears(wants="comedy", bans="romance")),
    ("science fiction but no horror", hears(wants="science_fiction", bans="horror")),
    ("quiet, but not cerebral", hears(wants="quiet", bans="cerebral")),
    ("no horror, something funny", hears(wants="funny", bans="horror")),
    ("no horror, and quiet please", hears(wants="quiet", bans="horror")),
    ("I don't want a drama. A comedy would be great", hears(wants="comedy", bans="drama")),
    ("not too dark", hears(avoids="dark")),
    ("not so tense", hears(avoids="tense")),
    ("something less dark", hears(avoids="dark")),
    ("funny and not too dark", hears(wants="funny", avoids="dark")),
    ("not only comedies", hears()),
    ("why not a comedy?", hears(wants="comedy")),
    # conditions
    ("only science fiction", hears(musts="science_fiction")),
    ("strictly comedies", hears(musts="comedy")),
    ("crime after 2000", hears(wants="crime", musts="year_$gt_2000")),
    ("under 2 hours and quiet", hears(wants="quiet", musts="runtime_$lt_120")),
    ("under 100 min", hears(musts="runtime_$lt_100")),
    ("no older than 2000, no horror", hears(bans="horror", musts="year_$gte_2000")),
    ("Low Orbit was fine, but something after 2010", hears(likes="orbit-2009", musts="year_$gt_2010")),
]


@pytest.mark.parametrize(("message", "expected"), UTTERANCES, ids=[message for message, _ in UTTERANCES])
def test_a_message_is_heard_as_a_person_would(catalogue, message, expected):
    assert heard(Understander(catalogue).understand(message, SLATE)) == expected


@pytest.mark.parametrize("message", ["I haven't seen Low Orbit", "I never watched Low Orbit", "we have not seen Low Orbit yet"])
def test_an_item_not_seen_is_neither_had_nor_disliked(catalogue, message):
    told = heard(Understander(catalogue).understand(message))
    assert (told.seen, told.dislikes) == (frozenset(), frozenset())


def towns() -> Catalogue:
    """Films whose titles are ordinary words, two of one title, and people's names."""
    told = [
        ("get-out", "Get Out", 2017, "thriller", "gore", "Ana Quist", "They must get out of here before the room heats up."),
        ("heat", "Heat", 1995, "crime", "violence", "Bo Rask", "It is the heat of the chase, up and down the town."),
        ("up", "Up", 2009, "western", "balloons", "Ana Quist", "A house goes up and out of town."),
        ("twins-1988", "Twins", 1988, "comedy", "siblings", "Cy Adler", "Two brothers meet."),
        ("twins-2011", "Twins", 2011, "western", "siblings", "Dee Volkmann", "Two sisters fight."),
    ]
    facets = {name: Facet(name, "category", name.capitalize()) for name in ("genres", "themes", "directors")}
    items = [
        Item(item, title, text, {"year": float(year), "genres": (genre,), "themes": (theme,), "directors": (director,)})
        for item, title, year, genre, theme, director, text in told
    ]
    return Catalogue(tuple(items), facets | {"year": Facet("year", "number", "Year")}, "film", "films")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("get out of here", hears()),
        ("Get out of here!", hears()),
        ("what's up", hears()),
        ("I can't stand the heat outside", hears()),
        ("I loved Get Out", hears(likes="get-out")),
        ("I loved Heat", hears(likes="heat")),
        ("I hated Up", hears(dislikes="up")),
        ('like "heat"', hears(likes="heat")),
        ("I loved Twins (1988)", hears(likes="twins-1988")),
        ("I loved Twins (2011)", hears(likes="twins-2011")),
        ("something like Twins 2011", hears(likes="twins-2011")),
        ("anything but westerns", hears(bans="western")),
        ("no gore or violence", hears(bans="gore violence")),
        ("anything by Ana Quist", hears(wants="ana_quist")),
        ("the new Volkmann", hears(wants="dee_volkmann")),
        ("nothing by Bo Rask", hears(bans="bo_rask")),
    ],
)
def test_ordinary_words_same_titles_and_names_are_told_apart(message, expected):
    assert heard(Understander(towns()).understand(message)) == expected


INTENTS = {
    "chat": ["hello", "Hi there!", "thanks!", "ok cool", "anything good for tonight?"],
    "forget": ["start over", "forget everything", "Let's start from scratch.", "please reset"],
    "ask_why": ["why this one?", "Why did you pick that?"],
}


@pytest.mark.parametrize(("intent", "message"), [(intent, said) for intent, all_said in INTENTS.items() for said in all_said])
def test_what_is_no_wish_is_known_for_what_it_is(catalogue, intent, message):
    understanding = Understander(catalogue).understand(message, SLATE)
    assert (understanding.intent, understanding.understood) == (intent, True)
    assert (understanding.wishes, understanding.constraints) == ((), ())


@pytest.mark.parametrize(
    "message", ["ich möchte etwas Lustiges sehen", "quiero ver algo divertido esta noche", "что-нибудь смешное", "qwzx plugh"]
)
def test_a_language_it_does_not_know_is_not_understood(catalogue, message):
    assert not Understander(catalogue).understand(message).understood


def test_what_is_not_wanted_stays_out_of_the_words_looked_for(catalogue):
    text = Understander(catalogue).understand("a film about submarines, no pirates, not too dark").search_text
    assert "submarines" in text
    assert "pirates" not in text and "dark" not in text


@given(film=st.sampled_from(FILMS))
def test_every_title_is_known_however_it_is_spoken_of(catalogue, film):
    understander, item = Understander(catalogue), film[0]
    assert heard(understander.understand(f"I loved {film[1]}")) == Heard(likes=frozenset({item}))
    assert heard(understander.understand(f"I hated {film[1]}")) == Heard(dislikes=frozenset({item}))
    assert heard(understander.understand(f"I have already seen {film[1]}")) == Heard(seen=frozenset({item}))


@given(value=st.sampled_from(sorted({value for film in FILMS for values in film[3:6] for value in values})))
def test_every_value_can_be_wanted_and_ruled_out(catalogue, value):
    understander = Understander(catalogue)
    assert value in heard(understander.understand(f"something with {value}")).wants
    assert heard(understander.understand(f"no {value}")) == Heard(bans=frozenset({value}))


@given(message=st.text(max_size=60) | st.lists(st.sampled_from([m for m, _ in UTTERANCES]), max_size=3).map(" ".join))
def test_no_message_breaks_it_and_all_it_hears_is_of_the_catalogue(catalogue, message):
    understanding = Understander(catalogue).understand(message, SLATE)
    assert all(mention.item_id in catalogue for mention in understanding.mentions)
    assert all(said.facet in catalogue.facets for said in (*understanding.wishes, *understanding.constraints))


class Spooky(Embeddings):
    """Gives "spooky" the vector of "eerie" and every other word one of its own."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query("eerie" if text == "spooky" else text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return np.random.default_rng(list(text.encode())).normal(size=64).tolist()


def test_an_unknown_word_is_led_to_the_value_nearest_in_meaning(catalogue):
    understander = Understander(catalogue, NearestWords(catalogue, Spooky()))
    assert heard(understander.understand("something spooky")) == hears(wants="eerie")
    assert heard(understander.understand("nothing spooky")) == hears(bans="eerie")
    assert heard(understander.understand("something about banking")) == hears()
