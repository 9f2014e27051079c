// Steps every countdown once a second, by the server's clock: what is held ends
// when the server says so, not when this computer's clock does.
let offset = 0;

function setClock() {
  const now = Date.parse(document.querySelector("[data-now]")?.dataset.now ?? "");
  if (now) offset = now - Date.now();
}

function step() {
  const now = Date.now() + offset;
  let ended = false;
  for (const time of document.querySelectorAll("[data-expires-at]")) {
    const left = Math.max(0, Math.round((Date.parse(time.dataset.expiresAt) - now) / 1000));
    const words = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const place = time.querySelector("[data-left]");
    if (place.textContent !== words) place.textContent = words;
    if (left === 0 && !time.dataset.ended) {
      time.dataset.ended = "1";
      ended = true;
    }
  }
  for (const bar of document.querySelectorAll("[data-drains-at]")) {
    bar.value = Math.max(0, (Date.parse(bar.dataset.drainsAt) - now) / 1000);
  }
  // What ended shows only after asking; the stream says it too, when it is up.
  if (ended) document.body.dispatchEvent(new CustomEvent("schedule", { bubbles: true }));
}

setClock();
step();
setInterval(step, 1000);
document.addEventListener("htmx:after:swap", () => {
  setClock();
  step();
});
