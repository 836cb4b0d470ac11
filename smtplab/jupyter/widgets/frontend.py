"""What needs JavaScript: copy to the clipboard, move the focus, tell a screen reader. And the style of all widgets.

All JavaScript of the widgets is in this file, so nothing is fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

import traitlets
from anywidget import AnyWidget

# Without https a page must not use the clipboard, as on some JupyterHubs; selecting and copying works there, too.
_SCRIPT = """
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function render({ model, el }) {
  const name = model.get("name");
  const copies = document.createElement("div");
  const said = document.createElement("div");
  copies.className = "smtplab-copies";
  said.className = "smtplab-said";
  said.setAttribute("role", "status");
  el.append(copies, said);

  // A part that scrolls shows its end, where the newest line is, whenever its content changes.
  function follow(box) {
    const scroller = box.querySelector(".smtplab-scroll");
    if (scroller) {
      scroller.tabIndex = 0;
      scroller.setAttribute("role", "region");
      scroller.setAttribute("aria-label", `${name}: conversation`);
      scroller.scrollTop = scroller.scrollHeight;
    }
  }
  let follower;

  // The box all around is there only once the view is on the page.
  requestAnimationFrame(() => {
    const box = el.closest(".smtplab-live");
    box?.setAttribute("role", "group");
    box?.setAttribute("aria-label", name);
    // Without the attribute, the keys that choose in a list would be JupyterLab's, and C would copy the cell.
    // A part that is only read, as an outcome is, has JupyterLab's keys: the arrows lead to the next cell.
    box?.addEventListener("focusin", ({ target }) => {
      if (target.tabIndex >= 0) {
        target.setAttribute("data-lm-suppress-shortcuts", "true");
      }
    });
    // Escape leads back to the cell, as it does from its editor.
    box?.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) {
        box.closest(".jp-Cell")?.focus();
      }
    });
    if (box) {
      follower = new MutationObserver(() => follow(box));
      follower.observe(box, { childList: true, subtree: true });
      follow(box);
    }
  });

  function tell() {
    const text = model.get("said");
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = text; });
  }

  for (const label of Object.keys(model.get("texts"))) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "jupyter-button smtplab-copy";
    button.textContent = label;
    button.addEventListener("click", async () => {
      const done = await copy(model.get("texts")[label]);
      button.focus();
      said.textContent = "";
      const text = done ? "Copied." : "The browser does not let the page copy; mark the text and copy it by hand.";
      button.nextElementSibling?.classList.contains("smtplab-done") && button.nextElementSibling.remove();
      const note = document.createElement("span");
      note.className = "smtplab-done";
      note.textContent = text;
      button.after(note);
      setTimeout(() => note.remove(), 4000);
      requestAnimationFrame(() => { said.textContent = text; });
    });
    copies.append(button);
  }

  function focus(message) {
    const target = el.closest(".smtplab-live")?.querySelector(message.focus);
    const control = target?.matches("input, textarea, button, select")
      ? target : target?.querySelector("input, textarea, button, select");
    if (target && !control) {
      target.tabIndex = -1;
    }
    // What was just switched on becomes so with the page's next picture.
    requestAnimationFrame(() => (control ?? target)?.focus());
  }

  model.on("change:said", tell);
  model.on("msg:custom", focus);
  return () => {
    follower?.disconnect();
    model.off("change:said", tell);
    model.off("msg:custom", focus);
  };
}

export default { render };
"""

_SLIDER = """
function render({ model, el }) {
  const label = document.createElement("label");
  const slider = document.createElement("input");
  label.className = "smtplab-slider";
  slider.type = "range";
  slider.min = "0";
  slider.step = "1";
  label.append(model.get("name"), slider);
  el.append(label);

  function draw() {
    slider.max = String(model.get("stops").length - 1);
    slider.value = String(model.get("value"));
    slider.setAttribute("aria-valuetext", model.get("stops")[model.get("value")]);
  }
  function move() {
    model.set("value", Number(slider.value));
    model.save_changes();
  }

  draw();
  slider.addEventListener("input", move);
  model.on("change:value", draw);
  return () => model.off("change:value", draw);
}

export default { render };
"""

_LINE = """
function render({ model, el }) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const name = document.createElement("span");
  label.className = "smtplab-line";
  name.className = "smtplab-name";
  name.textContent = model.get("name");
  input.type = "text";
  input.spellcheck = false;
  input.autocomplete = "off";
  label.append(name, input);
  el.append(label);

  function draw() {
    input.value = model.get("value");
    input.placeholder = model.get("hint");
  }
  function change() {
    model.set("value", input.value);
    model.save_changes();
  }
  function enter(event) {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const text = input.value;
      if (model.get("clears")) {
        input.value = "";
      } else {
        change();
      }
      model.send({ entered: text });
    }
  }

  draw();
  input.addEventListener("change", change);
  input.addEventListener("keydown", enter);
  model.on("change:value", draw);
  return () => model.off("change:value", draw);
}

