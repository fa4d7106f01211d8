// What kiosk, rating screen and hall display have in common. A screen runs for months and nobody reloads it: it
// does that itself after an update, keeps itself awake, keeps a copy for when the office is away, sends a press
// again until it is answered, and returns to its beginning when somebody has left.
(function () {
  "use strict";
  var AGAIN_MS = 1500, TRIES = 8, RELOAD_MS = 60000;
  var screen = document.getElementById("screen");
  if (!screen) { return; }
  var home = screen.dataset.home, idleS = Number(screen.dataset.idleS), touched = Date.now();
  var SCREEN = "/screen", is_own = owns();
  var sending = null, next = null, countdown = 0, leaving = false;

  function newId() {
    var bytes = new Uint8Array(12);
    crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }
  // The box's own HDMI screen came by an address that knows what the settings want it to show.
  function owns() {
    var is_marked = location.hash === "#screen";
    try {
      if (is_marked) { sessionStorage.setItem("motcua.screen", "1"); }
      return is_marked || sessionStorage.getItem("motcua.screen") === "1";
    } catch (e) { return is_marked; }
  }
  // A page that is left while the office is away would become the browser's own error.
  function leave(url) {
    if (leaving) { return; }
    leaving = true;
    // No copy is kept of the address that only leads on.
    if (url !== SCREEN && navigator.serviceWorker && navigator.serviceWorker.controller) { location.replace(url); return; }
    fetch(url, { credentials: "same-origin", headers: { accept: "text/html" } }).then(
      function () { location.replace(url); },
      function () { setTimeout(function () { leaving = false; leave(url); }, 3000); }
    );
  }
  function reload() {
    var last = 0;
    try { last = Number(sessionStorage.getItem("motcua.reloaded")); sessionStorage.setItem("motcua.reloaded", String(Date.now())); } catch (e) { /* no storage */ }
    if (Date.now() - last > RELOAD_MS || last > Date.now()) { leave(is_own ? SCREEN : location.href); }
  }

  // --- presses
  function forms() { return document.querySelectorAll("form[data-send]"); }
  function fresh() {
    // The page may be a copy kept from another day: its id has been used up.
    forms().forEach(function (form) {
      if (form.elements.request && !form.closest(".refused")) { form.elements.request.value = newId(); }
    });
  }
  function unsent(is) { document.getElementById("unsent").hidden = !is; }
  function send(form, button) {
    var key = form.action + " " + button.name + "=" + button.value;
    if (sending) {
      if (form.dataset.send === "stay" && key !== sending) { next = [form.action, button.name, button.value]; }
      return;
    }
    if (form.motcuaKey && form.motcuaKey !== key) { form.elements.request.value = newId(); }
    form.motcuaKey = key;
    sending = key;
    unsent(false);
    form.classList.add("is-sending");
    button.classList.add("is-sent");
    var body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    attempt(form, body, 1);
  }
  function attempt(form, body, tries) {
    fetch(form.action, { method: "POST", body: body, credentials: "same-origin", headers: { accept: "text/html" } }).then(
      function (response) {
        var is_elsewhere = response.redirected && (form.dataset.send === "go" || new URL(response.url).pathname.indexOf(home.split("?")[0]) !== 0);
        if (is_elsewhere) { location.replace(response.url); return; }
        return response.text().then(function (text) { done(form); show(text); });
      }
    ).catch(function () {
      if (tries < TRIES) { setTimeout(attempt, AGAIN_MS, form, body, tries + 1); return; }
      done(form);
      unsent(true);
    });
  }
  function done(form) {
    sending = null;
    form.classList.remove("is-sending");
    form.querySelectorAll(".is-sent").forEach(function (button) { button.classList.remove("is-sent"); });
  }
  function show(text) {
    var main = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (!main) { leave(home); return; }
    var old = document.getElementById("main");
    main = document.importNode(main, true);
    // What follows the office stays: live.js has hold of it.
    var again = main.querySelector("#screen");
    if (again) { again.replaceWith(screen); }
    old.replaceWith(main);
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    arm();
    document.dispatchEvent(new CustomEvent("motcua:shown"));
    if (next) {
      var wanted = next, found = null;
      next = null;
      forms().forEach(function (form) {
        if (form.action === wanted[0]) { found = form.querySelector('button[name="' + wanted[1] + '"][value="' + wanted[2] + '"]'); }
      });
      if (found) { send(found.form, found); }
    }
  }
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter || document.activeElement;
    if (!form.dataset.send || !window.fetch || !button || !button.name) { return; }
    event.preventDefault();
    send(form, button);
  });

  // --- returning
  function arm() {
    clearInterval(countdown);
    var box = document.querySelector("[data-return-s]");
    if (!box) { return; }
    var until = Date.now() + Number(box.dataset.returnS) * 1000, left = box.querySelector("[data-left]");
    var more = box.querySelector("[data-more]");
    more.hidden = false;
    box.querySelector(".returning-text").hidden = false;
    more.onclick = function () { until = Math.max(until, Date.now()) + 60000; tick(); };
    function tick() {
      var seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      left.textContent = String(seconds);
      if (!seconds && !sending) { clearInterval(countdown); leave(box.dataset.returnTo); }
    }
    countdown = setInterval(tick, 500);
    tick();
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href^='/']");
    if (link && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); leave(link.href); }
  });
  ["pointerdown", "keydown", "wheel", "touchstart"].forEach(function (kind) {
    document.addEventListener(kind, function () { touched = Date.now(); }, { passive: true });
  });
  setInterval(function () {
    if (!idleS || document.querySelector("[data-return-s]") || sending) { return; }
    if (Date.now() - touched > idleS * 1000) {
      touched = Date.now();
      if (!is_home()) { leave(home); }
    }
  }, 1000);
  function is_home() {
    var url = new URL(home, location.href), root = document.documentElement;
    var lang = url.searchParams.get("lang"), theme = url.searchParams.get("theme");
    return location.pathname === url.pathname && !new URLSearchParams(location.search).get("priority")
      && (!lang || root.lang === lang) && (!theme || root.dataset.theme === theme);
  }

  // --- staying
  document.addEventListener("motcua:live", function (event) {
    var shell = event.detail.facts.shell;
    if (shell && shell !== screen.dataset.shell && !sending && !document.querySelector("[data-return-s]")) { reload(); }
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { location.reload(); } });
  if (navigator.serviceWorker && window.isSecureContext) {
    navigator.serviceWorker.register("/offline.js").then(function () { return navigator.serviceWorker.ready; }).then(function (registration) {
      var files = performance.getEntriesByType("resource").map(function (entry) { return entry.name; });
      var is_beside = new URLSearchParams(location.search).get("buttons") === "1";
      registration.active.postMessage({ page: home.split("?")[0] + (is_beside ? "?buttons=1" : ""), files: files });
    }).catch(function () { /* a certificate that nobody vouches for: no copy is kept */ });
  }
  function wake() {
    if (navigator.wakeLock && !document.hidden) { navigator.wakeLock.request("screen").catch(function () { /* not allowed */ }); }
  }
  document.addEventListener("visibilitychange", wake);
  wake();
  window.motcuaScreen = { leave: leave, reload: reload };
  fresh();
  arm();
})();
