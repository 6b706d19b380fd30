// Solves the sum that a page asks for under pressure: the number whose PBKDF2-HMAC-SHA-256 is the target.
// The form waits for it, and goes on by itself where nothing has to be typed again. Without this script a
// person waits instead, and the page says for how long.
// Hooks: [data-challenge] with data-nonce, data-target (hex), data-most, data-rounds, data-busy, data-done and,
// where the form goes on by itself, data-goes-on; in it [name=solution], [data-challenge-wait],
// [data-challenge-status] (a live region) and [data-challenge-bar]

const TOGETHER = 25;

function bytes(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

async function derived(number, salt, rounds) {
  const word = new TextEncoder().encode(String(number));
  const key = await crypto.subtle.importKey("raw", word, "PBKDF2", false, ["deriveBits"]);
  const made = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
    key,
    128,
  );
  return Array.from(new Uint8Array(made), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solve({ nonce, target, most, rounds }, tell) {
  const salt = bytes(nonce);
  for (let first = 0; first < Number(most); first += TOGETHER) {
    const numbers = Array.from({ length: TOGETHER }, (_, index) => first + index);
    const found = await Promise.all(numbers.map((number) => derived(number, salt, Number(rounds))));
    const place = found.indexOf(target);
    if (place >= 0) {
      return numbers[place];
    }
    tell((100 * (first + TOGETHER)) / Number(most));
  }
  throw new Error("no number fits");
}

async function work(part) {
  const form = part.closest("form");
  const status = part.querySelector("[data-challenge-status]");
  const bar = part.querySelector("[data-challenge-bar]");
  let pressed = part.dataset.goesOn !== undefined;
  const wait = part.querySelector("[data-challenge-wait]");
  let solved = false;

  form.addEventListener("submit", (event) => {
    if (!solved) {
      event.preventDefault();
      pressed = true;
    }
  });
  wait.hidden = true;
  status.textContent = part.dataset.busy;
  bar.hidden = false;
  try {
    part.querySelector("[name=solution]").value = await solve(part.dataset, (percent) => {
      bar.value = percent;
    });
    status.textContent = part.dataset.done;
  } catch {
    pressed = false;
    status.textContent = "";
    wait.hidden = false;
  }
  solved = true;
  bar.hidden = true;
  if (pressed) {
    form.requestSubmit();
  }
}

for (const part of document.querySelectorAll("[data-challenge]")) {
  if (window.crypto?.subtle) {
    work(part);
  }
}
