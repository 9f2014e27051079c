// Menus: arrow keys walk the items, Escape and a press outside close.
const items = (menu) => [...menu.querySelectorAll("a[href], button:not([hidden]), input, select")];

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest(".menu");
  const drop = event.target.closest("details.drop[open]");
  if (event.key === "Escape" && drop) {
    drop.open = false;
    drop.querySelector("summary").focus();
    return;
  }
  if (drop && event.key === "ArrowDown" && event.target.matches("summary")) {
    event.preventDefault();
    items(drop.querySelector(".menu"))[0]?.focus();
    return;
  }
  if (!menu || event.target.matches("input, select")) return;
  const list = items(menu);
  const at = list.indexOf(event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  list[(to + list.length) % list.length]?.focus();
});

document.addEventListener("click", (event) => {
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    if (!drop.contains(event.target)) drop.open = false;
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (menu.matches?.("[popover].menu") && event.newState === "open") items(menu)[0]?.focus({ focusVisible: false });
  },
  true,
);
