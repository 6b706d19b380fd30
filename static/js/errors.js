// The summary of errors gets the focus when the page opens, and its links put the cursor into the field.
// Such a page answers a form. Back, or loading it again, is to show the form and not to ask whether it shall be
// sent once more: so the browser is told to remember the page's address alone. Where the form goes elsewhere, the
// address alone would lose what the page shows.
// Hooks: [data-errors], [data-challenge], main form without an action

const summary = document.querySelector("[data-errors]");

if (
  (summary || document.querySelector("[data-challenge]")) &&
  document.querySelector("main form:not([action])")
) {
  window.history.replaceState(window.history.state, "", window.location.href);
}

if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const place = link && document.getElementById(link.hash.slice(1));
    if (place) {
      event.preventDefault();
      (place.matches("fieldset") ? place.querySelector("input") : place).focus();
    }
  });
}
