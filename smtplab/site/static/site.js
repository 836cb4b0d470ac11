/* What is too wide for the page scrolls sideways; let the keyboard reach it, and only it. */
(function () {
  function mark() {
    for (const part of document.querySelectorAll("article pre, article .output, article .table-wrapper, article div")) {
      const scrolls = part.scrollWidth > part.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(part).overflowX);
      if (scrolls) part.tabIndex = 0;
      else if (part.getAttribute("tabindex") === "0") part.removeAttribute("tabindex");
    }
  }
  /* The index has reply codes with a word in front (CodeSearch); the texts of the pages have them without. */
  function findCodesInTexts() {
    if (typeof Search === "undefined") return;
    const summary = Search.makeSearchSummary;
    Search.makeSearchSummary = (html, words, anchor) =>
      summary(html, new Set([...words].map((word) => word.replace(/^code(?=\d{3}$)/, ""))), anchor);
  }

  addEventListener("DOMContentLoaded", findCodesInTexts);
  addEventListener("load", mark);
  addEventListener("resize", mark);
  document.addEventListener("toggle", mark, true);
})();