export default { render };
"""

_LOOK = """
.smtplab-live { max-width: 1000px; color: var(--jp-content-font-color1, inherit); }
.smtplab-live .widget-html-content { line-height: 1.5; overflow: visible; }
.smtplab-live .smtplab-html { height: auto; margin: 2px; }
.smtplab-live .smtplab-html table { margin: 0; }
.smtplab-live .smtplab-html:not(.smtplab-scroll) > .widget-html-content { min-width: 0; }
.smtplab-live .widget-hbox { flex-wrap: wrap; align-items: baseline; }
.smtplab-live select { max-width: 100%; }
.smtplab-live .widget-dropdown { max-width: calc(100% - 4px); }
.smtplab-live .smtplab-scroll {
  height: clamp(200px, 45vh, 480px);
  overflow: auto;
  resize: vertical;
  border: 1px solid var(--jp-border-color1, currentColor);
}
.smtplab-live .smtplab-scroll:focus-visible, .smtplab-live .smtplab-html:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px;
}
.smtplab-live .widget-label { width: auto; min-width: 4.5em; padding-right: 6px; text-align: right; }
.smtplab-live select, .smtplab-live input[type="text"], .smtplab-live textarea {
  color: var(--jp-ui-font-color0, inherit);
  font-family: var(--jp-code-font-family, monospace);
  background: var(--jp-layout-color0, transparent);
  border: 1px solid var(--jp-ui-font-color2, currentColor);
}
.smtplab-live select { appearance: auto; }
.smtplab-live ::placeholder { color: var(--jp-ui-font-color2, inherit); opacity: 1; }
.smtplab-live .jupyter-button {
  width: auto;
  flex: none;
  overflow: visible;
  padding: 0 10px;
  border: 1px solid var(--jp-ui-font-color2, currentColor);
  border-radius: 4px;
  background: var(--jp-layout-color2, transparent);
  color: var(--jp-ui-font-color0, inherit);
  font-weight: 600;
  cursor: pointer;
}
.smtplab-live .jupyter-button:hover:enabled { border-color: var(--jp-ui-font-color0, currentColor); }
.smtplab-live .jupyter-button:disabled {
  opacity: 1;
  border-style: dashed;
  background: transparent;
  box-shadow: none;
  color: var(--jp-ui-font-color1, inherit);
  font-weight: 400;
  font-style: italic;
  cursor: not-allowed;
}
.smtplab-live .jupyter-button:focus-visible, .smtplab-live select:focus-visible,
.smtplab-live input:focus-visible, .smtplab-live textarea:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2) !important;
  outline-offset: 1px;
}
.smtplab-live .smtplab-verb {
  font-family: var(--jp-code-font-family, monospace);
  min-width: 50px;
  padding: 0 6px;
  text-align: center;
}
.smtplab-live .smtplab-groups { flex-wrap: wrap; gap: 6px 10px; }
.smtplab-live .smtplab-groups > * {
  flex-wrap: wrap;
  border-left: 3px solid var(--jp-border-color1, currentColor);
  padding-left: 6px;
}
.smtplab-live .smtplab-groups .widget-label { min-width: 0; padding-left: 4px; }
.smtplab-live .smtplab-groups .widget-dropdown { flex: none; margin: 2px 0; }
.smtplab-line { display: flex; align-items: center; gap: 6px; margin: 2px 2px 2px 8px; }
.smtplab-line input { flex: 1; height: 28px; padding: 0 8px; box-sizing: border-box; font-size: inherit; }
.smtplab-live .smtplab-raw { flex: 0 1 640px; }
.smtplab-live .smtplab-raw .smtplab-line { margin-left: 2px; }
.smtplab-live .smtplab-raw .smtplab-name { min-width: 4.5em; text-align: right; }
.smtplab-slider { display: flex; align-items: center; gap: 8px; }
.smtplab-slider input { flex: 1; min-width: 200px; accent-color: var(--jp-brand-color1, auto); }
.smtplab-copies { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.smtplab-copies .smtplab-copy { height: 28px; line-height: 26px; font-size: var(--jp-widgets-font-size, 13px); }
.smtplab-said { position: absolute; bottom: 0; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""


class Frontend(AnyWidget):
    """A row of copy buttons, and a live region for screen readers.

    Args:
        name: the name of the whole widget, for a screen reader.
        texts: the texts to copy, by the labels of their buttons; the labels never change.
    """

    _esm = _SCRIPT
    _css = _LOOK

    name = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, name: str, texts: dict[str, str] | None = None) -> None:
        super().__init__(name=name, texts=texts or {})

    def focus_on(self, selector: str) -> None:
        """Move the focus to the first part of the widget that matches a CSS selector.

        The focus is on the first control in this part; on the part itself if it has none.
        """
        self.send({"focus": selector})

    def __repr__(self) -> str:
        return "<Frontend>"


class LineInput(AnyWidget):
    """A line to type in. Enter sends the text along; the text field of ipywidgets loses it if somebody types fast.

    Args:
        name: its label.
        hint: the text in it while it is empty.
        entered: called on Enter, with the text.
        clears: True if Enter empties the line.
    """

    _esm = _LINE

    name = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    clears = traitlets.Bool().tag(sync=True)

    def __init__(self, name: str, hint: str, entered: Callable[[str], object], *, clears: bool = False) -> None:
        super().__init__(name=name, hint=hint, clears=clears)
        self._entered = entered
        self.on_msg(lambda _, content, __: self.enter(content["entered"]))

    def enter(self, text: str) -> None:
        """Do what typing a text and Enter does."""
        self.value = "" if self.clears else text
        self._entered(text)

    def __repr__(self) -> str:
        return "<LineInput>"


class Slider(AnyWidget):
    """A slider with a label, and a word for each of its stops, for screen readers.

    Args:
        name: its label.
        stops: the words.
    """

    _esm = _SLIDER

    name = traitlets.Unicode().tag(sync=True)
    stops = traitlets.List(traitlets.Unicode()).tag(sync=True)
    value = traitlets.Int().tag(sync=True)

    def __init__(self, name: str, stops: list[str]) -> None:
        super().__init__(name=name, stops=stops)

    def __repr__(self) -> str:
        return "<Slider>"
