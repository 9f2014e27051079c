// A call.
import "../reveal.js";
import "../miss.js";
