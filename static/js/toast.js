// Toasts go by themselves, except errors; never while pointed at or focused. One that can be undone goes when its time is over, by the
// server's count, and Z undoes it.
const goesAfter = 8;

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  const button = toast.querySelector("[data-dismiss]");
  if (button) button.hidden = false;
  const bar = toast.querySelector("progress");
  let left = Number(toast.dataset.undoFor ?? toast.dataset.dismissAfter);
  let undo = "undoFor" in toast.dataset;
  if (!left) return;
  const timer = setInterval(() => {
    if (!toast.isConnected) return clearInterval(timer);
    const looked = toast.matches(":hover, :focus-within");
    if (looked && !undo) return;
    left--;
    if (bar) bar.value = Math.max(0, left);
    if (left > 0) return;
    if (undo && looked) {
      // Under the hand it does not vanish; it only cannot be undone any more.
      undo = false;
      left = goesAfter;
      const form = toast.querySelector("form");
      if (form.contains(document.activeElement)) button.focus();
      form.remove();
      bar?.remove();
      return;
    }
    clearInterval(timer);
    toast.remove();
  }, 1000);
}

const watchAll = () => document.querySelectorAll(".toast").forEach(watch);
watchAll();
document.addEventListener("htmx:after:swap", watchAll);
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
});

const typing = "input, textarea, select, [contenteditable], dialog[open] *";
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || document.documentElement.dataset.letters || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  if (event.target.matches(typing)) return;
  const button = document.querySelector(".toasts [data-undo]");
  if (!button) return;
  event.preventDefault();
  button.form.requestSubmit(button);
});
