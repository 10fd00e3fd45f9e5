// The little menu beside the selection: every slot, a filter where they are many, and removal.

const FILTER_FROM = 11;

/** A menu in `root`; `choose(name)`, `remove()` and `leave()` are called for what is picked and when it is left. */
function createMenu(root, { choose, chooseDigit, remove, leave }) {
  const node = make("div", { class: "menu", role: "menu", "aria-label": "Choose a slot", hidden: true });
  root.append(node);

  const focused = () => node.getRootNode().activeElement;
  const shown = () => [...node.querySelectorAll("input, button")].filter((each) => !each.hidden);

  function show(slots, beside, removable, takesFocus) {
    const items = slots.map((slot) => slotButton(slot, { role: "menuitem" }, () => choose(slot.name)));
    const removal = makeButton({ class: "removal", role: "menuitem" }, remove, "Remove", make("kbd", {}, "Del"));
    node.replaceChildren(...(slots.length >= FILTER_FROM ? [filterOf(items)] : []), ...items, ...(removable ? [removal] : []));
    node.hidden = false;
    place(beside.getBoundingClientRect(), root.getBoundingClientRect());
    if (takesFocus) shown()[0]?.focus({ preventScroll: true });
  }

  function hide() {
    const held = node.contains(focused());
    node.hidden = true;
    if (held) leave();
  }

  function filterOf(items) {
    const filter = make("input", { class: "filter", type: "text", placeholder: "Find a slot", "aria-label": "Find a slot" });
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const item of items) item.hidden = !item.dataset.slot.toLowerCase().includes(wanted);
    });
    return filter;
  }

  function place(box, frame) {
    const left = Math.min(box.left - frame.left, frame.width - node.offsetWidth);
    node.style.left = `${Math.max(left, 0)}px`;
    node.style.top = `${box.bottom - frame.top + 8}px`;
  }

  node.addEventListener("keydown", (event) => {
    const places = shown();
    const at = places.indexOf(focused());
    const typing = event.target.matches("input");
    const step = { ArrowDown: 1, ArrowUp: -1, ...(typing ? {} : { ArrowRight: 1, ArrowLeft: -1 }) }[event.key];
    event.stopPropagation();
    if (step) places.at((at + step) % places.length).focus();
    else if (event.key === "Escape") hide();
    else if (event.key === "Enter" && typing) places[1]?.click();
    else if (!typing && /^[0-9]$/.test(event.key)) chooseDigit(event.key);
    else return;
    event.preventDefault();
  });
  return { show, hide, shut: () => (node.hidden = true), isOpen: () => !node.hidden };
}
