"""The judge of accessibility sees what is wrong in an output, and leaves the rest of the page alone."""

import pytest

from support.axe import grave_violations
from support.lab_page import LabPage

SHOW = "from IPython.display import HTML, display; display(HTML('''{}'''))"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<span style="color: #777; background: #999">hard to read</span>', "color-contrast (serious)"),
        (
            '<div style="height: 5000px"></div><i style="color: #777; background: #999">far down</i>',
            "color-contrast (serious)",
        ),
        ('<div role="img">a picture</div>', "role-img-alt (serious)"),
        ("<input>", "label (critical)"),
    ],
)
def test_a_fault_in_an_output_is_found(lab: LabPage, html: str, found: str) -> None:
    assert lab.new(SHOW.format(html)).run(0).errors == []
    (violation,) = grave_violations(lab.page)
    assert violation.startswith(found)


def test_what_is_no_output_is_judged_only_if_it_is_asked_for(lab: LabPage) -> None:
    lab.new(SHOW.format("<b>fine</b>")).run(0)
    lab.page.evaluate("document.querySelector('.jp-NotebookPanel-toolbar').append(document.createElement('input'))")
    assert grave_violations(lab.page) == []
    assert any(violation.startswith("label (critical)") for violation in grave_violations(lab.page, "body"))
