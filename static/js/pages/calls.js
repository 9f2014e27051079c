// The list of calls.
import "../stream.js";
import "../words.js";
