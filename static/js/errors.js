// The summary of errors gets the focus when the page opens, and its links put the cursor into the field.
// Hooks: [data-errors]

const summary = document.querySelector("[data-errors]");

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
