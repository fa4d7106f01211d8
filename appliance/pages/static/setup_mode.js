// Setup mode: what is wrong is looked up again and again; when the office has opened instead, its page is loaded.
(function () {
  "use strict";
  var EVERY_MS = 4000, stale = document.getElementById("stale");
  if (!window.fetch) { return; }

  function take(regions) {
    Object.keys(regions).forEach(function (name) {
      var region = document.getElementById("r-" + name);
      if (region && region.motcuaHtml !== regions[name]) {
        region.motcuaHtml = regions[name];
        region.innerHTML = regions[name];
      }
    });
    stale.hidden = true;
  }
  function look() {
    fetch("/setup-mode/regions", { headers: { "accept": "application/json" } }).then(function (response) {
      if (!response.ok) { location.reload(); return null; }
      return response.json().then(take);
    }).catch(function () { stale.hidden = false; });
  }
  setInterval(look, EVERY_MS);
})();
