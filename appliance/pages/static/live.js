// Follows a page's stream: swaps the regions that changed, lets ages grow, says when the office is away.
// A page is live when an element carries data-live="<address of its stream>". Scripts of a page listen to the
// event "motcua:live" on document; event.detail is the whole message.
(function () {
  "use strict";
  var STALE_MS = 25000, FIRST_RETRY_MS = 1000, LAST_RETRY_MS = 15000;
  var root = document.querySelector("[data-live]");
  var lang = document.documentElement.lang;
  var heard = Date.now(), retry = FIRST_RETRY_MS, source = null, timer = 0, soon = 0;

  function words(ms) {
    var minutes = Math.floor(ms / 60000), hours = Math.floor(minutes / 60), rest = minutes % 60;
    var vi = lang === "vi";
    if (minutes < 1) { return vi ? "dưới 1 phút" : "under 1 min"; }
    if (hours < 1) { return minutes + (vi ? " phút" : " min"); }
    return hours + (vi ? " giờ" : " h") + (rest ? " " + rest + (vi ? " phút" : " min") : "");
  }
  function grow() {
    var now = Date.now();
    document.querySelectorAll("[data-age-ms]").forEach(function (element) {
      if (!element.motcuaFrom) { element.motcuaFrom = now - Number(element.dataset.ageMs); }
      var text = words(now - element.motcuaFrom);
      if (element.textContent !== text) { element.textContent = text; }
    });
    document.querySelectorAll("[data-clock]").forEach(function (element) {
      if (!element.motcuaFrom) { element.motcuaFrom = now - Number(element.dataset.clock); }
      var at = new Date(now - element.motcuaFrom + 7 * 3600000);
      var text = String(at.getUTCHours()).padStart(2, "0") + ":" + String(at.getUTCMinutes()).padStart(2, "0");
      if (element.textContent !== text) { element.textContent = text; }
    });
    if (root && now - heard > STALE_MS) { stale(true); }
  }
  function stale(is) {
    var banner = document.getElementById("stale");
    if (banner) { banner.hidden = !is; }
    document.documentElement.classList.toggle("is-stale", is);
  }
  function swap(name, html) {
    var region = document.getElementById("r-" + name);
    if (!region || region.motcuaHtml === html) { return; }
    region.motcuaHtml = html;
    var active = document.activeElement, id = active && region.contains(active) ? active.id : "";
    region.innerHTML = html;
    if (id) {
      var again = document.getElementById(id);
      if (again) { again.focus({ preventScroll: true }); }
    }
  }
  function take(message) {
    Object.keys(message.regions).forEach(function (name) { swap(name, message.regions[name]); });
    grow();
    document.dispatchEvent(new CustomEvent("motcua:live", { detail: message }));
  }
  function alive() { heard = Date.now(); retry = FIRST_RETRY_MS; clearTimeout(soon); soon = 0; stale(false); }
  function connect() {
    if (source) { source.close(); }
    clearTimeout(timer);
    source = new EventSource(root.dataset.live);
    source.onmessage = function (event) { alive(); take(JSON.parse(event.data)); };
    source.addEventListener("beat", alive);
    source.onerror = function () {
      // The browser comes back by itself from a cut line, not from an answer that was no stream.
      // A restart takes a second or two: nobody needs to read of it.
      soon = soon || setTimeout(stale, 3000, true);
      if (source.readyState === EventSource.CLOSED) {
        timer = setTimeout(connect, retry);
        retry = Math.min(LAST_RETRY_MS, retry * 2);
      }
    };
  }
  function look() {
    // Out of a pocket or back from sleep: a stream that is dead may look alive for minutes.
    if (!document.hidden && (!source || source.readyState === EventSource.CLOSED || Date.now() - heard > 12000)) {
      connect();
    }
  }
  setInterval(grow, 5000);
  grow();
  if (!root || !window.EventSource) { return; }
  connect();
  setInterval(function () { if (Date.now() - heard > STALE_MS) { connect(); heard = Date.now() - STALE_MS + LAST_RETRY_MS; } }, 5000);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("pageshow", look);
})();
