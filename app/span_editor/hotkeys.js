// Keys of the whole page: a accept, x reject, space or s skip, z undo. One listener serves all editors of the page.

const HOTKEYS = { a: "accept", x: "reject", " ": "skip", s: "skip", z: "undo" };
const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"]), canvas, '
  + '[role="textbox"], [role="combobox"], [role="grid"], [role="menu"], [role="slider"]';
const PRESSED_BY_SPACE = 'button, a, summary, [role="button"], [role="tab"], [role="option"]';
const MODAL = '[role="dialog"][aria-modal="true"], [data-testid="stDialog"]';

const LIST = '[role="combobox"]';
const CHOOSING = ["click", "keydown"];
const CLOSING_FRAMES = 20;

const editors = new Set();
let lastUsed = null;

/** Let an editor {root, answers(), act(name)} answer to the page's keys, until the function returned is called. */
function listenToPage(editor) {
  if (editors.size === 0) {
    document.addEventListener("keydown", onPageKey);
    for (const kind of CHOOSING) document.addEventListener(kind, onChoice, true);
  }
  editors.add(editor);
  return () => {
    editors.delete(editor);
    if (lastUsed === editor) lastUsed = null;
    if (editors.size > 0) return;
    document.removeEventListener("keydown", onPageKey);
    for (const kind of CHOOSING) document.removeEventListener(kind, onChoice, true);
  };
}

/** A list in which something was just chosen keeps the focus, and would take the next key for a search. */
function onChoice(event) {
  if (![...editors].some((editor) => editor.answers())) return;
  const chose = event.type === "click" ? event.target.closest?.('[role="option"]')
    : event.key === "Enter" && event.target.matches?.(`${LIST}[aria-expanded="true"]`);
  if (chose) requestAnimationFrame(() => leaveList(CLOSING_FRAMES));
}

/** Takes the focus off a list as soon as it is closed; Tab goes on from there. */
function leaveList(frames) {
  const active = document.activeElement;
  if (active?.matches(`${LIST}[aria-expanded="false"]`)) active.blur();
  if (active?.matches(LIST) && frames > 0) requestAnimationFrame(() => leaveList(frames - 1));
}

function onPageKey(event) {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const key = /^[ -~]$/.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  if (!Object.hasOwn(HOTKEYS, key)) return;
  const path = event.composedPath().filter((node) => node instanceof Element);
  const editor = answering(path);
  if (!editor || path.some((node) => node.matches(TYPING))) return;
  if (key === " " && path.some((node) => node.matches(PRESSED_BY_SPACE))) return;
  const modal = document.querySelector(MODAL);
  if (modal && !modal.contains(editor.root.getRootNode().host ?? editor.root)) return;
  event.preventDefault();
  editor.act(HOTKEYS[key]);
}

/** The editor that the key goes to: the one that holds the focus, else the one last used, else the first. */
function answering(path) {
  const able = [...editors].filter((editor) => editor.root.isConnected && editor.answers());
  return able.find((editor) => path.includes(editor.root)) ?? (able.includes(lastUsed) ? lastUsed : able[0]);
}
