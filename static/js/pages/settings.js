// Settings.
import "../rows.js";
import "../copy.js";
