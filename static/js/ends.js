// Says two minutes before an attempt ends that it does, and lets a person have more time without leaving the page:
// a look at the page counts as a sign of them.
// Hooks: [data-ends="<seconds left>"] with data-soon, data-last (a minute before), data-over, data-more, data-lost
// (nobody answered); in it [data-ends-status] (a live region) and, where more time can be had, [data-ends-stay]

const SOON = 120;
let ends = 0;
let timer = 0;

function watch(place) {
  ends = Date.now() + Number(place.dataset.ends) * 1000;
  place.querySelector("[data-ends-stay]")?.addEventListener("click", () => stay(place));
  look(place);
}

// Timers stand still while a device sleeps, so the clock is looked at rather than the timer believed.
function look(place) {
  const left = Math.round((ends - Date.now()) / 1000);
  const status = place.querySelector("[data-ends-status]");
  const button = place.querySelector("[data-ends-stay]");
  window.clearTimeout(timer);
  if (left <= SOON) {
    const said = left > 60 ? place.dataset.soon : left > 0 ? place.dataset.last : place.dataset.over;
    if (status.textContent !== said) {
      status.textContent = said;
    }
    if (button) {
      button.hidden = left <= 0;
    }
  }
  if (left > 0) {
    timer = window.setTimeout(() => look(place), Math.min(left > SOON ? left - SOON : left, 15) * 1000);
  }
}

// Returns the page as it is now; nothing where the network or the server is away.
async function fetchPage() {
  try {
    const answer = await fetch(window.location.href, { cache: "no-store" });
    return answer.status < 500 ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

async function stay(place) {
  const page = await fetchPage();
  if (!page) {
    place.querySelector("[data-ends-status]").textContent = place.dataset.lost;
    return;
  }
  const fresh = page.querySelector("[data-ends]");
  if (!fresh) {
    window.location.reload();
    return;
  }
  place.replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent("moments", { bubbles: true }));
  watch(fresh);
  const status = fresh.querySelector("[data-ends-status]");
  status.textContent ||= fresh.dataset.more;
  status.focus();
}

const place = document.querySelector("[data-ends]");
if (place) {
  watch(place);
}
