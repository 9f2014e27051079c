// Toasts go by themselves, except errors; never while pointed at or focused.
function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  const button = toast.querySelector("[data-dismiss]");
  if (button) button.hidden = false;
  const seconds = Number(toast.dataset.dismissAfter);
  if (!seconds) return;
  let left = seconds;
  const timer = setInterval(() => {
    if (!toast.isConnected) return clearInterval(timer);
    if (toast.matches(":hover, :focus-within")) return;
    if (--left <= 0) {
      clearInterval(timer);
      toast.remove();
    }
  }, 1000);
}

const watchAll = () => document.querySelectorAll(".toast").forEach(watch);
watchAll();
document.addEventListener("htmx:after:swap", watchAll);
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
});
