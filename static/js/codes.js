// Copy, save and print what is shown once.
// Hooks: [data-copy="<id>"], [data-save="<id>"] with data-file, [data-print]; data-done is what the button says
// afterwards, to everybody through the [data-codes-status] beside it.

function text(id) {
  const place = document.getElementById(id);
  const lines = [...place.querySelectorAll("li")].map((item) => item.textContent.trim());
  return (lines.length ? lines.join("\n") : place.textContent.replace(/\s+/g, "")) + "\n";
}

function say(button) {
  button.parentElement.querySelector("[data-codes-status]").textContent = button.dataset.done;
}

function save(button) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text(button.dataset.save)], { type: "text/plain" }));
  link.download = button.dataset.file;
  link.click();
  URL.revokeObjectURL(link.href);
  say(button);
}

const actions = {
  copy: async (button) => {
    await navigator.clipboard.writeText(text(button.dataset.copy).trim());
    say(button);
  },
  save,
  print: () => window.print(),
};

for (const [name, act] of Object.entries(actions)) {
  for (const button of document.querySelectorAll(`[data-${name}]`)) {
    // The clipboard is there on https and localhost only.
    button.hidden = name === "copy" && !navigator.clipboard;
    button.addEventListener("click", () => act(button));
  }
}
