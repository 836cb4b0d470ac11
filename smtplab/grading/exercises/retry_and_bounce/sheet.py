"""The task sheet of exercise 07."""

from __future__ import annotations

from .demands import (
    BUSY_ATTEMPTS,
    BUSY_HOURS,
    GIVE_UP_DAYS,
    GREYLIST_MINUTES,
    LONG_ATTEMPTS,
    LONG_DELAY_HOURS,
    SHORT_DELAY_MINUTES,
    WARN_HOURS,
)
from .task import RetryTask


def sheet(task: RetryTask) -> str:
    """Return the task sheet."""
    undelivered = "\n".join(
        f"  {number}. from {each.reverse_path} to {each.forward_path}\n     {each.told}"
        for number, each in enumerate(task.undelivered, start=1)
    )
    return (
        f"Your mail host is called {task.host}\n"
        "\nPart 1. What its schedule must do for a message that cannot be delivered at once (its times count as you\n"
        "write them, without the tenth that a host adds by chance):\n\n"
        "  a. The other host is down for less than an hour: the message arrives at most\n"
        f"     {SHORT_DELAY_MINUTES} minutes after it is up again.\n"
        "  b. The other host answers 421 because it is busy: at most"
        f" {BUSY_ATTEMPTS} attempts in the first {BUSY_HOURS} hours.\n"
        "  c. The other host refuses every sender that it has not seen before for up to 30 minutes (greylisting):\n"
        f"     the message arrives within {GREYLIST_MINUTES} minutes.\n"
        "  d. The other host is down for days, four at most: the message arrives at most\n"
        f"     {LONG_DELAY_HOURS} hours after it is up again, and there are at most {LONG_ATTEMPTS} attempts.\n"
        f"  e. The sender is warned once, {WARN_HOURS[0]} to {WARN_HOURS[1]} hours after the message came,"
        " if it is still in the queue.\n"
        f"  f. The message is given up after {GIVE_UP_DAYS[0]} to {GIVE_UP_DAYS[1]} days.\n\n"
        "  In b and d the first attempt counts; one that is made when the 8 hours or the four days end does not.\n"
        "  At the time of giving up, a last attempt is made.\n"
        "\nPart 2. A message was given to your host with this envelope:\n\n"
        f"  MAIL FROM:<{task.sender}>\n"
        f"  RCPT TO:<{task.recipient}>\n"
        f"\nYour host gave it to {task.far_host}, which answered RCPT with\n\n"
        f"  {task.refusal}\n"
        "\nOn another day, your host could not deliver these four messages. Which of their senders get a bounce?\n\n"
        f"{undelivered}"
    )
