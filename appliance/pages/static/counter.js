// The officer's page: presses become requests that are repeated with their id until the office answers; single
// keys are shortcuts; the choice of counters is remembered on this device.
(function () {
  "use strict";
  var CHOICE = "motcua-counters", KEYS_OFF = "motcua-keys-off";
  var SHOW_MS = 400, ANSWER_MS = 10000, GIVE_UP_MS = 90000, AGAIN_MS = 700, TOLD_MS = 9000;

  function kept(name, value) {
    try {
      if (value === undefined) { return localStorage.getItem(name); }
      localStorage.setItem(name, value);
    } catch (error) { /* private windows keep nothing */ }
    return null;
  }
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }

  var choose = document.querySelector("[data-choose]");
  if (choose) {
    var known = choose.dataset.choose.split(" ");
    var before = (kept(CHOICE) || "").split(",").filter(function (id) { return known.indexOf(id) >= 0; });
    if (before.length && location.search.indexOf("choose") < 0) {
      location.replace("/counters?" + before.map(function (id) { return "c=" + encodeURIComponent(id); }).join("&"));
    }
    return;
  }
  var page = document.querySelector("[data-counters]");
  if (!page) { return; }

  var words = document.getElementById("words").dataset;
  var told = document.getElementById("told"), pending = document.getElementById("pending");
  var heard = document.getElementById("heard");
  var consoles = all(".console"), active = consoles[0], facts = {}, settings = null;
  var busy = {}, lastAt = {}, about = null, title = document.title;
  kept(CHOICE, consoles.map(function (one) { return one.dataset.counter; }).join(","));

  function say(text, values) {
    return Object.keys(values || {}).reduce(function (all, name) { return all.replace("{" + name + "}", values[name]); }, text);
  }

  // --- what is told

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }
  function tell(kind, text, action) {
    told.textContent = "";
    var box = element("div", "banner banner-" + kind);
    box.appendChild(element("p", "banner-title", text));
    if (action) {
      var link = element(action.href ? "a" : "button", "btn btn-plain", action.text);
      if (action.href) { link.href = action.href; } else { link.type = "button"; link.addEventListener("click", action.does); }
      box.appendChild(link);
    }
    var close = element("button", "btn btn-quiet btn-icon", "×");
    close.type = "button";
    close.setAttribute("aria-label", words.dismiss);
    close.addEventListener("click", function () { told.textContent = ""; });
    box.appendChild(close);
    told.appendChild(box);
    clearTimeout(tell.timer);
    if (!action) { tell.timer = setTimeout(function () { told.textContent = ""; }, TOLD_MS); }
  }

  // --- presses

  function requestId() {
    var bytes = crypto.getRandomValues(new Uint8Array(12));
    return "c-" + Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }
  // lane: the counter, or whatever else only one press at a time is for.
  function press(lane, path, body, what, verb) {
    if (busy[lane]) { tell("info", words.busy); return; }
    var now = Date.now(), same = lane + " " + path;
    // A finger that trembles is one press: a second "next" would send away whom the first has called.
    if (lastAt[same] && now - lastAt[same] < AGAIN_MS) { return; }
    lastAt[same] = now;
    body.request = requestId();
    busy[lane] = { lane: lane, path: path, body: body, what: what, verb: verb, since: now, tries: 0 };
    mark(lane, true);
    send(busy[lane]);
  }
  function send(job) {
    job.tries += 1;
    clearTimeout(job.shown);
    job.shown = setTimeout(showPending, SHOW_MS);
    var cut = window.AbortController ? new AbortController() : null;
    var timer = setTimeout(function () { if (cut) { cut.abort(); } }, ANSWER_MS);
    fetch(job.path, {
      method: "POST", credentials: "same-origin", signal: cut ? cut.signal : undefined,
      headers: { "content-type": "application/json", "accept": "application/json", "x-csrf-token": csrf() },
      body: JSON.stringify(job.body)
    }).then(function (response) {
      clearTimeout(timer);
      if (response.status === 429 || response.status >= 502) { throw new Error("again"); }
      return response.json().then(
        function (answer) { settle(job, response, answer); },
        function () { settle(job, response, {}); }
      );
    }).catch(function () {
      clearTimeout(timer);
      later(job);
    });
  }
  function later(job) {
    if (busy[job.lane] !== job) { return; }
    if (Date.now() - job.since > GIVE_UP_MS) { job.isStuck = true; showPending(); return; }
    job.timer = setTimeout(send, Math.min(5000, 300 * Math.pow(2, job.tries)), job);
    if (job.tries > 1) { showPending(); }
  }
  function settle(job, response, answer) {
    if (busy[job.lane] !== job) { return; }
    end(job);
    if (response.ok) { done(job, answer); } else { refused(response.status, answer, job); }
  }
  function end(job) {
    clearTimeout(job.shown);
    clearTimeout(job.timer);
    delete busy[job.lane];
    mark(job.lane, false);
    showPending();
  }
  function done(job, answer) {
    if (answer.outcome === "nobody_waiting") { tell("info", words.closedNone); return; }
    told.textContent = "";
  }
  function refused(status, problem, job) {
    var key = problem.title || "", vi = document.documentElement.lang === "vi";
    if (status === 401 || key === "access.forbidden") {
      tell("bad", words.signedOut, { text: words.signIn, href: "/sign-in?next=" + encodeURIComponent(location.pathname + location.search) });
    } else if (key === "access.forged") {
      tell("bad", words.reload, { text: words.load, does: function () { location.reload(); } });
    } else if (key === "hall.nobody_waiting") { tell("info", words.nobody); }
    else if (key === "ticket.wrong_state" && (job.verb === "call" || job.verb === "resume")) { tell("warn", words.taken); }
    else { tell("bad", (vi ? problem.detail_vi : problem.detail) || words.failed); }
  }
  function csrf() {
    var meta = document.querySelector('meta[name="csrf"]');
    return meta ? meta.content : "";
  }
  function mark(lane, is) {
    consoles.forEach(function (one) {
      if (one.dataset.counter === lane) { one.setAttribute("aria-busy", String(is)); }
    });
  }
  function showPending() {
    pending.textContent = "";
    Object.keys(busy).forEach(function (lane) {
      var job = busy[lane];
      if (Date.now() - job.since < SHOW_MS) { return; }
      var line = element("div", "banner banner-" + (job.isStuck ? "bad" : "warn"));
      line.appendChild(element("p", "banner-title", say(job.isStuck ? words.unsent : words.sending, { what: job.what })));
      if (job.isStuck) { line.appendChild(action(words.again, function () { job.isStuck = false; job.since = Date.now(); job.tries = 0; send(job); })); }
      line.appendChild(action(words.drop, function () { end(job); }));
      pending.appendChild(line);
    });
  }
  function action(text, does) {
    var button = element("button", "btn btn-plain", text);
    button.type = "button";
    button.addEventListener("click", does);
    return button;
  }

  // --- verbs

  function textOf(button) {
    var span = button.querySelector("span");
    return (button.getAttribute("aria-label") || (span && span.firstChild && span.firstChild.textContent) || button.textContent).trim().replace(/…$/, "");
  }
  function atCounter(one, verb, body, what) {
    var id = one.dataset.counter;
    press(id, "/api/v1/counters/" + encodeURIComponent(id) + "/" + verb, body, one.dataset.name + " – " + what, verb);
  }
  function act(one, button) {
    var verb = button.dataset.act, ticket = button.dataset.ticket, what = textOf(button), fact = facts[one.dataset.counter] || {};
    if (button.getAttribute("aria-disabled") === "true") { tell("info", say(words.cannot, { what: what })); return; }
    if (verb === "return") { press(one.dataset.counter, "/api/v1/tickets/return", { ticket: ticket }, what, verb); return; }
    var body = {};
    if (verb === "call" || verb === "resume") { body.ticket = ticket; }
    if (verb === "complete" && fact.stage) { body.stage = fact.stage; }
    atCounter(one, verb, body, what);
  }
  function opens(one, button) {
    var name = button.dataset.opens, dialog = document.getElementById(name), fact = one && facts[one.dataset.counter] || {};
    if (button.getAttribute("aria-disabled") === "true") { tell("info", say(words.cannot, { what: textOf(button) })); return; }
    if (!dialog || !dialog.showModal) { return; }
    about = { console: one, ticket: button.dataset.ticket || fact.ticket, label: button.dataset.label || fact.label };
    all("[data-about]", dialog).forEach(function (text) { text.textContent = about.label || ""; });
    if (name === "transfer") { narrow(fact); }
    dialog.showModal();
    var first = dialog.querySelector(".choices button:not([hidden]), [data-does], [type=submit]");
    if (first && name !== "cancel") { first.focus(); }
  }
  // Nobody is sent to where he is.
  function narrow(fact) {
    if (!about) { return; }
    var here = about.console ? about.console.dataset.counter : "", left = 0;
    all("[data-to-service]").forEach(function (button) { button.hidden = button.dataset.toService === fact.service; });
    all("[data-to-counter]").forEach(function (button) {
      button.hidden = button.dataset.toCounter === here;
      if (!button.hidden) { left += 1; }
    });
    all(".none-open").forEach(function (text) { text.hidden = left > 0; });
  }
  function chosen(dialog, button) {
    var one = about && about.console, set = button.dataset, what = textOf(button), title = dialog.querySelector("h2").textContent;
    dialog.close();
    if (!one) { return; }
    if (set.reason) { atCounter(one, "pause", { reason: set.reason }, what); }
    if (set.does) { atCounter(one, set.does, {}, what); }
    if (set.toService) { atCounter(one, "transfer", { to_service: set.toService }, title + " " + what); }
    if (set.toCounter) { atCounter(one, "transfer", { to_counter: set.toCounter }, title + " " + what); }
    if (set.stage !== undefined) { atCounter(one, "complete", set.stage ? { stage: set.stage } : {}, what); }
    if (set.cancels) { press(one.dataset.counter, "/api/v1/tickets/" + set.cancels, { ticket: about.ticket }, (about.label || "") + " – " + what, set.cancels); }
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("button, a[data-close]") : null;
    var one = event.target.closest && event.target.closest(".console");
    if (one) { activate(one); }
    if (!button) { return; }
    var dialog = button.closest("dialog");
    if (button.dataset.close !== undefined && dialog) { event.preventDefault(); dialog.close(); return; }
    if (button.dataset.day) { press("day", "/api/v1/day/" + button.dataset.day, {}, textOf(button), button.dataset.day); return; }
    if (button.dataset.opens) { opens(one || active, button); return; }
    if (dialog && button.type === "button") { chosen(dialog, button); return; }
    if (one && button.dataset.act) { act(one, button); }
  });
  document.addEventListener("submit", function (event) {
    var form = event.target, id = form.dataset.services;
    if (!id) { return; }
    event.preventDefault();
    var boxes = all("[name=service]", form), ticked = boxes.filter(function (box) { return box.checked; });
    if (!ticked.length) { tell("warn", words.oneService); return; }
    form.closest("dialog").close();
    var services = ticked.length === boxes.length ? [] : ticked.map(function (box) { return box.value; });
    var one = consoles.filter(function (each) { return each.dataset.counter === id; })[0];
    atCounter(one, "open", { services: services }, textOf(form.querySelector("[type=submit]")));
  });

  // --- keys

  var keysOn = document.getElementById("keys-on");
  keysOn.checked = kept(KEYS_OFF) !== "1";
  function showKeys() { document.body.classList.toggle("keys-off", !keysOn.checked); }
  keysOn.addEventListener("change", function () { kept(KEYS_OFF, keysOn.checked ? "0" : "1"); showKeys(); });
  showKeys();

  function activate(one) {
    active = one;
    consoles.forEach(function (each) { each.classList.toggle("is-active", each === one && consoles.length > 1); });
  }
  function letter(event) {
    // By the place of the key: an input method for Vietnamese may have changed what it says.
    var code = /^Key([A-Z])$/.exec(event.code || "");
    return code ? code[1] : event.key.length === 1 ? event.key.toUpperCase() : "";
  }
  document.addEventListener("keydown", function (event) {
    var target = event.target, open = document.querySelector("dialog[open]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented || !keysOn.checked) { return; }
    if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) { return; }
    if (open) {
      var choice = open.querySelector('[data-key="' + event.key.replace(/\D/g, "_") + '"]');
      if (choice) { event.preventDefault(); choice.click(); }
      return;
    }
    if (event.key === "?") { event.preventDefault(); document.getElementById("show-help").click(); return; }
    if (event.shiftKey) { return; }
    var step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], digit = Number(event.key);
    if (consoles.length > 1 && (step || (digit >= 1 && digit <= consoles.length))) {
      var at = step ? (consoles.indexOf(active) + step + consoles.length) % consoles.length : digit - 1;
      event.preventDefault();
      activate(consoles[at]);
      active.scrollIntoView({ block: "nearest" });
      document.getElementById("act-" + active.dataset.counter + "-call-next").focus({ preventScroll: true });
      return;
    }
    var isSpace = event.key === " " && !/^(BUTTON|A|SUMMARY)$/.test(target.tagName);
    var key = isSpace ? "N" : letter(event);
    var button = key && active.querySelector('[data-key="' + key + '"]');
    if (button) { event.preventDefault(); button.click(); }
  });
  document.addEventListener("focusin", function (event) {
    var one = event.target.closest && event.target.closest(".console");
    if (one) { activate(one); }
  });
  activate(active);

  // --- what happens elsewhere

  document.addEventListener("motcua:live", function (event) {
    var now = event.detail.facts;
    if (settings !== null && settings !== now.settings) { location.reload(); return; }
    settings = now.settings;
    Object.keys(now.counters).forEach(function (id) { follow(id, facts[id], now.counters[id]); });
    facts = now.counters;
    if (document.getElementById("transfer").open && about && about.console) { narrow(facts[about.console.dataset.counter] || {}); }
    var shown = facts[active.dataset.counter];
    document.title = (shown && shown.label ? shown.label + " · " : "") + (shown && shown.total ? "(" + shown.total + ") " : "") + title;
  });
  function follow(id, before, now) {
    var one = consoles.filter(function (each) { return each.dataset.counter === id; })[0];
    if (!before || !one) { return; }
    if (now.ticket && now.ticket !== before.ticket) {
      heard.textContent = say(words.called, { counter: one.dataset.name, label: now.label });
      flash(document.getElementById("r-now-" + id));
    } else if (!now.ticket && now.state === "open" && now.total && !before.total) {
      heard.textContent = say(words.waits, { counter: one.dataset.name });
      flash(document.getElementById("act-" + id + "-call-next"));
    }
  }
  function flash(target) {
    if (!target) { return; }
    target.classList.remove("flash");
    void target.offsetWidth;
    target.classList.add("flash");
  }
})();
