// Show and hide a password. It is hidden again before it is sent, so that the browser doesn't remember it as text.
// Hooks: button[data-reveal="<id of the field>"] with data-show, data-hide (what is on it),
// data-show-label, data-hide-label (what it is called), [data-reveal-status] beside it

function set(button, field, shown) {
  field.type = shown ? "text" : "password";
  button.textContent = shown ? button.dataset.hide : button.dataset.show;
  button.setAttribute("aria-label", shown ? button.dataset.hideLabel : button.dataset.showLabel);
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const status = button.parentElement.querySelector("[data-reveal-status]");
  button.hidden = false;
  button.parentElement.classList.add("field__box--reveal");
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    set(button, field, shown);
    status.textContent = shown ? status.dataset.shown : status.dataset.hidden;
  });
  field.form.addEventListener("submit", () => set(button, field, false));
}
