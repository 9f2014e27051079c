// Finding patients.
import "../find.js";
