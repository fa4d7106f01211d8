// Shows at once the number that a button beside the box has given out, one after another.
(function () {
  "use strict";
  var AT_LEAST_MS = 7000, KEPT = 30, KEY = "motcua.pressed";
  var since = Date.now(), timer = 0;

  function seen() {
    try { return JSON.parse(sessionStorage.getItem(KEY) || "[]"); } catch (e) { return []; }
  }
  function remember(id) {
    try { sessionStorage.setItem(KEY, JSON.stringify(seen().concat(id).slice(-KEPT))); return true; } catch (e) { return false; }
  }
  document.addEventListener("motcua:live", function (event) {
    var known = seen();
    var waiting = (event.detail.facts.buttons || []).filter(function (press) { return known.indexOf(press.id) < 0; });
    if (!waiting.length || document.querySelector(".kiosk-form.is-sending")) { return; }
    // Somebody may be reading the number before.
    var left = document.querySelector(".issued") ? AT_LEAST_MS - (Date.now() - since) : 0;
    clearTimeout(timer);
    timer = setTimeout(function () {
      var next = waiting[0];
      if (remember(next.id)) { window.motcuaScreen.leave("/kiosk/tickets/" + encodeURIComponent(next.token) + location.search.replace(/^\?.*buttons=1.*$/, "?buttons=1").replace(/^\?(?!buttons=1$).*$/, "")); }
    }, Math.max(0, left));
  });
})();
