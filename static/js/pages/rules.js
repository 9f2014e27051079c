// What re-run rules changed in a call.
import "../reveal.js";
