"""What the page does is asked for in words that its script knows."""

import re

import pytest
from anywidget import AnyWidget

from smtplab.jupyter.widgets.frontend import Frontend, LineInput, Slider


@pytest.mark.parametrize(
    "widget",
    [Frontend("name", {"copy": "text"}), LineInput("name", "hint", print), Slider("name", ["a", "b"])],
    ids=lambda widget: type(widget).__name__,
)
def test_the_script_reads_what_the_widget_keeps_and_fetches_nothing(widget: AnyWidget) -> None:
    ours = set(widget.trait_names()) - set(AnyWidget.class_trait_names())
    read = set(re.findall(r'model\.(?:get|set)\("(\w+)"', widget._esm))
    assert read == {name for name in ours if not name.startswith("_")}
    assert not re.search(r"https?:|import\s", f"{widget._esm}{getattr(widget, '_css', '')}")


def test_enter_hands_over_what_was_typed() -> None:
    heard: list[str] = []
    line = LineInput("name", "hint", heard.append)
    line._handle_custom_msg({"entered": "typed"}, [])
    assert (heard, line.value) == (["typed"], "typed")


def test_a_line_that_clears_is_empty_afterwards() -> None:
    heard: list[str] = []
    line = LineInput("name", "hint", heard.append, clears=True)
    line.value = "old"
    line.enter("typed")
    assert (heard, line.value) == (["typed"], "")


def test_the_focus_is_led_by_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    frontend, sent = Frontend("name"), []
    monkeypatch.setattr(frontend, "send", sent.append)
    frontend.focus_on(".smtplab-raw")
    assert sent == [{"focus": ".smtplab-raw"}]
    assert "message.focus" in frontend._esm
