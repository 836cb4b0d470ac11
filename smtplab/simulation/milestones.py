"""The states that a run may come to, and that somebody who tests mail hosts wants to have seen."""

from __future__ import annotations

from enum import Enum


class Milestone(Enum):
    """A state that most runs do not reach. The value says it in words."""

    SENT_AGAIN = "a message was sent again, because the reply to it was lost"
    DUPLICATE = "a lost reply made a second copy"
    ROOM_AGAIN = "a recipient was refused with 452, and taken later"
    SECOND_MX = "a host of lower preference took mail"
    EXPIRY = "a message was given up because its time had run out"
    SUPPRESSED_BOUNCE = "a bounce could not be delivered, and made no bounce"
    PARTIAL_REFUSAL = "one recipient of a message was taken, and another was not"
    LOOP_STOPPED = "a loop of mail was stopped"
    GREYLISTED = "a host asked to try again because it did not know the sender"
