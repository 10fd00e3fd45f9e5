// Keys of the whole page: a accept, x reject, space or s skip, z undo. One listener serves all editors of the page.

const HOTKEYS = { a: "accept", x: "reject", " ": "skip", s: "skip", z: "undo" };
const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"]), canvas, '
  + '[role="textbox"], [role="combobox"], [role="grid"], [role="menu"], [role="slider"]';
const PRESSED_BY_SPACE = 'button, summary, [role="button"], [role="tab"], [role="option"]';
const MODAL = '[role="dialog"][aria-modal="true"], [data-testid="stDialog"]';

const LIST = '[role="combobox"]';
const ABOUT_FOCUS = ["pointerdown", "pointerup", "click", "keydown", "focusin"];

const editors = new Set();
let lastUsed = null;
let chosen = false; // in a list, and nobody has gone to another field since
let pointed = false; // the focus was put where it is by the pointer, not by Tab

/** Let an editor {root, answers(), act(name)} answer to the page's keys, until the function returned is called. */
function listenToPage(editor) {
  if (editors.size === 0) {
    document.addEventListener("keydown", onPageKey);
    for (const kind of ABOUT_FOCUS) document.addEventListener(kind, onFocusMoving, true);
  }
  editors.add(editor);
  return () => {
    editors.delete(editor);
    if (lastUsed === editor) lastUsed = null;
    if (editors.size > 0) return;
    document.removeEventListener("keydown", onPageKey);
    for (const kind of ABOUT_FOCUS) document.removeEventListener(kind, onFocusMoving, true);
  };
}

/** A list in which something was chosen keeps the focus, or gets it back later, and would search for the next key. */
function onFocusMoving({ type, key, target }) {
  if (type === "pointerdown" || key === "Tab") [chosen, pointed] = [false, key !== "Tab"];
  const isOption = type !== "keydown" && type !== "focusin" && target.closest?.('[role="option"]');
  const taken = isOption || (key === "Enter" && target.matches?.(`${LIST}[aria-expanded="true"]`));
  if (taken && [...editors].some((editor) => editor.answers())) chosen = true;
  if (chosen) requestAnimationFrame(leaveList);
}

/** Takes the focus off a list as soon as it is closed; Tab goes on from there. */
function leaveList() {
  const active = document.activeElement;
  if (!chosen || !active?.matches(LIST)) return;
  if (active.getAttribute("aria-expanded") === "true") requestAnimationFrame(leaveList);
  else active.blur();
}

function onPageKey(event) {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const key = /^[ -~]$/.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  if (!Object.hasOwn(HOTKEYS, key)) return;
  const path = event.composedPath().filter((node) => node instanceof Element);
  const editor = answering(path);
  if (!editor || path.some((node) => node.matches(TYPING))) return;
  const button = key === " " ? path.find((node) => node.matches(PRESSED_BY_SPACE)) : null;
  if (button && !pointed) return;
  const modal = document.querySelector(MODAL);
  if (modal && !modal.contains(editor.root.getRootNode().host ?? editor.root)) return;
  event.preventDefault();
  button?.blur(); // else Firefox presses it when the key comes up
  editor.act(HOTKEYS[key]);
}

/** The editor that the key goes to: the one that holds the focus, else the one last used, else the first. */
function answering(path) {
  const able = [...editors].filter((editor) => editor.root.isConnected && editor.answers());
  return able.find((editor) => path.includes(editor.root)) ?? (able.includes(lastUsed) ? lastUsed : able[0]);
}
