// The list of calls.
import "../stream.js";
