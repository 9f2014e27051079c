// Today.
import "../countdown.js";
import "../stream.js";
