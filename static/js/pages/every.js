// Every page.
import "../csrf.js";
import "../forms.js";
import "../dialog.js";
import "../menu.js";
import "../toast.js";
import "../zone.js";
import "../ages.js";
import "../palette.js";
