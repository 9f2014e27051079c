// The booking form.
import "../countdown.js";
import "../booking.js";
