// Presses without loading the page. A mouse presses when it goes down, as a finger does on a real button; the
// drawing may be replaced by a newer one before the mouse comes up, and then no click would follow.
(function () {
  "use strict";
  var form = document.querySelector("form.bench"), said = document.getElementById("said");
  var touched = null, FAR = 12;
  if (!form || !window.fetch) { return; }

  function tell(text) {
    said.textContent = text;
    said.classList.toggle("is-problem", text !== "");
  }
  function send(button) {
    var fields = new URLSearchParams(), held = form.querySelector("input[name=held]:checked");
    fields.set(button.name, button.value);
    if (held) { fields.set("held", held.value); }
    fetch(form.action, {
      method: "POST", credentials: "same-origin", body: fields,
      headers: { "x-csrf-token": document.querySelector("meta[name=csrf]").content, "accept": "application/json" }
    }).then(function (response) {
      if (response.ok) { tell(""); return null; }
      return response.json().then(function (problem) {
        tell(document.documentElement.lang === "vi" ? problem.detail_vi : problem.detail);
      });
    }).catch(function () { tell(form.dataset.offline); });
  }
  function buttonOf(event) {
    var button = event.target.closest ? event.target.closest("button[name=device], button[name=test]") : null;
    return button && form.contains(button) ? button : null;
  }
  form.addEventListener("pointerdown", function (event) {
    var button = buttonOf(event);
    if (!button || event.button !== 0) { return; }
    if (event.pointerType === "touch") {
      touched = { button: button, x: event.clientX, y: event.clientY, id: event.pointerId };
    } else {
      send(button);
    }
  });
  document.addEventListener("pointerup", function (event) {
    var from = touched;
    touched = null;
    if (from && from.id === event.pointerId && Math.abs(event.clientX - from.x) < FAR && Math.abs(event.clientY - from.y) < FAR) {
      send(from.button);
    }
  });
  document.addEventListener("pointercancel", function () { touched = null; });
  form.addEventListener("click", function (event) {
    var button = buttonOf(event);
    if (!button) { return; }
    event.preventDefault();
    // Keys and screen readers click without a pointer.
    if (event.detail === 0 || !window.PointerEvent) { send(button); }
  });
})();
