"""The queue player: hosts, queues and moving messages at each moment, forth, back and by itself."""

from __future__ import annotations

import pytest

from smtplab import Lab, QueuePlayer
from smtplab.jupyter.widgets.frontend import Slider
from support.views import labels, only, page, press

HOST, FAR, CAMPUS = "mail.lab.example", "mail.adelphia.net", "mail.campus.example"


@pytest.fixture
def lab() -> Lab:
    """A message waits for an hour, because the next host is down; another one is refused there, and returned."""
    lab = Lab(queues=True)
    client = lab.telnet(HOST)
    client.send("HELO laptop.example")
    for name in ("forouzanb", "nobody"):
        client.send(f"MAIL FROM:<dora@campus.example>\nRCPT TO:<{name}@adelphia.net>\nDATA\nSubject: x\n.")
    lab.down(FAR, minutes=50)
    lab.run()
    return lab


@pytest.fixture
def player(lab: Lab) -> QueuePlayer:
    return QueuePlayer(lab)


def told(player: QueuePlayer) -> str:
    return " ".join(player.moment.told)


def test_it_begins_with_empty_queues(player: QueuePlayer) -> None:
    assert player.position == 0
    assert not any(player.moment.waiting.values())
    assert player.moment.told == ["The lab begins."]


def test_each_moment_has_what_waits_and_what_moves(player: QueuePlayer) -> None:
    player.forward()
    assert list(player.moment.waiting[HOST]) == ["A000001-1", "A000002-1"]
    assert player.moment.moves == []
    player.forward()
    assert player.moment.down == (FAR,)
    while not any(move.result == "never" for move in player.moment.moves):
        player.forward()
    results = {(move.end, move.result) for move in player.moment.moves}
    assert (FAR, "never") in results
    assert (CAMPUS, "handed on") in results  # the bounce, at once
    player.go_to(len(player))
    assert player.moment.down == ()
    assert not any(player.moment.waiting.values())


def test_what_happens_is_told_once(player: QueuePlayer, lab: Lab) -> None:
    lines = [line for moment in player.moments for line in moment.told]
    assert len(lines) == len(set(lines))
    assert f"{FAR} goes down." in lines
    assert f"{FAR} is up again." in lines
    assert sum("handed on" in line for line in lines) == 2


def test_the_buttons_the_slider_and_the_words_go_together(player: QueuePlayer) -> None:
    assert labels(player.view) == ["to the beginning", "back", "play", "forward", "to the end"]
    slider = only(player.view, Slider)
    assert (slider.name, len(slider.stops)) == ("moment", len(player) + 1)
    assert slider.stops[0] == "6 Aug 10:25:00. The lab begins."
    press(player.view, "forward")
    assert (player.position, slider.value) == (1, 1)
    assert "queued for forouzanb@adelphia.net" in page(player.view)
    slider.value = 0
    assert player.position == 0
    assert "queued for" not in page(player.view)


def test_all_pictures_have_the_same_room_for_the_hosts(player: QueuePlayer) -> None:
    boxes = set()
    for position in range(len(player) + 1):
        player.go_to(position)
        boxes |= {part for part in player._drawn.parts if part.startswith("<rect") and 'stroke="' in part}
    assert len({part.partition('height="')[2].partition('"')[0] for part in boxes}) == 1


def test_it_keeps_what_had_happened_when_it_was_made(player: QueuePlayer, lab: Lab) -> None:
    moments = len(player)
    lab.telnet(HOST).send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<dora@campus.example>\nDATA\n.")
    lab.run()
    assert len(player) == moments
    assert len(QueuePlayer(lab)) == moments + 2


def test_its_text_has_the_moment_and_the_queues(player: QueuePlayer) -> None:
    player.forward()
    assert str(player) == (
        "Queue player\n"
        f"  moment     1 of {len(player)}\n"
        "  time       6 Aug 10:25:00\n"
        "  waiting    2 entries\n"
        f"  down       {FAR}\n"
        "The queues of the lab at 6 Aug 10:25:00.\n"
        f"{FAR} is down. Its queue is empty.\n"
        f"{HOST} is up. In its queue: A000001-1 for forouzanb@adelphia.net, A000002-1 for nobody@adelphia.net.\n"
        f"{CAMPUS} is up. Its queue is empty.\n"
        f"  {HOST} A000001-1: queued for forouzanb@adelphia.net.\n"
        f"  {HOST} A000002-1: queued for nobody@adelphia.net."
    )
    assert "<svg" in player.picture


def test_a_lab_without_queues_cannot_be_played() -> None:
    with pytest.raises(ValueError, match="queues=True"):
        QueuePlayer(Lab())


def test_a_lab_in_which_nothing_has_happened_can_be_played() -> None:
    player = QueuePlayer(Lab(queues=True))
    player.play()
    assert (len(player), player.position) == (0, 0)
