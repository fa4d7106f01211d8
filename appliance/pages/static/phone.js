// A ticket on a phone. ES5 and nothing newer than a browser of 2013 has; without this file the page reloads itself.
(function () {
  "use strict";
  var RELOAD_MS = 15000, STALE_MS = 25000, FIRST_MS = 12000;
  var root = document.querySelector("[data-live]");
  var again = document.querySelector("[data-again]");
  var heard = 0, began = now(), source = null, timer = 0, audio = null, soon = 0, wait = 1500;

  function now() { return new Date().getTime(); }
  function stale(is) {
    var banner = document.getElementById("stale");
    if (banner) { banner.hidden = !is; if (is) { banner.removeAttribute("hidden"); } else { banner.setAttribute("hidden", ""); } }
  }
  function reload() { location.replace((again || root).getAttribute(again ? "data-again" : "data-live").replace(/\/live$/, "")); }

  function tone(at, pitch) {
    var beep = audio.createOscillator(), gain = audio.createGain();
    beep.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.linearRampToValueAtTime(0.5, at + 0.03);
    gain.gain.linearRampToValueAtTime(0.0001, at + 0.4);
    beep.connect(gain);
    gain.connect(audio.destination);
    beep.start(at);
    beep.stop(at + 0.45);
  }
  function ring(times) {
    var i;
    if (!audio) { return; }
    if (audio.resume) { audio.resume(); }
    for (i = 0; i < times; i += 1) {
      tone(audio.currentTime + i * 1.1, 880);
      tone(audio.currentTime + i * 1.1 + 0.45, 660);
    }
  }
  function call() {
    // Browsers refuse before the page was touched once; asking all the same only fills their log.
    var touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
    try { if (navigator.vibrate && touched) { navigator.vibrate([500, 200, 500, 200, 900]); } } catch (ignored) { }
    try { ring(3); } catch (ignored) { }
    try { window.scrollTo(0, 0); } catch (ignored) { }
  }
  function sound() {
    var Audio = window.AudioContext || window.webkitAudioContext;
    var place = document.getElementById("sound"), button = document.getElementById("sound-button");
    if (!Audio || !place) { return; }
    place.removeAttribute("hidden");
    button.onclick = function () {
      try {
        audio = audio || new Audio();
        ring(1);
        button.lastChild.textContent = button.getAttribute("data-on");
        button.setAttribute("aria-pressed", "true");
      } catch (ignored) { place.setAttribute("hidden", ""); }
    };
  }

  function swap(name, html) {
    var region = document.getElementById("r-" + name);
    if (region) { region.innerHTML = html; }
  }
  function take(message) {
    var name, facts = message.facts, calls = Number(root.getAttribute("data-calls"));
    for (name in message.regions) {
      if (Object.prototype.hasOwnProperty.call(message.regions, name)) { swap(name, message.regions[name]); }
    }
    document.body.className = "phone phone-" + facts.state;
    if (facts.title) { document.title = facts.title; }
    root.setAttribute("data-calls", facts.calls);
    if (facts.state === "CALLED" && (facts.calls > calls || root.getAttribute("data-state") !== "CALLED")) { call(); }
    root.setAttribute("data-state", facts.state);
  }
  function alive() {
    var note = document.getElementById("was-stale");
    heard = now();
    wait = 1500;
    clearTimeout(soon);
    soon = 0;
    stale(false);
    // The page may have been loaded while the office was away: what it said of that is over.
    if (note) { note.parentNode.removeChild(note); }
  }
  function away() { heard = now(); stale(true); }
  function connect() {
    if (source) { source.close(); }
    clearTimeout(timer);
    source = new EventSource(root.getAttribute("data-live"));
    source.onmessage = function (event) { alive(); take(JSON.parse(event.data)); };
    source.addEventListener("beat", alive);
    source.addEventListener("away", away);
    source.onerror = function () {
      if (!soon) { soon = setTimeout(function () { stale(true); }, 3000); }
      if (source.readyState === 2) {
        timer = setTimeout(connect, wait);
        wait = Math.min(RELOAD_MS, wait * 2);
      }
    };
  }
  function look() {
    // Out of a pocket: a stream that is dead may look alive for minutes.
    if (!document.hidden && (source.readyState === 2 || now() - heard > FIRST_MS)) { connect(); }
  }
  function check() {
    if (!heard && now() - began > FIRST_MS) {
      // Something between us keeps streams back: load the page anew instead, as without any script.
      source.close();
      setTimeout(reload, RELOAD_MS - FIRST_MS);
      heard = Infinity;
    } else if (heard && now() - heard > STALE_MS) {
      stale(true);
      heard = now() - FIRST_MS;
      connect();
    }
  }

  if (again) { setTimeout(reload, 5000); return; }
  if (!root) { return; }
  sound();
  if (root.getAttribute("data-state") === "CALLED") { call(); }
  if (!window.EventSource) { setTimeout(reload, RELOAD_MS); return; }
  connect();
  setInterval(check, 2000);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("pageshow", look);
})();
