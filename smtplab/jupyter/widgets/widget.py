"""The base of all widgets: how one is shown in a notebook, and what remains of it in the file.

A widget lives until it is closed, or until its kernel ends. So a cell that shows one has two outputs: a still picture,
as text and HTML, and the live view. The page hides the picture while the view is alive. In a saved notebook, on a page
without a kernel, and after a restart, the picture remains. It follows what is done on the page, so a saved notebook
holds the last state of the widget.
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
    """Return True if the current action began with a click or a key on the page, and not with a cell."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and kernel.get_parent().get("header", {}).get("msg_type") == "comm_msg"


def run_on_the_page() -> tuple[str, str] | None:
    """Return the running cell and its run; None if that is not known."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = {} if kernel is None else kernel.get_parent()
    cell = request.get("metadata", {}).get("cellId")
    return None if cell is None else (cell, request["header"]["msg_id"])


def html(*names: str) -> Any:
    """Return an empty widget for HTML, with names for CSS."""
    made = ipywidgets.HTML()
    for name in ("smtplab-html", *names):
        made.add_class(name)
    return made


def button(label: str, action: Callable[[], object], *names: str) -> Any:
    """Return a button.

    Args:
        label: its text.
        action: called when it is pressed.
        names: its names for CSS.
    """
    made = ipywidgets.Button(description=label)
    for name in names:
        made.add_class(name)
    made.on_click(lambda _: action())
    return made


def show(widget: Any, wanted: bool) -> None:
    """Show or hide a part of a widget, also from the keyboard and from screen readers."""
    widget.layout.display = None if wanted else "none"


def _close(part: Any) -> None:
    """Close a part of a view, with its children, layout and style."""
    for key in part.keys:
        value = getattr(part, key)
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, ipywidgets.Widget):
                _close(each)
    part.close()


class Widget:
    """A widget with a still picture; a subclass has the parts, the texts and the actions.

    Args:
        frontend: the clipboard, the focus, and a live region for screen readers.

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
        """Put the parts into the view, with the copy buttons and the problem between them."""
        self.view.children = (*above, self._sentence, self._frontend, *below)

    @property
    def problem(self) -> str:
        """Why the last action failed, as a sentence; empty if it did not."""
        return self._problem

    def __str__(self) -> str:
        raise NotImplementedError

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        raise NotImplementedError

    def _refresh(self) -> None:
        """Update the view."""
        raise NotImplementedError

    def _attempt(self, action: Callable[[], ResultT]) -> ResultT | None:
        """Run an action and update the view; an error of the session becomes the `problem`.

        Returns:
            The value of the action; None if it failed.
        """
        problem, result = "", None
        try:
            result = action()
        except (ClientError, ValueError) as error:
            problem = sentence(error)
        self._settle(problem)
        return result

    def _refuse(self, why: str) -> None:
        """Do nothing but set the `problem`, because the action is not possible."""
        self._settle(sentence(why))

    def _settle(self, problem: str = "") -> None:
        """Update the view; after an action on the page, also the picture and the screen reader."""
        self._problem = problem
        self._sentence.value = style.panel(f"<b>That did not work.</b> {style.escape(self._problem)}")
        show(self._sentence, bool(self._problem))
        self._refresh()
        if on_the_page():
            self._announce()
            if self._still is not None:
                self._still.update(self._bundle(), raw=True)

    def _announce(self) -> None:
        """Tell a screen reader the outcome of an action, and move the focus on."""
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
        """Remove the view from the page for good, and free what the kernel keeps for it; the picture stays.

        Nothing else frees it: the parts of a widget are kept until the kernel ends, even if its cell is gone. A few
        widgets do not matter, but a notebook that makes hundreds should close them.
        """
        _close(self.view)

    def _ipython_display_(self) -> None:
        self.display()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
