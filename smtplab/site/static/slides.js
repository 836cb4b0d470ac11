/* Start the slides, and make what is too long for one smaller, so that nothing is cut off. */
(function () {
  const HEIGHT = 690, SMALLEST = 0.45, STEP = 0.05;

  /* How far down a slide goes, in its own pixels. */
  function used(section) {
    const parts = [...section.children].filter((child) => !child.matches(".page, .notes"));
    const bottom = Math.max(...parts.map((child) => child.getBoundingClientRect().bottom));
    return (bottom - section.getBoundingClientRect().top) / Reveal.getScale();
  }

  function fit(section) {
    if (!section || section.dataset.fitted) return;
    section.dataset.fitted = "1";
    for (const kind of [".output", ".highlight"]) {
      const parts = section.querySelectorAll(kind);
      for (let size = 1 - STEP; used(section) > HEIGHT && size >= SMALLEST; size -= STEP) {
        for (const part of parts) part.style.zoom = size;
        section.dataset.fitted = size.toFixed(2);
      }
    }
    section.dataset.used = Math.round(used(section));
  }

  Reveal.initialize({
    width: 1280, height: 720, margin: 0.04, center: false, hash: true, slideNumber: "c/t",
    transition: "none", plugins: [RevealNotes],
  });
  Reveal.on("ready", (event) => fit(event.currentSlide));
  Reveal.on("slidechanged", (event) => fit(event.currentSlide));
})();
