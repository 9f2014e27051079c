// An appointment, a patient, and whatever else counts down a hold.
import "../countdown.js";
