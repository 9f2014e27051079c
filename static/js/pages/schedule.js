// The schedule.
import "../countdown.js";
import "../now.js";
import "../grid.js";
import "../live.js";
import "../stream.js";
import "../move.js";
import "../block-menu.js";
import "../keys.js";
