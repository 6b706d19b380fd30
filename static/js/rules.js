// The rules of a password tick off while it is typed. Active Directory has the last word; this only helps.
// Hooks: [data-rules="<id of the field>"] with data-progress ("%met% of %all% met.");
// in it [data-rule="min-length" data-number], [data-rule="complexity"], [data-rule="name-in-password"
// data-names='["…"]'], each with a [data-rule-state] that has data-met and data-open; [data-rules-status] is the live region.

const KINDS_ASKED = 3;
const KINDS = [/\p{Lu}/u, /\p{Ll}/u, /[0-9]/u, /[^\p{L}\p{N}\s]/u, /[\p{Lo}\p{Lt}\p{Lm}]/u];
const PAUSE = 1000;

const CHECKS = {
  // String.length counts UTF-16 units, and so does Active Directory.
  "min-length": (word, rule) => word.length >= Number(rule.dataset.number),
  complexity: (word) => KINDS.filter((kind) => kind.test(word)).length >= KINDS_ASKED,
  "name-in-password": (word, rule) => {
    const low = word.toLowerCase();
    return word !== "" && !JSON.parse(rule.dataset.names).some((name) => low.includes(name.toLowerCase()));
  },
};

function tick(list, word) {
  let met = 0;
  const rules = list.querySelectorAll("[data-rule]");
  for (const rule of rules) {
    const good = CHECKS[rule.dataset.rule](word, rule);
    const state = rule.querySelector("[data-rule-state]");
    rule.classList.toggle("rules__rule--met", good);
    state.textContent = good ? state.dataset.met : state.dataset.open;
    met += good ? 1 : 0;
  }
  return list.dataset.progress.replace("%met%", met).replace("%all%", rules.length);
}

// What was said of the password before says nothing of one that meets the rules.
function forgive(field, good) {
  const complaint = document.getElementById(`${field.id}_error`);
  const summary = document.querySelector("[data-errors]");
  if (!complaint || !summary) {
    return;
  }
  complaint.hidden = good;
  field.closest(".field").classList.toggle("field--wrong", !good);
  field.setAttribute("aria-invalid", String(!good));
  for (const link of summary.querySelectorAll(`a[href="#${field.id}"]`)) {
    link.closest("li").hidden = good;
  }
  summary.hidden = !summary.querySelector("li:not([hidden])");
}

for (const list of document.querySelectorAll("[data-rules]")) {
  const field = document.getElementById(list.dataset.rules);
  const status = list.parentElement.querySelector("[data-rules-status]");
  let timer = 0;
  field.addEventListener("input", () => {
    const progress = tick(list, field.value);
    forgive(field, list.querySelectorAll("[data-rule]:not(.rules__rule--met)").length === 0);
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      status.textContent = progress;
    }, PAUSE);
  });
}
