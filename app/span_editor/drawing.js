// What the editor is drawn with. User text reaches the page through textContent and attributes alone.

/** An element with attributes; what is false or null is left out, and children that are strings become text. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** Black or white, whichever reads better on a colour #rrggbb (WCAG's relative luminance). */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

/** A button that keeps the focus where it is when the pointer presses it. */
function makeButton(attributes, onClick, ...children) {
  const button = make("button", { type: "button", ...attributes }, ...children);
  button.addEventListener("pointerdown", (event) => event.stopPropagation());
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", onClick);
  return button;
}

/** A slot with its colour, its name and its key. */
function slotButton(slot, attributes, onClick) {
  const button = makeButton({ class: "slot", title: slot.description || null, "aria-keyshortcuts": slot.digit, ...attributes },
    onClick, make("span", { class: "dot" }), make("span", { class: "name" }, slot.name));
  if (slot.digit !== null) button.append(make("kbd", { "aria-hidden": "true" }, slot.digit));
  button.dataset.slot = slot.name;
  button.style.setProperty("--slot", slot.colour);
  return button;
}

/** The frame of a marked span; its words and its tag go into it. */
function markNode(text, span, colour) {
  const said = `${span.slot}${span.suggested ? ", suggested" : ""}: ${quote(text, span)}`;
  const node = make("span", { class: span.suggested ? "mark suggested" : "mark", role: "group", "aria-label": said });
  node.style.setProperty("--slot", colour);
  node.style.setProperty("--ink", inkOn(colour));
  return node;
}

/** The name behind a marked span, and the cross that removes it (none without `onRemove`). */
function tagNode(text, span, onRemove) {
  const tag = make("span", { class: "tag", dir: "ltr" }, make("span", { class: "name" }, span.slot));
  const sure = span.confidence === null ? "" : ` ${Math.round(100 * span.confidence)} %`;
  if (span.suggested) tag.append(make("span", { class: "note" }, `suggested${sure}`));
  const said = `Remove ${span.slot} ${quote(text, span)}`;
  if (onRemove) tag.append(makeButton({ class: "cross", tabindex: "-1", title: "Remove", "aria-label": said }, onRemove, "×"));
  return tag;
}
