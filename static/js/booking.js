// The booking form: who was found and chosen stands in the field, so that what is read is who comes.
document.addEventListener("change", (event) => {
  const pick = event.target.closest?.("#booking [data-pick]");
  if (!pick?.value) return;
  const name = pick.closest(".pick")?.querySelector("b")?.textContent;
  const field = document.getElementById("f-name");
  if (name && field) field.value = name;
});

// With script the button says what it books: a new start comes back with the form.
function say() {
  for (const button of document.querySelectorAll("#booking [data-says]")) button.textContent = button.dataset.says;
}
say();
document.addEventListener("htmx:after:swap", say);
