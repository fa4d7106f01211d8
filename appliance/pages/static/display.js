// Shows every call, those missed while the screen slept too, one after another, and the right time.
(function () {
  "use strict";
  var SHOWN_MS = 10000, BRIEFLY_MS = 5000, KEY = "motcua.shown", OFF_MS = 60000, POINTER_MS = 4000, LONG_NAME = 16;
  var band = document.getElementById("call"), line = document.getElementById("call-line"), none = document.getElementById("call-none"), to = document.getElementById("call-to");
  var queue = [], current = null, newest = null, timer = 0, pointer = 0;
  var epoch = band.dataset.epoch, seq = Number(band.dataset.seq);
  try {
    var kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    if (kept && kept.epoch === epoch) { seq = kept.seq; }
  } catch (e) { /* no storage */ }

  function keep() { try { sessionStorage.setItem(KEY, JSON.stringify({ epoch: epoch, seq: seq })); } catch (e) { /* no storage */ } }
  function write(call) {
    line.hidden = !call;
    none.hidden = !!call;
    if (call) {
      document.getElementById("call-label").textContent = call.label;
      to.textContent = call.name;
      to.classList.toggle("is-long", call.name.length > LONG_NAME);
    }
  }
  function mark() {
    document.querySelectorAll("[data-counter]").forEach(function (seat) {
      seat.classList.toggle("is-new", !!current && seat.dataset.counter === current.counter);
    });
  }
  function advance() {
    clearTimeout(timer);
    current = queue.shift() || null;
    band.classList.remove("is-new");
    write(current || newest);
    if (current) {
      void band.offsetWidth; // the flash begins anew
      band.classList.add("is-new");
      seq = Math.max(seq, current.seq);
      keep();
      timer = setTimeout(advance, queue.length ? BRIEFLY_MS : SHOWN_MS);
    }
    mark();
  }
  document.addEventListener("motcua:live", function (event) {
    var facts = event.detail.facts, calls = facts.calls, taken = queue.concat(current || []);
    document.body.classList.toggle("is-closed", facts.closed);
    newest = calls.filter(function (call) { return call.now; })[0] || null;
    if (facts.epoch !== epoch) {
      // Another journal: its numbers have nothing to do with those shown so far.
      epoch = facts.epoch;
      seq = calls.reduce(function (most, call) { return Math.max(most, call.seq); }, 0);
      queue = [];
    }
    calls.slice().reverse().forEach(function (call) {
      if (call.seq > seq && !taken.some(function (other) { return other.seq === call.seq; })) {
        queue = queue.filter(function (other) { return other.label !== call.label; });
        queue.push(call);
      }
    });
    keep();
    if (!current) { advance(); } else if (queue.length) {
      // Somebody else is waiting to be shown: the one on the screen has had its time soon.
      clearTimeout(timer);
      timer = setTimeout(advance, BRIEFLY_MS);
    }
    mark();
    if (!current) { tell(facts.clock); }
  });
  function tell(clock) {
    var place = document.getElementById("clock"), face = place.querySelector("[data-clock]");
    if ((clock === null) !== place.hidden) { window.motcuaScreen.reload(); return; }
    if (clock === null || !face.motcuaFrom) { return; }
    if (Math.abs(Date.now() - face.motcuaFrom - clock) > OFF_MS) { window.motcuaScreen.reload(); }
  }
  // A hall display has no pointer, unless somebody moves one.
  document.addEventListener("pointermove", function () {
    document.documentElement.classList.add("has-pointer");
    clearTimeout(pointer);
    pointer = setTimeout(function () { document.documentElement.classList.remove("has-pointer"); }, POINTER_MS);
  });
})();
