// Improves pages that already work without it: acts become dialogs, values are
// copied at a click, tables narrow while one types, forms are sent once, and
// what is marked data-live is kept up to date. Loaded on every page, as a module.

const every = 5000;
const root = document.documentElement;

/** Turns a folded act into a button and a dialog with the same content. */
function dialog(act) {
  const summary = act.querySelector(":scope > summary");
  const panel = act.querySelector(":scope > .panel");
  const box = document.createElement("dialog");
  const button = document.createElement("button");
  button.type = "button";
  button.className = summary.className;
  button.append(...summary.childNodes);
  button.setAttribute("aria-haspopup", "dialog");
  const title = panel.querySelector("h2");
  if (title.id) box.setAttribute("aria-labelledby", title.id);
  box.append(panel);
  panel.querySelector(".send")?.append(closer(box));
  // The press must begin on the backdrop too: selecting text and letting go outside is no wish to leave.
  let outside = false;
  box.addEventListener("pointerdown", (e) => { outside = e.target === box && !within(box, e); });
  box.addEventListener("click", (e) => { if (outside && e.target === box) box.close(); });
  button.addEventListener("click", () => box.showModal());
  const open = act.open;
  act.replaceWith(button, box);
  if (act.id) button.id = act.id;
  if (open) box.showModal();
}

function within(box, e) {
  const r = box.getBoundingClientRect();
  return e.clientX >= r.left && e.clientX <= r.right && e.clientY >= r.top && e.clientY <= r.bottom;
}

function closer(box) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = "Cancel";
  button.addEventListener("click", () => box.close());
  return button;
}

/** Says something briefly, to eyes and to screen readers. */
function toast(text) {
  let box = document.querySelector(".toast");
  if (!box) {
    box = document.createElement("p");
    box.className = "toast";
    box.setAttribute("role", "status");
    document.body.append(box);
  }
  box.hidden = false;
  box.textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 2000);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast("Copied");
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 2000);
  } catch {
    toast("The browser did not allow copying");
  }
}

/** Hides the rows that do not hold every word typed. */
function filter(input) {
  const table = document.getElementById(input.dataset.filter);
  if (!table) return;
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of table.tBodies[0].rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) found++;
  }
  const none = table.parentElement.querySelector(".none");
  if (none) none.hidden = found > 0;
}

/** Marks a form as sent; a second press does nothing until the page is back. */
function once(e) {
  const form = e.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    e.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  e.submitter?.setAttribute("aria-busy", "true");
}

function again() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

/** Whether somebody is in the middle of something in this part of the page. */
function busy(part) {
  return part.contains(document.activeElement) || part.querySelector("dialog[open], details[open], form[data-sent]");
}

let fails = 0;

/** Fetches this very page and takes over the live parts that have changed. */
async function refresh() {
  const parts = document.querySelectorAll("[data-live]");
  if (!parts.length) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      takeOver(parts, new DOMParser().parseFromString(await answer.text(), "text/html"));
      fails = 0;
    } catch {
      fails++;
    }
  }
  setTimeout(refresh, every * Math.min(2 ** fails, 24));
}

const shown = new Map();

/** What there is to see of a part: the keys that make forms act once are new each time and nobody sees them. */
function looks(part) {
  return part.outerHTML.replace(/(name="once" value=")[^"]*/g, "$1");
}

function takeOver(parts, page) {
  for (const part of parts) {
    const name = part.dataset.live;
    const fresh = page.querySelector(`[data-live="${CSS.escape(name)}"]`);
    if (!fresh || busy(part) || shown.get(name) === looks(fresh)) continue;
    shown.set(name, looks(fresh));
    const next = document.importNode(fresh, true);
    for (const input of part.querySelectorAll("[data-filter]")) {
      const same = next.querySelector(`[data-filter="${CSS.escape(input.dataset.filter)}"]`);
      if (same) same.value = input.value;
    }
    part.replaceWith(next);
    improve(next);
  }
}

/** Prepares a part of the page, at the start or after it was replaced. */
function improve(part) {
  for (const act of part.querySelectorAll("details.act")) dialog(act);
  for (const input of document.querySelectorAll("[data-filter]")) if (input.value !== input.defaultValue) filter(input);
}

for (const part of document.querySelectorAll("[data-live]")) shown.set(part.dataset.live, looks(part));
root.classList.add("js");
improve(document);
document.querySelector(".side [aria-current], .tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-copy]");
  if (button) copy(button);
});
document.addEventListener("input", (e) => { if (e.target.matches("[data-filter]")) filter(e.target); });
document.addEventListener("submit", once);
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, dialog")) return;
  const search = document.querySelector("input[type=search]");
  if (!search) return;
  e.preventDefault();
  search.focus();
  search.select();
});
addEventListener("pageshow", again);
setTimeout(refresh, every);
