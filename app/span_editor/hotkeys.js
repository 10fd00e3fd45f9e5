// Keys of the whole page: a accept, x reject, space or s skip, z undo. One listener serves all editors of the page.

const HOTKEYS = { a: "accept", x: "reject", " ": "skip", s: "skip", z: "undo" };
const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"]), canvas, '
  + '[role="textbox"], [role="combobox"], [role="grid"], [role="menu"], [role="slider"]';
const PRESSED_BY_SPACE = 'button, summary, [role="button"], [role="tab"], [role="option"]';
const MODAL = '[role="dialog"][aria-modal="true"], [data-testid="stDialog"]';

const LIST = '[role="combobox"]';
const OPEN_LIST = `${LIST}[aria-expanded="true"]`;
const ABOUT_FOCUS = ["pointerdown", "pointerup", "click", "keydown", "focusin"];

const editors = new Set();
let lastUsed = null;
let chosen = false; // in a list, and nobody has gone to another field since
let early = null; // what a key asked for after the choice, while the list had not closed yet
let pointed = false; // the focus was put where it is by the pointer, not by Tab

/** Let an editor {root, answers(), act(name)} answer to the page's keys, until the function returned is called. */
function listenToPage(editor) {
  if (editors.size === 0) {
    document.addEventListener("keydown", onPageKey);
    document.addEventListener("keydown", onEarlyKey, true);
    for (const kind of ABOUT_FOCUS) document.addEventListener(kind, onFocusMoving, true);
  }
  editors.add(editor);
  return () => {
    editors.delete(editor);
    if (lastUsed === editor) lastUsed = null;
    if (editors.size > 0) return;
    document.removeEventListener("keydown", onPageKey);
    document.removeEventListener("keydown", onEarlyKey, true);
    for (const kind of ABOUT_FOCUS) document.removeEventListener(kind, onFocusMoving, true);
  };
}

/** A list in which something was chosen keeps the focus, or gets it back later, and would search for the next key. */
function onFocusMoving({ type, key, target }) {
  if (type === "pointerdown" || key === "Tab") [chosen, early, pointed] = [false, null, key !== "Tab"];
  const onOption = (type === "pointerup" || type === "click") && target.closest?.('[role="option"]');
  const byEnter = key === "Enter" && target.matches?.(`${OPEN_LIST}[aria-activedescendant]`);
  if ((onOption || byEnter) && [...editors].some((editor) => editor.answers())) chosen = true;
  if (chosen) requestAnimationFrame(leaveList);
}

/** Takes the focus off a list as soon as it is closed, and does what was asked for meanwhile; Tab goes on from there. */
function leaveList() {
  const active = document.activeElement;
  if (!chosen || (!early && !active?.matches(LIST))) return;
  if (active?.matches(OPEN_LIST)) {
    requestAnimationFrame(leaveList);
    return;
  }
  if (active?.matches(LIST)) active.blur();
  const name = early;
  early = null;
  if (name) requestAnimationFrame(() => answering([])?.act(name)); // what was chosen is sent first
}

/** A quick key after a choice: a busy page closes its list late, and the list must not search for the key. */
function onEarlyKey(event) {
  if (!chosen || !(event.target instanceof Element) || !event.target.matches(LIST)) return;
  const name = actionOf(event);
  if (!name) return;
  event.preventDefault();
  event.stopPropagation();
  early ??= name;
  requestAnimationFrame(leaveList);
}

/** What a key asks for, or undefined. */
function actionOf(event) {
  if (event.defaultPrevented || event.repeat || event.isComposing) return undefined;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return undefined;
  const key = /^[ -~]$/.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  return Object.hasOwn(HOTKEYS, key) ? HOTKEYS[key] : undefined;
}

function onPageKey(event) {
  const name = actionOf(event);
  if (!name) return;
  const path = event.composedPath().filter((node) => node instanceof Element);
  const editor = answering(path);
  if (!editor || path.some((node) => node.matches(TYPING))) return;
  const button = event.key === " " ? path.find((node) => node.matches(PRESSED_BY_SPACE)) : null;
  if (button && !pointed) return;
  const modal = document.querySelector(MODAL);
  if (modal && !modal.contains(editor.root.getRootNode().host ?? editor.root)) return;
  event.preventDefault();
  button?.blur(); // else Firefox presses it when the key comes up
  editor.act(name);
}

/** The editor that the key goes to: the one that holds the focus, else the one last used, else the first. */
function answering(path) {
  const able = [...editors].filter((editor) => editor.root.isConnected && editor.answers());
  return able.find((editor) => path.includes(editor.root)) ?? (able.includes(lastUsed) ? lastUsed : able[0]);
}
