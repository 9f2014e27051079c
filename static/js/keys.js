// Keys of the schedule. The list of them opens with a question mark.
const typing = "input, select, textarea, [contenteditable], dialog[open] *, .menu *";
const press = (id) => document.getElementById(id)?.click();

const keys = {
  PageUp: () => press("prev"),
  PageDown: () => press("next"),
  t: () => press("today"),
  d: () => press("as-day"),
  w: () => press("as-week"),
  p: () => press("sheet"),
  n: () => {
    const grid = document.getElementById("schedule-grid");
    const slot = document.activeElement?.closest(".fs")?.querySelector("a");
    (slot ?? grid?.querySelector(".fs > a") ?? document.getElementById("book"))?.click();
  },
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  if (event.target.matches(typing) || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || (event.key.length === 1 && document.documentElement.dataset.letters) || (event.shiftKey && event.key !== "?")) return;
  event.preventDefault();
  act();
});

const show = () => {
  for (const button of document.querySelectorAll("[data-keys-list]")) button.hidden = false;
};
show();
document.addEventListener("htmx:after:swap", show);
