"""How much each source counts on a site that has learnt nothing yet."""

from collections.abc import Mapping

from retrieval.ranker import Ranker

# Of scores in standard deviations. Chosen on the 60 + 30 requests of tests/bench/asked/*_dev.jsonl, never on _test; what
# past conversations teach begins small and moves as they come.
LEARNT = (
    "title_said", "title_message", "kinds_said", "kinds_last", "plain_said", "plain_last",
    "names_message", "names_last", "names_said", "names_all",
    "like_plain", "like_plain_newest", "like_kinds", "like_names", "like_names_newest", "like_title", "like_numbers",
    "often_named", "busy_15", "busy_60", "busy_180", "busy_720", "busy_ever", "well_liked",
)  # fmt: skip
WEIGHTS: Mapping[str, float] = {
    "lexical": 0.15, "wishes": 0.25, "preferred": 0.25, "similar": 0.25, "taste": 0.07, "examples": 0.4, "popular": 0.1,
    "dense_intent": 1.0, "dense_session": 0.2, "dense_long_term": 0.15,
    **dict.fromkeys(("past_message", "past_last", "past_said", "past_all", "past_letters", "past_meant", "often_taken"), 0.05),
    **dict.fromkeys(("together", "together_newest", "after"), 0.05),
    **dict.fromkeys(
        ("others_beside", "others_beside_newest", "others_follows", "others_follows_newest", "others_near", "others_far",
         "others_onwards"), 0.05,
    ),
    **dict.fromkeys(LEARNT, 0.0),
}  # fmt: skip
SHIPPED = Ranker.straight(WEIGHTS)
DIVERSITY = 0.15  # the dial of diversify
