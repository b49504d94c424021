// Improves pages that already work without it: acts become dialogs, values are copied at a click, tables narrow
// while one types, forms are sent once, what is marked data-live follows what happens, and everything can be reached
// from the keyboard. Loaded on every page, as a module.

const root = document.documentElement;
const page = document.body;
const $ = (what, within = document) => within.querySelector(what);
const $$ = (what, within = document) => [...within.querySelectorAll(what)];

/** Makes an element: its properties, then what stands in it. */
function make(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

/** To be called at every letter: asks when nobody has typed for a moment, and hears the last answer only. */
function calmly(ask) {
  let timer, last;
  const now = () => {
    last?.abort();
    last = new AbortController();
    ask({ signal: last.signal, redirect: "error" }).catch(() => {}); // the next letter asks again
  };
  return () => { clearTimeout(timer); timer = setTimeout(now, 120); };
}

/** What the find page finds for what is typed, as links. */
async function found({ value }, how) {
  const answer = await fetch(page.dataset.find + "?q=" + encodeURIComponent(value), how);
  return $$("main .hits a", parse(await answer.text()));
}

/** A dialog that a press on its backdrop closes; selecting text and letting go outside is no such press. */
function modal(...inside) {
  const box = make("dialog", {}, ...inside);
  const within = (e) => {
    const r = box.getBoundingClientRect();
    return e.clientX >= r.left && e.clientX <= r.right && e.clientY >= r.top && e.clientY <= r.bottom;
  };
  let outside = false;
  box.addEventListener("pointerdown", (e) => { outside = e.target === box && !within(e); });
  box.addEventListener("click", (e) => { if (outside && e.target === box) box.close(); });
  return box;
}

/** Opens a dialog that is gone once it is closed. */
function show(box, label) {
  box.ariaLabel = label;
  box.addEventListener("close", () => box.remove());
  page.append(box);
  box.showModal();
}

/** Turns a folded act into a button and a dialog with the same content. */
function act(folded) {
  const summary = $(":scope > summary", folded);
  const panel = $(":scope > .panel", folded);
  const box = modal(panel);
  const button = make("button", { type: "button", className: summary.className, ariaHasPopup: "dialog", onclick: () => box.showModal() }, ...summary.childNodes);
  const title = $("h2", panel);
  if (title.id) box.setAttribute("aria-labelledby", title.id);
  const close = make("button", { type: "button", className: "btn", textContent: page.dataset.cancel, onclick: () => box.close() });
  $(".send", panel)?.append(close);
  const open = folded.open;
  folded.replaceWith(button, box);
  if (folded.id) button.id = folded.id;
  if (open) box.showModal();
}

/** Says something briefly, to eyes and to screen readers. */
function toast(text) {
  let box = $(".toast");
  if (!box) {
    box = make("p", { className: "toast", role: "status" });
    page.append(box);
  }
  box.hidden = false;
  box.textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 2500);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(page.dataset.copied);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 2000);
  } catch {
    toast(page.dataset.refused);
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
  const none = $(".none", table.parentElement);
  if (none) none.hidden = found > 0;
}

/** Adds a box that picks every row in sight, and says how many are picked. */
function bulk(bar) {
  const table = $("table", bar.nextElementSibling);
  const count = $("[data-picked]", bar);
  const boxes = () => $$("td.pick input", table).filter((box) => !box.closest("tr").hidden);
  const all = make("input", { type: "checkbox", ariaLabel: $("th.pick", table).textContent });
  $("th.pick", table).replaceChildren(all);
  const tell = () => {
    const n = boxes().filter((box) => box.checked).length;
    count.textContent = n ? count.dataset.picked.replace("%s", n) : "";
    $("button", bar).disabled = !n;
    all.checked = n > 0 && n === boxes().length;
    all.indeterminate = n > 0 && !all.checked;
  };
  all.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; tell(); });
  table.addEventListener("change", tell);
  tell();
}

/** Keeps what a form would make in sight while it is filled in, as its Preview button would show it. */
function foresee(button) {
  const form = button.form;
  form.addEventListener("input", calmly(async (how) => {
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "preview");
    const answer = await fetch(form.action, { method: "POST", body, ...how });
    const fresh = answer.ok && $("#preview", parse(await answer.text()));
    if (fresh) $("#preview").replaceWith(document.importNode(fresh, true)); // else what could be shown last stays
  }));
}

