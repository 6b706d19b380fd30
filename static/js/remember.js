// The way to prove it that was taken last time on this device is chosen already.
// Only the kind is kept ("totp"), nothing about who it was.
// Hooks: form[data-remember="<key>"] with radio buttons that have data-kind

for (const form of document.querySelectorAll("[data-remember]")) {
  const key = `keyback.${form.dataset.remember}`;
  const radios = [...form.querySelectorAll("[data-kind]")];
  const last = radios.find((radio) => radio.dataset.kind === window.localStorage.getItem(key));
  if (last && !form.querySelector("[aria-invalid]")) {
    last.checked = true;
  }
  form.addEventListener("submit", () => {
    const chosen = radios.find((radio) => radio.checked);
    if (chosen) {
      window.localStorage.setItem(key, chosen.dataset.kind);
    }
  });
}
