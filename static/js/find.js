// A list that is searched as one types: down goes from the field into the list, up comes back, letters go on typing.
const field = document.querySelector("[data-find]");
const hits = () => [...document.querySelectorAll("[data-hit]")];

document.addEventListener("keydown", (event) => {
  if (!field || event.altKey || event.ctrlKey || event.metaKey) return;
  const inField = event.target === field;
  const at = hits().indexOf(event.target);
  if (!inField && at < 0) {
    const free = !document.documentElement.dataset.letters && !event.target.matches?.("input, select, textarea, [contenteditable]") && !document.querySelector("dialog[open]");
    if (event.key === "/" && free) {
      event.preventDefault();
      field.select();
    }
    return;
  }
  const list = hits();
  const to = { ArrowDown: inField ? 0 : at + 1, ArrowUp: inField ? -1 : at - 1, Home: inField ? -1 : 0, End: inField ? -1 : list.length - 1 }[event.key];
  if (to !== undefined) {
    if (inField && to < 0) return;
    event.preventDefault();
    if (to < 0) field.focus();
    else list[Math.min(to, list.length - 1)]?.focus();
    return;
  }
  if (inField || event.key.length > 1 && event.key !== "Backspace" || event.key === " ") {
    if (!inField && event.key === "Escape") field.select();
    return;
  }
  field.focus(); // the key goes there
});
