// "Send again" waits as long as the server says, and counts down on the button.
// Hooks: button[data-resend="<seconds>"] with data-text ("Send again") and data-wait ("Send again in %s s")

for (const button of document.querySelectorAll("[data-resend]")) {
  const ready = Date.now() + Number(button.dataset.resend) * 1000;

  const show = () => {
    const left = Math.ceil((ready - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.wait.replace("%s", left) : button.dataset.text;
    if (left > 0) {
      window.setTimeout(show, 1000);
    }
  };

  show();
}
