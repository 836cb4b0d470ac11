"""An argument is chosen from what is known, or typed."""

from smtplab.jupyter.arguments import SLOT_OF
from smtplab.jupyter.widgets.field import Field


def test_a_field_holds_what_is_known_and_what_is_typed() -> None:
    field = Field(SLOT_OF["RCPT"], print)
    field.offer(["<a@b.example>", "<c@d.example>"])
    assert field.value == "<a@b.example>"
    field.value = "<c@d.example>"
    assert field.value == "<c@d.example>"
    lines = field.view.children[1]
    assert lines.layout.display == "none"
    field.value = "<odd"
    assert field.value == "<odd"
    assert lines.layout.display is None
    field.offer([""])
    assert field.value == ""
    assert lines.layout.display == "none"


def test_enter_in_a_field_says_that_it_was_entered() -> None:
    entered = []
    field = Field(SLOT_OF["RCPT"], lambda text: entered.append((text, field.value)))
    field.offer(["<a@b.example>"])
    field.value = "<w@y.example>"
    field.view.children[1].enter("<x@y.example>")
    assert entered == [("<x@y.example>",) * 2]


def test_verbs_without_an_argument_have_no_field() -> None:
    assert Field(SLOT_OF["QUIT"], print).view.layout.display == "none"
    assert Field(SLOT_OF["NOOP"], print).view.layout.display is None