/** Offers the clients that fit while one is named. */
function suggest(input) {
  const list = make("datalist", { id: "fit-" + $$("datalist").length });
  input.after(list);
  input.setAttribute("list", list.id);
  input.addEventListener("input", calmly(async (how) => {
    const fit = (await found(input, how)).filter((a) => /clients\/\d+$/.test(a.href));
    list.replaceChildren(...fit.map((a) => new Option($("small", a)?.textContent, $("span", a).textContent)));
  }));
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
  for (const form of $$("form[data-sent]")) delete form.dataset.sent;
  for (const button of $$("[aria-busy]")) button.removeAttribute("aria-busy");
}

/* What is live. The server says that something has changed; the page then asks for itself and takes over the parts
   that differ. Where there is no such stream it asks every few seconds. */

const every = 5000;
const about = location.pathname.match(/^\/console\/clients\/(\d+)/)?.[1];
const shown = new Map();
let fails = 0;
let timer = 0;
let stream = null;
let asking = false;
let more = false;

/** Whether somebody is in the middle of something in this part of the page. */
function busy(part) {
  return part.contains(document.activeElement) || $("dialog[open], details[open], form[data-sent], input:checked", part);
}

/** Asks again soon, or as soon as is due; while it asks, once more afterwards. */
function soon(wait) {
  if (asking) { more = true; return; }
  clearTimeout(timer);
  timer = setTimeout(refresh, wait);
}

async function refresh() {
  const parts = $$("[data-live]");
  if (!parts.length || document.hidden) return;
  asking = true;
  more = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.statusText);
    takeOver(parts, parse(await answer.text()));
    fails = 0;
  } catch {
    fails++;
  }
  asking = false;
  const calm = stream?.readyState === 1 ? 12 * every : every;
  soon(more && !fails ? 1000 : calm * Math.min(2 ** fails, 24));
}

/** What there is to see of a part: the keys that make forms act once are new each time and nobody sees them. */
function looks(part) {
  return part.outerHTML.replace(/(name="once" value=")[^"]*/g, "$1");
}

function takeOver(parts, fetched) {
  for (const part of parts) {
    const name = part.dataset.live;
    const fresh = $(`[data-live="${CSS.escape(name)}"]`, fetched);
    if (!fresh || busy(part) || shown.get(name) === looks(fresh)) continue;
    shown.set(name, looks(fresh));
    const next = document.importNode(fresh, true);
    for (const input of $$("[data-filter]", part)) {
      const same = $(`[data-filter="${CSS.escape(input.dataset.filter)}"]`, next);
      if (same) same.value = input.value;
    }
    next.classList.add("fresh");
    part.replaceWith(next);
    improve(next);
  }
}

function listen() {
  if (stream || document.hidden || !page.dataset.events || !$("[data-live]")) return;
  stream = new EventSource(page.dataset.events);
  stream.addEventListener("hello", () => { root.dataset.stream = "open"; });
  stream.addEventListener("change", (e) => {
    const { clients } = JSON.parse(e.data);
    if (!about || clients.includes(about)) soon(300);
  });
  stream.addEventListener("error", () => {
    root.dataset.stream = "lost";
    soon(every);
    if (stream?.readyState !== 2) return; // it comes back by itself
    stream = null;
    setTimeout(listen, 12 * every);
  });
}

/** A page nobody looks at holds no connection; when it is looked at again, it is brought up to date. */
function seen() {
  if (document.hidden) {
    stream?.close();
    stream = null;
    return;
  }
  listen();
  soon(0);
}

/* The keyboard */

const keysOff = () => localStorage.getItem("keys") === "off";
let leading = 0;

/** Whether a key is meant for what is being typed into. */
function typing(e) {
  return e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, dialog, [contenteditable]");
}

function pressed(e) {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k" && page.dataset.find) {
    e.preventDefault();
    palette();
    return;
  }
  if (typing(e) || keysOff()) return;
  const follows = leading && e.timeStamp - leading < 1500;
  leading = e.key === "g" ? e.timeStamp : 0;
  const link = follows && $(`[data-key="${CSS.escape(e.key)}"]`);
  if (link) {
    link.click();
  } else if (e.key === "/") {
    const search = $("main input[type=search]") ?? $("input[type=search]");
    if (!search) return;
    e.preventDefault();
    search.focus();
    search.select();
  } else if (e.key === "?" && page.dataset.find) {
    help();
  }
}

