// Passwords that may be shown, and the clocks of box and browser beside each other.
(function () {
  "use strict";

  document.querySelectorAll("[data-shows]").forEach(function (button) {
    var inputs = button.getAttribute("data-shows").split(" ").map(function (id) { return document.getElementById(id); });
    function show(isShown) {
      inputs.forEach(function (input) { input.type = isShown ? "text" : "password"; });
      button.setAttribute("aria-pressed", String(isShown));
    }
    button.hidden = false;
    button.addEventListener("click", function () { show(inputs[0].type === "password"); });
    // What was shown is a password again when it is sent, so that no browser keeps it as a text.
    button.form.addEventListener("submit", function () { show(false); });
  });

  // A double tap sends a form once; whoever comes back to the page may send it again.
  document.querySelectorAll("main form").forEach(function (form) {
    var isSent = false;
    form.addEventListener("submit", function (event) {
      if (isSent) { event.preventDefault(); }
      isSent = true;
    });
    window.addEventListener("pageshow", function () { isSent = false; });
  });

  var box = document.querySelector("[data-box-ms]");
  if (!box) { return; }
  var HANOI_MS = 7 * 3600 * 1000;
  var DIFFERENCE_MS = 60 * 1000;
  var lang = document.documentElement.lang;
  var own = document.querySelector("[data-own]");
  var differs = document.querySelector("[data-differs]");
  var fields = { date: document.getElementById("f-date"), time: document.getElementById("f-time") };
  var boxMs = Number(box.getAttribute("data-box-ms"));
  var startedMs = performance.now();
  var isEdited = Boolean(fields.date.value || fields.time.value);

  // Hanoi is seven hours ahead of UTC, summer and winter, whatever zone this browser is set to.
  function hanoi(ms) {
    var text = new Date(ms + HANOI_MS).toISOString();
    return { date: text.slice(0, 10), time: text.slice(11, 19) };
  }

  function show(place, ms) {
    var day = new Date(ms + HANOI_MS);
    var options = { weekday: "long", day: "numeric", month: "numeric", year: "numeric", timeZone: "UTC" };
    place.querySelector(".figure").textContent = hanoi(ms).time;
    place.lastElementChild.textContent = new Intl.DateTimeFormat(lang === "vi" ? "vi-VN" : "en-GB", options).format(day);
  }

  function fill() {
    if (isEdited) { return; }
    var now = hanoi(Date.now());
    fields.date.value = now.date;
    fields.time.value = now.time;
  }

  function tick() {
    var boxNow = boxMs + performance.now() - startedMs;
    show(box, boxNow);
    show(own.querySelector("dd"), Date.now());
    differs.hidden = Math.abs(boxNow - Date.now()) < DIFFERENCE_MS;
    fill();
  }

  [fields.date, fields.time].forEach(function (field) {
    field.addEventListener("input", function () { isEdited = true; });
    field.addEventListener("focus", function () { isEdited = true; });
  });
  fields.date.form.addEventListener("submit", fill);
  own.hidden = false;
  document.querySelector("[data-filled]").hidden = isEdited;
  tick();
  setInterval(tick, 1000);
})();
