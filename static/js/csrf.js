// Sends the page's token with every htmx request; forms carry it in a field.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf"]')?.content;
  if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token;
});
