// Read by static/css/input.css through @config. Classes are looked for where
// views are written and where our scripts set them, and nowhere else: a word in
// a Go comment or a document must not become CSS.
/** @type {import('tailwindcss').Config} */
export default {
  content: ["./views/**/*.templ", "./views/**/*.go", "./static/js/*.js"],
};
