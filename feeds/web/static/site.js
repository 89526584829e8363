// Everything here is a comfort: pages are read, searched and subscribed to without it.
"use strict";

// Copy buttons: they do nothing without a script, so they show only with one.
addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {  // no permission, or plain http
    field.select();
    document.execCommand("copy");
  }
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 2000);
});
addEventListener("focusin", (event) => { if (event.target.matches(".address input[readonly]")) event.target.select(); });
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector(".subscribe[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".subscribe[open]")) if (!open.contains(event.target)) open.open = false;
});

// Takes the page's text anew, without a jump.
async function renew() {
  const answer = await fetch(location.href, { cache: "no-cache", headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main");
  if (!fresh) return;
  document.querySelector("main").replaceChildren(...fresh.childNodes);
  document.title = page.title;
  begin();
}

// Calls `step` after a growing while, only while somebody looks, until it answers true.
function patiently(step, first, last) {
  let pause = first;
  const turn = async () => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", turn, { once: true });
      return;
    }
    try { if (await step()) return; } catch { /* away for a moment: ask again later */ }
    pause = Math.min(pause * 1.5, last);
    setTimeout(turn, pause);
  };
  setTimeout(turn, pause);
}

// A post that waits for its translation.
function wait(state) {
  patiently(async () => {
    if (!state.isConnected) return true;
    const answer = await fetch(state.dataset.state, { cache: "no-store" });
    if (answer.status === 404) return true;
    const news = await answer.json();
    if (news.state === "pending") {
      const count = state.querySelector("[data-count]");
      if (news.total) count.textContent = state.dataset.progress.replace("{done}", news.done).replace("{total}", news.total);
      return false;
    }
    if (scrollY < 300) { await renew(); return true; }
    const link = document.createElement("a");  // somebody reads: do not pull the text away
    link.href = location.pathname;
    link.textContent = state.dataset.ready;
    state.replaceChildren(link);
    return true;
  }, 5000, 60000);
}

// A sentence of a translation, chosen in the text, shows its original.
function tap(box) {
  const body = document.querySelector("article .body");
  if (!body || !document.caretPositionFromPoint && !document.caretRangeFromPoint) return;
  const pairs = [...document.querySelectorAll("[data-says]")].map((cell) => [cell.textContent.trim(), cell.previousElementSibling.textContent]);
  const close = () => { box.hidden = true; globalThis.CSS?.highlights?.delete("said"); };
  box.querySelector("button").addEventListener("click", close);
  body.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary") || !getSelection().isCollapsed) return;
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const range = caret ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
    const node = caret ? caret.offsetNode : range?.startContainer, offset = caret ? caret.offset : range?.startOffset;
    const block = node?.parentElement?.closest("p, li, h1, h2, h3, h4, h5, h6, td, th, dt, dd, blockquote, figcaption");
    if (!block || !body.contains(block)) return close();
    const texts = [], walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let whole = "", at = -1;
    for (let text; (text = walker.nextNode());) {
      if (text === node) at = whole.length + offset;
      texts.push([whole.length, text]);
      whole += text.data;
    }
    const place = (index) => {
      const [start, text] = texts.findLast(([start]) => start <= index);
      return [text, index - start];
    };
    for (const [said, source] of pairs) {
      const start = whole.indexOf(said);
      if (!said || start < 0 || at < start || at > start + said.length) continue;
      if (globalThis.Highlight) {
        const spot = new Range();
        spot.setStart(...place(start));
        spot.setEnd(...place(start + said.length));
        CSS.highlights.set("said", new Highlight(spot));
      }
      box.querySelector("p").textContent = source;
      box.hidden = false;
      return;
    }
    close();
  });
}

function begin() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  const state = document.querySelector("[data-state]"), box = document.querySelector("[data-tap]");
  if (state) wait(state);
  if (box) tap(box);
}

begin();
// A link from the head of the post to the comparison opens it.
const show = () => { if (location.hash === "#compare") { const it = document.getElementById("compare"); if (it) it.open = true; } };
addEventListener("hashchange", show);
show();
// The control room keeps itself up to date while nobody uses the keyboard in it.
if (document.querySelector("[data-refresh]")) {
  patiently(async () => { if (!document.querySelector("main :focus")) await renew(); return false; }, 10000, 30000);
}
