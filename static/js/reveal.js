// What was revealed hides again by itself: the words leave the page when their minute is over, when somebody asks, or when the page is left.
// The time left counts from when the words came, so it does not matter what this computer's clock says.
const ends = new WeakMap();
const opened = () => document.querySelectorAll("[data-hides-in]");

function hide(chip) {
  const closed = chip.querySelector("template").content.firstElementChild.cloneNode(true);
  closed.id = chip.id;
  const focused = chip.contains(document.activeElement);
  chip.replaceWith(closed);
  window.htmx?.process(closed);
  if (focused) closed.focus();
}

function hideAll(say) {
  for (const chip of opened()) hide(chip);
  settle(say);
}

// The word above goes with the last of them.
function settle(say) {
  if (opened().length) return;
  document.getElementById("opened")?.replaceChildren();
  const said = document.getElementById("said");
  if (said && say) said.textContent = "Hidden again.";
}

function step() {
  let over = false;
  for (const chip of opened()) {
    if (!ends.has(chip)) ends.set(chip, Date.now() + Number(chip.dataset.hidesIn) * 1000);
    const left = Math.max(0, Math.ceil((ends.get(chip) - Date.now()) / 1000));
    if (left === 0) {
      hide(chip);
      over = true;
      continue;
    }
    chip.querySelector("[data-left]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    chip.querySelector("progress").value = left;
  }
  if (over) settle(true);
}

step();
setInterval(step, 1000);
document.addEventListener("htmx:after:swap", () => {
  const fresh = [...opened()].find((chip) => !ends.has(chip));
  step();
  fresh?.focus();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-hide-now]")) return;
  event.preventDefault();
  hideAll(true);
});
addEventListener("pagehide", () => hideAll(false));
