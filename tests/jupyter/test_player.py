"""The session player: forth, back and by itself, with state, phase and octets at each line."""

from pathlib import Path

import ipywidgets
import pytest

from smtplab import Lab, Phase, Session, SessionPlayer, State, Transcript
from smtplab.explain.cards import cards
from smtplab.jupyter.widgets.frontend import Slider
from support.paths import DATA
from support.views import chooser, labels, only, page, part, parts, press


@pytest.fixture
def session() -> Session:
    session = Lab().telnet("mail.adelphia.net")
    session.send("HELO mail.adelphia.net")
    session.send("MAIL FROM:<forouzanb@adelphia.net>")
    return session


@pytest.fixture
def player(session: Session) -> SessionPlayer:
    return SessionPlayer(session)


def clock_of(player: SessionPlayer) -> ipywidgets.Play:
    """Return what counts the lines while the player plays; nobody sees it."""
    (clock,) = (part for part in parts(player.view) if isinstance(part, ipywidgets.Play))
    return clock


def test_it_stands_before_the_first_line(player: SessionPlayer, session: Session) -> None:
    assert (player.position, len(player), player.row) == (0, len(session.transcript), None)
    assert (player.state, player.phase) == (State.CONNECTED, Phase.CONNECTION_ESTABLISHMENT)
    assert str(player.octets) == ""


def test_it_steps_forth_and_back_with_the_state_and_the_phase_of_each_line(player: SessionPlayer) -> None:
    states = []
    for row in player.transcript:
        player.forward()
        assert player.row is row
        states.append(player.state)
    assert states == [
        *[State.CONNECTED] * 2,
        *[State.GREETED] * 2,
        *[State.READY] * 2,
        State.SENDER,
    ]
    assert player.phase is Phase.MAIL_TRANSFER
    player.forward()
    assert player.position == len(player)
    player.back()
    assert (player.position, player.state) == (len(player) - 1, State.READY)
    player.go_to(-5)
    player.back()
    assert player.position == 0


@pytest.mark.parametrize("path", sorted((DATA / "transcripts").glob("*.txt")), ids=lambda path: path.stem)
def test_the_state_at_a_line_is_that_of_the_conversation_up_to_it(path: Path) -> None:
    player = SessionPlayer(Transcript.parse(path.read_text(encoding="utf-8")))
    for position in range(1, len(player) + 1):
        player.go_to(position)
        assert player.state is player.played.state


def test_the_octets_of_the_line_are_shown(player: SessionPlayer) -> None:
    player.go_to(4)
    assert str(player.octets).startswith("C  48 45 4c 4f 20")
    assert ">CRLF</span>" in page(player.view)
    player.go_to(1)
    assert str(player.octets) == ""
    assert ">CRLF</span>" not in page(player.view)


@pytest.mark.parametrize(("level", "named"), [("words", False), ("states", True), ("digits", True)])
def test_the_ladder_names_states_once_the_cards_do(
    player: SessionPlayer, monkeypatch: pytest.MonkeyPatch, level: str, named: bool
) -> None:
    monkeypatch.setattr(cards, "_level", level)
    player.go_to(len(player))
    assert (">SENDER</text>" in page(player.view), ">SENDER</text>" in player.picture) == (named, named)


def test_the_ladder_grows_with_the_lines(player: SessionPlayer) -> None:
    player.go_to(4)
    assert player.played == Transcript(player.transcript[:4])
    assert "HELO mail.adelphia.net" in page(player.view)
    assert "MAIL FROM" not in page(player.view)
    player.go_to(6)
    assert "MAIL FROM" in page(player.view)


def test_the_buttons_do_what_they_say(player: SessionPlayer) -> None:
    assert labels(player.view) == ["to the beginning", "back", "play", "forward", "to the end"]
    press(player.view, "to the end")
    assert player.position == len(player)
    press(player.view, "back")
    press(player.view, "back")
    press(player.view, "forward")
    assert player.position == len(player) - 1
    press(player.view, "to the beginning")
    assert player.position == 0


def test_the_slider_and_the_clock_move_it_and_follow_it(player: SessionPlayer) -> None:
    slider, clock = only(player.view, Slider), clock_of(player)
    slider.value = 3
    assert (player.position, clock.value) == (3, 3)
    clock.value = 4
    assert (player.position, slider.value) == (4, 4)
    player.forward()
    assert (slider.value, clock.value) == (5, 5)


def test_the_slider_has_a_word_for_each_stop(player: SessionPlayer) -> None:
    assert only(player.view, Slider).stops == ["before the first line", *map(str, player.transcript)]


def test_it_plays_and_pauses_and_begins_anew_at_the_end(player: SessionPlayer) -> None:
    player.go_to(len(player))
    press(player.view, "play")
    assert (player.playing, player.position) == (True, 0)
    clock_of(player).value = 1
    press(player.view, "pause")
    assert (player.playing, player.position) == (False, 1)
    assert labels(player.view)[2] == "play"
    player.play()
    assert player.position == 1


@pytest.mark.parametrize(("seconds", "interval"), [(1.5, 1500), (0.25, 250), (0, 100)])
def test_a_line_stands_as_long_as_was_asked(session: Session, seconds: float, interval: int) -> None:
    assert clock_of(SessionPlayer(session, seconds=seconds)).interval == interval


@pytest.mark.parametrize(("speed", "interval"), [(0.5, 3000), (1, 1500), (2, 750), (4, 375)])
def test_its_speed_is_chosen_in_a_list_or_set_from_a_cell(player: SessionPlayer, speed: float, interval: int) -> None:
    player.speed = speed
    assert (player.speed, clock_of(player).interval) == (speed, interval)
    chooser(player.view, "speed").value = 1.0
    assert clock_of(player).interval == 1500


def test_no_speed_makes_a_line_shorter_than_a_tenth_of_a_second(session: Session) -> None:
    player = SessionPlayer(session, seconds=0.2)
    player.speed = 4
    assert clock_of(player).interval == 100


def test_the_current_line_is_marked_in_a_part_of_the_view_that_scrolls(player: SessionPlayer) -> None:
    ladder = part(player.view, "smtplab-scroll")
    assert ">now</text>" not in ladder.value
    for _ in player.transcript:
        player.forward()
        assert ladder.value.count(">now</text>") == 1
    assert ">now</text>" not in player.picture


def test_it_keeps_the_conversation_as_it_was(player: SessionPlayer, session: Session) -> None:
    rows = len(player)
    session.send("RSET")
    assert len(player) == rows


def test_an_empty_transcript_can_be_played() -> None:
    player = SessionPlayer(Transcript())
    player.forward()
    player.play()
    assert (player.position, player.state) == (0, State.CONNECTED)


def test_its_text_is_exact(player: SessionPlayer) -> None:
    player.go_to(4)
    assert str(player) == (
        "Session player\n"
        f"  line       4 of {len(player)}\n"
        "  said       C: HELO mail.adelphia.net\n"
        "  by         the client\n"
        "  phase      Connection Establishment\n"
        "  state      greeted, the client has not said who it is\n"
        f"{player.octets}\n{player.transcript}"
    )
    assert "C: HELO mail.adelphia.net" in player.picture
    assert "MAIL FROM" in player.picture
