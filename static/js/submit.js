// A form is sent once, and after 400 ms its button says what is being done.
// Hooks: button[data-busy="Checking…"], [data-busy-status] (a live region beside it)

const SAY_AFTER = 400;

function begin(form, button) {
  const status = form.querySelector("[data-busy-status]");
  form.dataset.idle = button.textContent;
  form.dataset.sent = "yes";
  window.setTimeout(() => {
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-disabled", "true");
    if (status) {
      status.textContent = button.dataset.busy;
    }
  }, SAY_AFTER);
}

function end(form) {
  const button = form.querySelector("[data-busy]");
  button.textContent = form.dataset.idle;
  button.removeAttribute("aria-disabled");
  delete form.dataset.sent;
}

document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-busy]");
  if (event.target.dataset.sent) {
    event.preventDefault();
  } else if (button && !event.defaultPrevented) {
    begin(event.target, button);
  }
});

// The way back out of the browser's page cache finds the form as it was.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    document.querySelectorAll("form[data-sent]").forEach(end);
  }
});
