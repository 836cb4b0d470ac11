"""A captured session says in one line who called whom, and when."""

from smtplab import Transcript
from smtplab.capture import CapturedSession

SESSION = Transcript.parse("220 m\nQUIT\n221 bye\n")
PLACE = ("192.0.2.7", "192.0.2.25", 40000, 25)


def test_its_title_has_both_ends_and_the_time() -> None:
    found = CapturedSession(SESSION, *PLACE, 1_000_000_000.25)
    assert found.title == "192.0.2.7 port 40000 calls 192.0.2.25 port 25, 2001-09-09 01:46:40 UTC"
    assert str(found) == f"{found.title}:\n{SESSION}"
    assert repr(found) == f"<CapturedSession, {found.title}, 3 lines>"


def test_a_time_beyond_the_calendar_is_told_in_seconds() -> None:
    assert CapturedSession(SESSION, *PLACE, 1e15).title.endswith("1e+15 seconds after 1970")
