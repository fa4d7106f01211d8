// The supervisor's and the health page: a new day loads the page anew; buttons post and tell what came of it.
(function () {
  "use strict";
  var live = document.querySelector("[data-live][data-day]");
  document.addEventListener("motcua:live", function (event) {
    var day = event.detail.facts.day;
    if (live && day && day !== live.dataset.day) { location.reload(); }
  });

  var told = document.getElementById("told"), words = document.getElementById("words");
  function tell(kind, text) {
    told.textContent = "";
    var box = document.createElement("div"), line = document.createElement("p");
    box.className = "banner banner-" + kind;
    line.className = "banner-title";
    line.textContent = text;
    box.appendChild(line);
    told.appendChild(box);
  }
  function say(text, answer) {
    var counts = answer.counts || {};
    var values = { accepted: counts.accepted, written: counts.written, unreceipted: answer.unreceipted };
    return Object.keys(values).reduce(function (all, name) {
      return all.replace("{" + name + "}", values[name] === undefined || values[name] === null ? "?" : values[name]);
    }, text);
  }
  function isBusy(button, is) {
    if (is) { button.setAttribute("aria-disabled", "true"); } else { button.removeAttribute("aria-disabled"); }
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("[data-post]") : null;
    if (!button || button.getAttribute("aria-disabled") === "true") { return; }
    isBusy(button, true);
    if (button.dataset.waits) { tell("info", button.dataset.waits); }
    fetch(button.dataset.post, {
      method: "POST", credentials: "same-origin",
      headers: { "accept": "application/json", "x-csrf-token": document.querySelector('meta[name="csrf"]').content }
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (response.ok) { tell("good", say(button.dataset.done, answer)); return; }
        var sentence = document.documentElement.lang === "vi" ? answer.detail_vi : answer.detail;
        tell("bad", response.status === 401 || response.status === 403 ? words.dataset.reload : sentence || words.dataset.failed);
      });
    }).catch(function () { tell("bad", words.dataset.failed); }).then(function () { isBusy(button, false); });
  });
})();
