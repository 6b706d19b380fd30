// Copy and print what is shown once; saving it as a file needs no script.
// Hooks: [data-copy="<id>"], [data-print]; data-done is what the button says
// afterwards, to everybody through the [data-codes-status] beside it.

function text(id) {
  const place = document.getElementById(id);
  const lines = [...place.querySelectorAll("li")].map((item) => item.textContent.trim());
  return `${lines.length ? lines.join("\n") : place.textContent.replace(/\s+/g, "")}\n`;
}

function say(button) {
  button.parentElement.querySelector("[data-codes-status]").textContent = button.dataset.done;
}

const actions = {
  copy: async (button) => {
    await navigator.clipboard.writeText(text(button.dataset.copy).trim());
    say(button);
  },
  print: () => window.print(),
};

for (const [name, act] of Object.entries(actions)) {
  for (const button of document.querySelectorAll(`[data-${name}]`)) {
    // The clipboard is there on https and localhost only.
    button.hidden = name === "copy" && !navigator.clipboard;
    button.addEventListener("click", () => act(button));
  }
}
