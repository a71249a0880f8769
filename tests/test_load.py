"""Load in small, as `python -m tests.load` does it in full: streams at their pace, refusals at once, nothing that grows."""

import numpy as np

from tests.load.__main__ import connected, soak, streams
from tests.load.servers import GAP, TOKENS

STREAMS = 25


def test_streams_keep_the_pace_of_the_model():
    heard = streams("parley", STREAMS)
    assert [one.status for one in heard] == [200] * STREAMS and all(one.words == TOKENS for one in heard)
    assert np.percentile([gap for one in heard for gap in one.gaps], 95) < 2 * GAP


def test_whoever_is_too_many_is_told_at_once():
    heard = connected(40, at_once=4)  # and 32 more wait
    refused = [one for one in heard if one.status == 429]
    assert len(refused) == 4 and all(int(one.retry_after) > 0 for one in refused)
    assert sorted({one.status for one in heard}) == [200, 429]
    assert max(one.seconds for one in refused) < min(one.seconds for one in heard if one.status == 200)


def test_nothing_grows():
    rows = soak(0.3)
    (_, before, files, threads), (turns, after, files_after, threads_after) = rows[1], rows[-1]
    assert turns > 100 and after < before * 1.25  # sessions and what is learnt from them are kept
    assert files_after <= files + 5 and threads_after <= threads + 3
