// What can be done with an appointment: a menu that opens with the right button, with a long press, and from the button
// that stands on the appointment that is pointed at or has the focus. It shows what is legal now and allowed.
import { moveByKeys } from "./move.js";

const states = { late: "booked", inroom: "checked-in", done: "fulfilled" };
const blocks = "#schedule-grid :is(.ap, .line)[id]";
const menu = () => document.getElementById("block-menu");
const dots = document.createElement("button");
let item = null; // whose menu it is

dots.type = "button";
dots.className = "dots";
dots.setAttribute("aria-haspopup", "true");
dots.innerHTML = document.getElementById("dots")?.innerHTML ?? "";

const words = (block) => (block.querySelector(".hold-link") ?? block.querySelector("a")).textContent.replace(/\s+/g, " ").trim();

function attach(block) {
  if (!menu() || dots.parentElement === block) return;
  dots.querySelector(".vh").textContent = `Actions for ${words(block)}`;
  block.append(dots);
}

for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    if (event.pointerType === "touch" || document.documentElement.classList.contains("moves")) return;
    const block = event.target.closest?.(blocks);
    // The button of the appointment that has the focus stays there.
    if (block && (kind === "focusin" || !dots.parentElement?.contains(document.activeElement))) attach(block);
  });
}

/** Whether it is too early for a step: nobody comes before the day, and nobody has failed to come before the start. */
function tooEarly(entry, block) {
  const zone = document.querySelector("[data-zone-note]").dataset.zoneNote;
  const now = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format();
  const day = block.closest("[data-day]").dataset.day;
  const start = `${day} ${block.querySelector("time").textContent}`;
  return { day: now.slice(0, 10) < day, start: now < start }[entry.dataset.when] ?? false;
}

function open(block, x, y) {
  const list = menu();
  if (!list) return;
  item = block;
  const state = /\bs-([a-z]+)/.exec(block.className)?.[1];
  const mine = block.closest("[data-mine]") !== null;
  for (const entry of list.querySelectorAll("[data-for]")) {
    const fits = entry.dataset.for.split(" ").includes(states[state] ?? state);
    entry.hidden = !fits || tooEarly(entry, block) || (!("desk" in list.dataset) && !mine) || (entry.dataset.act === "move" && !("seen" in block.dataset) && !block.matches(".line"));
  }
  list.querySelector("[data-act=open]").href = block.querySelector("a").href;
  list.querySelector("[data-act=copy]").hidden = !navigator.clipboard;
  list.showPopover();
  const box = list.getBoundingClientRect();
  list.style.left = `${Math.max(8, Math.min(x, innerWidth - box.width - 8))}px`;
  list.style.top = `${Math.max(8, Math.min(y, innerHeight - box.height - 8))}px`;
  dots.setAttribute("aria-expanded", "true");
}

document.addEventListener("contextmenu", (event) => {
  const block = event.target.closest?.(blocks);
  if (!block || !menu() || event.shiftKey) return;
  event.preventDefault();
  const at = block.getBoundingClientRect();
  // The key for menus has no place: below the appointment then.
  if (event.clientX || event.clientY) open(block, event.clientX, event.clientY);
  else open(block, at.left + 12, Math.min(at.bottom, at.top + 28));
});

dots.addEventListener("click", (event) => {
  event.preventDefault();
  event.stopPropagation();
  const at = dots.getBoundingClientRect();
  open(dots.closest(blocks), at.left, at.bottom + 4);
});

const post = (path, values = {}) => htmx.ajax("POST", path, { source: "#toasts", target: "#toasts", select: ".toast", swap: "innerHTML", values });

document.addEventListener("click", async (event) => {
  const entry = event.target.closest?.("#block-menu [data-act]");
  if (!entry || !item) return;
  const { act, to } = entry.dataset;
  const id = item.id.slice(2);
  const block = item;
  if (act === "open") return;
  event.preventDefault();
  menu().hidePopover();
  const live = document.getElementById(block.id) ?? block;
  if (act === "move" && live.matches("[data-seen]") && matchMedia("(min-width: 760px)").matches) {
    live.querySelector("a").focus();
    moveByKeys(live);
  } else if (act === "move") location.assign(`/appointments/${id}/move`);
  else if (act === "cancel") cancel(id);
  else if (act === "copy") {
    await navigator.clipboard.writeText(`${location.origin}/appointments/${id}`);
    document.getElementById("said").textContent = "Link copied";
  } else if (act === "take-over" || act === "release") await post(`/holds/${id}/${act}`);
  else await post(`/appointments/${id}/${act}`, to ? { to } : {});
});

/** The dialog that asks for the reason is the appointment's own. */
async function cancel(id) {
  await htmx.ajax("GET", `/appointments/${id}`, { source: "#dialogs", target: "#dialogs", select: "#cancel", swap: "innerHTML" });
  const dialog = document.querySelector("#dialogs > dialog");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    dialog.close();
    await post(new URL(form.action).pathname, values);
  });
  if (!dialog.open) dialog.showModal();
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.id !== "block-menu" || event.newState === "open") return;
    dots.setAttribute("aria-expanded", "false");
    // Back to the appointment, unless something else was reached meanwhile.
    const here = document.activeElement;
    if (!here || here === document.body || event.target.contains(here)) document.getElementById(item?.id)?.querySelector("a")?.focus({ focusVisible: true });
  },
  true,
);

// A grid that asked for itself has no such button: it goes back to where it was.
let held = null;
document.addEventListener("htmx:before:swap", () => {
  held = dots.isConnected ? { id: dots.parentElement.id, focused: document.activeElement === dots } : null;
});
document.addEventListener("htmx:after:swap", () => {
  const block = held && document.getElementById(held.id);
  if (!block) return;
  attach(block);
  if (held.focused) dots.focus();
});
