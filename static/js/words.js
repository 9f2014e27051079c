// A filter keeps the words that were looked for. They may be a name, so they go by post and stand in no address.
document.addEventListener("submit", ({ target: form }) => {
  if (form.id !== "calls-filter") return;
  const words = document.getElementById("q")?.value.trim() ?? "";
  form.method = words ? "post" : "get";
  form.action = words ? "/calls/search" : "/calls";
});

document.addEventListener("formdata", ({ target: form, formData }) => {
  if (form.id !== "calls-filter") return;
  formData.delete("q");
  formData.delete("_csrf");
  if (form.method === "post") {
    formData.set("q", document.getElementById("q").value.trim());
    formData.set("_csrf", document.querySelector('meta[name="csrf"]').content);
  }
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name); // an address holds what is set
});
