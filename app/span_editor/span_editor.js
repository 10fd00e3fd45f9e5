// The editor itself: a line of help, a text to mark, a palette, and the menu. What is edited goes to Python as state
// `edit`, what a key of the page asks for as trigger `action`; both name the document that they are about.

const HELP = "Drag over words, or use ← → and Shift, then press a digit or choose a slot. Shift-drag: exact characters.";
const REMOVE_FIRST = (span) => `The selection overlaps \`${span.slot}\`: remove it first.`;
const instances = new WeakMap();

/** Called for each new message from Python; the editor of a root outlives it, with what the user has done so far. */
export default function (component) {
  const root = component.parentElement.querySelector(".editor");
  if (!instances.has(root)) instances.set(root, createEditor(root));
  instances.get(root).update(component);
  return () => {
    instances.get(root)?.destroy();
    instances.delete(root);
  };
}

function createEditor(root) {
  const textBox = make("div", { class: "text", role: "listbox", tabindex: "0", dir: "auto", "aria-label": "Utterance",
    "aria-multiselectable": "true", "aria-describedby": "hint" });
  const hint = make("div", { class: "hint", id: "hint", role: "status", "aria-live": "polite" });
  const palette = make("div", { class: "palette", role: "group", "aria-label": "Slots" });
  root.replaceChildren(hint, textBox, palette);
  const menu = createMenu(root, { choose: label, chooseDigit, remove: () => remove(selectedSpan()), leave: focusText });
  const listener = {
    root,
    answers: () => data.hotkeys,
    act: (name) => component.setTriggerValue("action", { name, document: data.document }),
  };
  const stopListening = listenToPage(listener);

  let component, data;
  let atoms = [], nodes = []; // the text, and the node of each atom
  let spans = [], history = [];
  let anchor = null, focus = null; // ranges {start, end}; the selection is their union
  let drag = null;

  const selection = () => (anchor && focus ? union(anchor, focus) : null);
  const spanAt = (range) => spans.find((span) => overlaps(span, range)) ?? null;
  const selectedSpan = () => (anchor ? spans.find((span) => equal(span, selection())) : null) ?? null;

  function update(next) {
    const before = data;
    component = next;
    data = next.data;
    const isNew = before?.document !== data.document;
    if (isNew) {
      [spans, history, anchor, focus, drag] = [data.spans, [], null, null, null];
      menu.hide();
      root.dataset.document = data.document;
    }
    const looks = (given) => JSON.stringify([given?.slots, given?.disabled]);
    if (!isNew && looks(before) === looks(data)) return;
    root.classList.toggle("disabled", data.disabled);
    textBox.setAttribute("aria-disabled", String(data.disabled));
    drawPalette();
    drawText();
    say();
  }

  function focusText() {
    textBox.focus({ preventScroll: true });
  }

  /* ---- edits ---- */

  function send(next) {
    spans = next.toSorted((one, other) => one.start - other.start);
    menu.hide();
    drawText();
    const sent = spans.map(({ start, end, slot }) => [start, end, slot]);
    component.setStateValue("edit", { document: data.document, spans: sent });
  }

  function commit(next, said) {
    history.push(spans);
    send(next);
    say(said);
  }

  function label(name) {
    const range = selection();
    if (data.disabled) return;
    if (!range) return say("Mark some words first, then choose a slot.", true);
    const old = selectedSpan();
    const other = old ? null : spanAt(range);
    if (other) return say(REMOVE_FIRST(other), true);
    const span = { ...range, slot: name, suggested: false, confidence: null };
    commit([...spans.filter((each) => each !== old), span], `${quote(data.text, range)} marked as ${name}.`);
  }

  function chooseDigit(digit) {
    const slot = data.slots.find((each) => each.digit === digit);
    if (slot) label(slot.name);
    else say(`No slot has the key ${digit}.`, true);
  }

  function remove(span) {
    if (data.disabled) return;
    if (!span) return say("Nothing to remove: select a marked span first.", true);
    commit(spans.filter((each) => each !== span), `${span.slot} ${quote(data.text, span)} removed.`);
  }

  function undo() {
    if (data.disabled || history.length === 0) return say("Nothing to undo here.", true);
    [anchor, focus] = [null, null];
    send(history.pop());
    say("Undone.");
  }

  /* ---- selection ---- */

  function select(from, to = from) {
    [anchor, focus] = [from, to];
    menu.hide();
    drawSelection();
    say();
  }

  /** Show a message, or without one what can be done now. */
  function say(message, warns = false) {
    const range = selection();
    const span = selectedSpan();
    const other = range && !span ? spanAt(range) : null;
    const now = () => {
      if (data.disabled) return "";
      if (!range) return HELP;
      if (span) return `${quote(data.text, range)} is ${span.slot}: a digit relabels it, Backspace removes it.`;
      if (other) return REMOVE_FIRST(other);
      return `${quote(data.text, range)} selected: press a digit, or Enter for the list of slots.`;
    };
    hint.textContent = message ?? now();
    hint.classList.toggle("warns", warns || (message === undefined && other !== null));
  }

  /** Where the arrows stop: characters, or words with each marked span as one. */
  function stops(exact) {
    if (exact) return atoms.filter((each) => each.word >= 0);
    const free = wordsOf(atoms).filter((word) => !spanAt(word));
    return [...free, ...spans].sort((one, other) => one.start - other.start);
  }

  function move(step, extend, exact) {
    const places = stops(exact);
    if (places.length === 0) return;
    if (!selection()) return select(places.at(step > 0 ? 0 : -1));
    const covered = places.filter((place) => overlaps(place, focus));
    const forward = focus.end >= anchor.end;
    const narrows = exact && covered.length > 1;
    if (narrows && !extend) return select(covered.at(step > 0 ? 0 : -1));
    const from = covered.at((narrows ? forward : step > 0) ? -1 : 0);
    const next = places[places.indexOf(from) + step] ?? from;
    if (!extend) return select(next);
    const held = exact ? places.filter((place) => overlaps(place, anchor)).at(forward ? 0 : -1) : anchor;
    select(held, next);
  }

  function moveToEnd(at, extend, exact) {
    const next = stops(exact).at(at) ?? null;
    select((extend && anchor) || next, next);
  }

  function jump(step) {
    const range = selection() ?? { start: Infinity, end: -1 };
    const next = step > 0 ? spans.find((span) => span.start >= range.end) : spans.findLast((span) => span.end <= range.start);
    if (next) select(next);
    else say(spans.length ? "No marked span further on." : "Nothing is marked yet.");
  }

  function openMenu(takesFocus) {
    const range = selection();
    if (!range || data.disabled) return say();
    if (!selectedSpan() && spanAt(range)) return say();
    const last = nodes.findLast((node, index) => overlaps(atoms[index], range));
    menu.show(data.slots, last, selectedSpan() !== null, takesFocus);
  }

  /* ---- pointer ---- */

  /** The atom at a point of the window, or the nearest one: on its line first. */
  function atomAt(x, y) {
    const direct = nodes.indexOf(root.getRootNode().elementFromPoint(x, y)?.closest(".atom"));
    if (direct >= 0) return { index: direct, distance: 0 };
    let best = { index: -1, distance: Infinity };
    nodes.forEach((node, index) => {
      for (const box of node.getClientRects()) {
        const aside = Math.max(box.left - x, x - box.right, 0);
        const distance = aside + 1000 * Math.max(box.top - y, y - box.bottom, 0);
        if (distance < best.distance) best = { index, distance };
      }
    });
    return best;
  }

  /** What an atom stands for: itself, or its marked span, or its word. */
  function snapped(index, exact) {
    const { start, end, word } = atoms[index];
    if (exact || word < 0) return { start, end };
    return spanAt(atoms[index]) ?? wordsOf(atoms)[word];
  }

  /** A range without white space at its ends, or null. */
  function trimmed(range) {
    const inside = atoms.filter((each) => each.word >= 0 && overlaps(each, range));
    return inside.length ? { start: inside[0].start, end: inside.at(-1).end } : null;
  }

  function startDrag(event) {
    if (event.button !== 0 || atoms.length === 0) return;
    textBox.setPointerCapture(event.pointerId);
    const { index, distance } = atomAt(event.clientX, event.clientY);
    drag = { from: index, moved: false, near: distance < 12, before: selection() };
    menu.hide();
  }

  function continueDrag(event) {
    if (!drag) return;
    const { index } = atomAt(event.clientX, event.clientY);
    drag.moved ||= index !== drag.from;
    if (!drag.moved) return;
    const ends = [drag.from, index].map((each) => snapped(each, event.shiftKey || event.altKey));
    const range = trimmed(union(...ends));
    select(range && (trimmed(ends[0]) ?? range), range && (trimmed(ends[1]) ?? range));
  }

  function endDrag(event) {
    if (!drag) return;
    const { from, moved, near, before } = drag;
    drag = null;
    if (!moved) {
      const range = near ? trimmed(snapped(from, false)) : null;
      select(range && event.shiftKey && before ? before : range, range);
    }
    if (selection()) openMenu(false);
  }

  /* ---- keyboard ---- */

  function onKey(event) {
    const { key, shiftKey: shift, altKey: alt } = event;
    const digit = /^[0-9]$/.test(key) ? key : event.code.match(/^Digit([0-9])$/)?.[1];
    const right = getComputedStyle(textBox).direction === "rtl" ? -1 : 1;
    const answers = {
      ArrowRight: () => move(right, shift, alt),
      ArrowLeft: () => move(-right, shift, alt),
      ArrowDown: () => jump(1),
      ArrowUp: () => jump(-1),
      Home: () => moveToEnd(0, shift, alt),
      End: () => moveToEnd(-1, shift, alt),
      Backspace: () => remove(selectedSpan()),
      Delete: () => remove(selectedSpan()),
      Enter: () => (selection() ? openMenu(true) : say("Mark some words first, then choose a slot.", true)),
      Escape: () => (menu.isOpen() ? menu.hide() : select(null)),
    };
    if (event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() !== "z" || shift) return;
      undo();
    } else if (Object.hasOwn(answers, key)) answers[key]();
    else if (digit !== undefined) chooseDigit(digit);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* ---- drawing ---- */

  function drawPalette() {
    const attributes = { disabled: data.disabled, tabindex: data.slots.length < FILTER_FROM ? null : "-1" };
    palette.replaceChildren(...data.slots.map((slot) => slotButton(slot, attributes, () => label(slot.name))));
  }

  function drawText() {
    const colours = new Map(data.slots.map((slot) => [slot.name, slot.colour]));
    const cuts = new Set(spans.flatMap(({ start, end }) => [start, end]));
    atoms = walk(data.text, cuts);
    nodes = atoms.map((each) => make("span", { class: "atom", "data-start": each.start }, glyph(each.text)));
    textBox.replaceChildren();
    let host = textBox, marked = null, word = null, number = -1;
    atoms.forEach((each, index) => {
      const span = spanAt(each);
      if (span !== marked) {
        host = span ? markNode(data.text, span, colours.get(span.slot) ?? "#777777") : textBox;
        if (span) textBox.append(host);
        marked = span;
      }
      if (each.word >= 0 && each.word !== number) {
        number = each.word;
        word = make("span", { class: "word", role: "option", id: `word-${number}` });
        host.append(word);
      }
      (each.word < 0 ? host : word).append(nodes[index]);
      if (span?.end === each.end) host.append(tagNode(data.text, span, data.disabled ? null : () => cross(span)));
    });
    drawSelection();
  }

  function cross(span) {
    [anchor, focus] = [null, null];
    remove(span);
  }

  function drawSelection() {
    const range = selection();
    const chosen = (node) => node.querySelector(".chosen") !== null;
    nodes.forEach((node, index) => node.classList.toggle("chosen", range !== null && overlaps(atoms[index], range)));
    for (const word of textBox.querySelectorAll(".word")) word.setAttribute("aria-selected", String(chosen(word)));
    for (const mark of textBox.querySelectorAll(".mark")) mark.classList.toggle("active", chosen(mark));
    const at = focus ? atoms.find((each) => each.word >= 0 && overlaps(each, focus)) : null;
    if (at) textBox.setAttribute("aria-activedescendant", `word-${at.word}`);
    else textBox.removeAttribute("aria-activedescendant");
  }

  for (const kind of ["pointerdown", "focusin"]) root.addEventListener(kind, () => (lastUsed = listener));
  root.addEventListener("focusout", (event) => root.contains(event.relatedTarget) || menu.shut());
  textBox.addEventListener("pointerdown", startDrag);
  textBox.addEventListener("pointermove", continueDrag);
  textBox.addEventListener("pointerup", endDrag);
  textBox.addEventListener("pointercancel", () => (drag = null));
  textBox.addEventListener("keydown", onKey);
  return { update, destroy: stopListening };
}
