"""Made-up logs of one user in two sessions, for properties that hold of any log."""

from hypothesis import strategies as st

from bot.corrections import Correction
from bot.deeds import KINDS, Event
from bot.session import Mention, Turn, Understanding
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish

NOW = 1_700_000_000.0
DAY = 86_400.0
ITEMS = ["harbour-1950", "signal-1979", "orbit-2009", "kite-1995"]

wishes = st.builds(
    Wish, facet=st.just("mood"), value=st.sampled_from(["dark", "quiet", "funny"]), weight=st.floats(-1, 1),
    evidence=st.sampled_from(["dark", "not dark"]),
)  # fmt: skip
constraints = st.builds(
    Constraint, st.just("year"), st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$eq"]), st.floats(1900, 2030)
) | st.builds(Constraint, st.just("genres"), st.sampled_from(["$in", "$nin"]), st.sampled_from([("horror",), ("crime",)]))
mentions = st.builds(
    Mention, st.sampled_from(ITEMS), sentiment=st.floats(-1, 1), consumed=st.booleans(), evidence=st.just("said so")
)
understandings = st.builds(
    Understanding, st.sampled_from(["reveal", "refine", "forget"]), st.lists(mentions, max_size=2).map(tuple),
    st.lists(wishes, max_size=2).map(tuple), st.lists(constraints, max_size=2).map(tuple), st.sampled_from(["", "space"]),
)  # fmt: skip
turns = st.lists(
    st.builds(
        Turn, st.text("abc", min_size=1, max_size=3), st.sampled_from(["s1", "s2"]), st.just("ann"),
        st.integers(0, 9).map(lambda days: NOW - days * DAY), st.just("…"), understandings,
    ), max_size=6, unique_by=lambda turn: turn.id,
)  # fmt: skip
events = st.lists(
    st.builds(
        Event, st.text("abc", min_size=1, max_size=3), st.just("ann"), st.sampled_from(ITEMS), st.sampled_from(KINDS),
        st.integers(0, 9).map(lambda days: NOW - days * DAY), st.none() | st.floats(0.5, 5), st.sampled_from(["s1", "s2"]),
    ), max_size=6, unique_by=lambda event: event.id,
)  # fmt: skip

targets = st.sampled_from(
    (
        "preference:mood=dark",
        "preference:mood=quiet",
        "item:orbit-2009",
        'condition:genres $nin ["horror"]',
        "entry:a",
        "entry:b",
    )
)
_times = st.integers(0, 9).map(lambda days: NOW - days * DAY)
_ids = st.text("abcde", min_size=1, max_size=3)
corrections = st.lists(
    st.one_of(
        st.builds(Correction, _ids, st.just("ann"), st.sampled_from(("undo", "forget")), _times, targets),
        st.builds(
            Correction, _ids, st.just("ann"), st.just("weigh"), _times,
            st.sampled_from(("preference:mood=dark", "preference:mood=funny")), st.floats(-1, 1),
        ),
        st.builds(Correction, _ids, st.just("ann"), st.sampled_from(("pause", "resume")), _times),
    ), max_size=5, unique_by=lambda correction: correction.id,
)  # fmt: skip
