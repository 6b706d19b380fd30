// Asks what became of the job, and loads the page again when there is something new to say.
// Without JavaScript the page loads itself again.
// Hooks: [data-poll="<address>"] with data-state (what this page says) and data-every (seconds),
// [data-poll-trouble] (shown while the address can't be reached). The address answers {"state": "…"}, with
// 403 too, when this browser may not look any more: the page itself says so then.
// Each look has a worker asked. Who has waited for long is in no hurry, and leaves room for others.

const SOON = 15;
const SLOWER = 5;

const place = document.querySelector("[data-poll]");
const trouble = document.querySelector("[data-poll-trouble]");
let looks = 0;

async function ask() {
  const answer = await fetch(place.dataset.poll, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(10 * 1000),
  });
  if (!answer.ok && answer.status !== 403) {
    throw new Error(`status ${answer.status}`);
  }
  return (await answer.json()).state;
}

async function watch() {
  try {
    const state = await ask();
    trouble.hidden = true;
    if (state && state !== place.dataset.state) {
      window.location.reload();
      return;
    }
  } catch {
    trouble.hidden = false;
  }
  again();
}

function again() {
  looks += 1;
  const seconds = Number(place.dataset.every) * (looks > SOON ? SLOWER : 1);
  window.setTimeout(watch, seconds * 1000);
}

if (place) {
  again();
}
