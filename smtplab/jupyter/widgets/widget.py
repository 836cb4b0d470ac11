"""What all the widgets share: how one is shown in a notebook, and what of it stays in the file.

A widget lives until it is closed, at the latest as long as its kernel. So a cell that shows one has two outputs: a
still picture, which is text and HTML as of any other value, and the live view. Where the view lives, the picture is
hidden; in a saved notebook, on a page without a kernel and after a restart, it is what there is to read. It keeps up
with what is done on the page, so a saved notebook holds the last state of the widget and not the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from ...base.printed import sentence
from ...client.outcomes import ClientError
from ...show import style
from .frontend import Frontend

ResultT = TypeVar("ResultT")

VIEW = "application/vnd.jupyter.widget-view+json"

# The view of a kernel that is gone says nothing, or that its model is not found; then the picture takes its place.
_ALIVE = ".smtplab-live:not(.jupyter-widgets-disconnected)"
_STILL_OR_LIVE = (
    "<style>"
    f".jp-OutputArea:has({_ALIVE}) .smtplab-still{{display:none}}"
    ".smtplab-live.jupyter-widgets-disconnected,"
    ".jp-OutputArea:has(.smtplab-still) .jp-OutputArea-output.jupyter-widgets:not(:has(*)){display:none}"
    "</style>"
)


def on_the_page() -> bool:
    """Say whether what happens now was begun on the page, by a click or a key, and not by a cell."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and kernel.get_parent().get("header", {}).get("msg_type") == "comm_msg"


def run_on_the_page() -> tuple[str, str] | None:
    """Return which cell of a page runs, and in which of its runs; None if that cannot be told."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = {} if kernel is None else kernel.get_parent()
    cell = request.get("metadata", {}).get("cellId")
    return None if cell is None else (cell, request["header"]["msg_id"])


def html(*names: str) -> Any:
    """Return a widget that shows HTML, still empty, with the names by which CSS finds it."""
    made = ipywidgets.HTML()
    for name in ("smtplab-html", *names):
        made.add_class(name)
    return made


def button(label: str, action: Callable[[], object], *names: str) -> Any:
    """Return a button.

    Args:
        label: what stands on it.
        action: called when it is pressed.
        names: by which CSS finds it.
    """
    made = ipywidgets.Button(description=label)
    for name in names:
        made.add_class(name)
    made.on_click(lambda _: action())
    return made


def show(widget: Any, wanted: bool) -> None:
    """Show a part of a widget, or hide it from everybody, also from the keyboard and from screen readers."""
    widget.layout.display = None if wanted else "none"


def _close(part: Any) -> None:
    """Close a part of a view, and all that it is made of: what is in it, how it lies and how it looks."""
    for key in part.keys:
        value = getattr(part, key)
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, ipywidgets.Widget):
                _close(each)
    part.close()


class Widget:
    """A widget with a still picture; a subclass has the parts, the words and what can be done.

    Args:
        frontend: what a page alone can do: the clipboard, the focus, a word to a screen reader.

    Attributes:
        view: the live view, an ipywidgets box, to be placed among other widgets.
    """

    def __init__(self, frontend: Frontend) -> None:
        self.view = ipywidgets.VBox().add_class("smtplab-live")
        self._frontend = frontend
        self._sentence = html("smtplab-problem")
        self._problem = ""
        self._still: DisplayHandle | None = None
        show(self._sentence, False)

    def _arrange(self, above: Iterable[Any], below: Iterable[Any]) -> None:
        """Put the parts into the view; the copy buttons, and what went wrong, stand between."""
        self.view.children = (*above, self._sentence, self._frontend, *below)

    @property
    def problem(self) -> str:
        """Why the last action came to nothing, in a sentence; empty if it did not."""
        return self._problem

    def __str__(self) -> str:
        raise NotImplementedError

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        raise NotImplementedError

    def _refresh(self) -> None:
        """Bring the view up to date."""
        raise NotImplementedError

    def _attempt(self, action: Callable[[], ResultT]) -> ResultT | None:
        """Do what was asked for, and bring everything up to date; what it raises becomes the `problem`.

        Returns:
            What the action returns; None if it came to nothing.
        """
        problem, result = "", None
        try:
            result = action()
        except (ClientError, ValueError) as error:
            problem = sentence(error)
        self._settle(problem)
        return result

    def _refuse(self, why: str) -> None:
        """Do nothing, and let `why` be the `problem`: what was asked for cannot be done."""
        self._settle(sentence(why))

    def _settle(self, problem: str = "") -> None:
        """Bring everything up to date, and tell the page if it has asked."""
        self._problem = problem
        self._sentence.value = style.panel(f"<b>That did not work.</b> {style.escape(self._problem)}")
        show(self._sentence, bool(self._problem))
        self._refresh()
        if on_the_page():
            self._announce()
            if self._still is not None:
                self._still.update(self._bundle(), raw=True)

    def _announce(self) -> None:
        """Tell a screen reader what came of an action, and lead the keyboard on."""
        self._frontend.said = self._problem

    def _bundle(self) -> dict[str, str]:
        return {
            "text/plain": str(self),
            "text/html": f'{_STILL_OR_LIVE}<div class="smtplab-still">{self.picture}</div>',
        }

    def display(self) -> None:
        """Show the picture and the view."""
        self._still = display(self._bundle(), raw=True, display_id=True)
        if self.view.comm is not None:
            display({VIEW: self.view._repr_mimebundle_()[VIEW]}, raw=True)

    def close(self) -> None:
        """Take the view off the page for good, with all that the kernel keeps for it; the picture and the words stay.

        Nobody else does so: what a widget consists of is kept until the kernel ends, whether or not its cell is still
        there. For a few widgets that is no matter; a notebook that makes hundreds should close them.
        """
        _close(self.view)

    def _ipython_display_(self) -> None:
        self.display()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
