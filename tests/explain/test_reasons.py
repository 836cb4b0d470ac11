"""Each sentence is one, says more than the code does, and is about a reply that a host can give."""

import pytest

from smtplab.explain.causes import CAUSES
from smtplab.explain.reasons import ADVICE, LOOKUPS, REASONS
from smtplab.protocol.codes import classify
from smtplab.protocol.replies import IDLE_TIMEOUT, NAMES, Reply

SENTENCES = [*REASONS.items(), *ADVICE.items()]
SENTENCES += [(reply, sentence) for (reply, _), sentences in LOOKUPS.items() for sentence in sentences]


@pytest.mark.parametrize(("reply", "sentence"), SENTENCES, ids=lambda value: NAMES.get(value, "") or value)
def test_it_is_one_plain_sentence_of_its_own(reply: Reply, sentence: str) -> None:
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert sentence.count(".") == 1
    assert sentence not in (classify(reply.code).meaning, classify(reply.code).advice)


def test_each_is_about_a_reply_that_has_a_cause_or_takes_its_time() -> None:
    told = {*REASONS, *ADVICE, *(reply for reply, _ in LOOKUPS)}
    assert told - {cause.reply for cause in CAUSES} == {IDLE_TIMEOUT}