/** Tells the keys, and lets them be switched off: not everybody types on purpose. */
function help() {
  const list = make("dl", { className: "keys" });
  const keys = [["Ctrl K", "Find anything"], ["/", "Search this page"], ...$$("[data-key]").map((a) => ["g " + a.dataset.key, $("span", a).textContent]), ["?", "These keys"], ["Esc", "Close"]];
  for (const [key, text] of keys) list.append(make("div", {}, make("dt", {}, ...key.split(" ").map((k) => make("kbd", { textContent: k }))), make("dd", { textContent: text })));
  const off = make("input", { type: "checkbox", checked: !keysOff(), onchange: () => localStorage.setItem("keys", off.checked ? "on" : "off") });
  const close = make("button", { type: "button", className: "btn main", textContent: "Close", onclick: () => box.close() });
  const box = modal(make("div", { className: "panel" }, make("h2", { textContent: "Keys" }), list, make("label", { className: "choice" }, off, "Single keys are on"), make("div", { className: "send" }, close)));
  show(box, "Keys");
}

/** The palette: whatever the find page finds, one key press away. */
function palette() {
  if ($(".palette")) return;
  const input = make("input", { type: "search", placeholder: "Find a client, a payment request or a page", autocomplete: "off", ariaLabel: "Find anything", role: "combobox", ariaExpanded: "true", ariaAutoComplete: "list" });
  input.setAttribute("aria-controls", "found");
  const list = make("ul", { className: "hits", id: "found", role: "listbox", ariaLabel: "Found" });
  const none = make("p", { className: "empty none", role: "status", hidden: true, textContent: "Nothing found" });
  const box = modal(input, list, none);
  box.className = "palette";
  let at = 0;
  const choose = (n) => {
    const items = [...list.children];
    at = items.length ? (n + items.length) % items.length : 0;
    items.forEach((item, i) => item.ariaSelected = i === at);
    items[at]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[at]?.id ?? "");
  };
  const go = (item) => { if (item) location.assign(item.dataset.url); };
  const find = calmly(async (how) => {
    const links = await found(input, how);
    list.replaceChildren(...links.map((link, i) => {
      const one = make("li", { id: "found-" + i, role: "option" }, ...document.importNode(link, true).childNodes);
      one.dataset.url = link.getAttribute("href");
      return one;
    }));
    none.hidden = links.length > 0;
    choose(0);
  });
  input.addEventListener("input", find);
  input.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) { e.preventDefault(); choose(at + step); }
    if (e.key === "Enter") { e.preventDefault(); go(list.children[at]); }
  });
  list.addEventListener("click", (e) => go(e.target.closest("li")));
  show(box, "Find anything");
  find();
}

/** A table that has no room can be moved to the side; its head then moves with it, else that stays in sight. */
const rooms = new ResizeObserver((seen) => {
  for (const { target } of seen) target.classList.toggle("wide", target.scrollWidth > target.clientWidth);
});

/** Prepares a part of the page, at the start or after it was replaced. */
function improve(part) {
  for (const folded of $$("details.act", part)) act(folded);
  for (const bar of $$(".bulk", part)) bulk(bar);
  for (const table of $$(".table", part)) rooms.observe(table);
  for (const button of $$("[name=do][value=preview]", part)) foresee(button);
  for (const input of $$("[data-suggest]", part)) suggest(input);
  for (const input of $$("[data-filter]")) if (input.value !== input.defaultValue) filter(input);
}

for (const part of $$("[data-live]")) shown.set(part.dataset.live, looks(part));
root.classList.add("js");
improve(document);
for (const here of $$(".side [aria-current], .tabs [aria-current]")) here.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-copy]");
  if (button) copy(button);
});
document.addEventListener("input", (e) => { if (e.target.matches("[data-filter]")) filter(e.target); });
document.addEventListener("submit", once);
document.addEventListener("keydown", pressed);
document.addEventListener("visibilitychange", seen);
addEventListener("pageshow", again);
listen();
soon(every);
