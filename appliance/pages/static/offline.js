// Keeps the screens of the hall, so that a reload while the office is away shows the screen with its warning and
// not the browser's error. Everything else goes past it.
"use strict";
var SHELLS = "motcua-shells", FILES = "motcua-files", WAIT_MS = 5000;

function shell(path) {
  var rate = /^\/rate\/[A-Za-z0-9_-]+/.exec(path);
  if (rate) { return rate[0]; }
  var found = /^\/(kiosk|display)(?=\/|$)/.exec(path);
  return found ? found[0] : null;
}
function within(promise) {
  return Promise.race([promise, new Promise(function (_, refuse) { setTimeout(refuse, WAIT_MS, new Error("slow")); })]);
}
async function kept(name) {
  var found = await (await caches.open(SHELLS)).match(name);
  return found || Response.error();
}
async function page(request, name) {
  try {
    // Only looking is given up early: a press is answered, however long it takes.
    var asked = fetch(request);
    var response = await (request.method === "GET" ? within(asked) : asked);
    var url = new URL(request.url);
    // What one person has chosen is not kept for the next.
    var is_start = url.pathname === name && !url.searchParams.has("priority");
    if (request.method === "GET" && is_start && response.ok && !response.redirected) {
      await (await caches.open(SHELLS)).put(name, response.clone());
    }
    return response;
  } catch (error) {
    return kept(name);
  }
}
async function file(url) {
  var cache = await caches.open(FILES), found = await cache.match(url);
  if (found) { return found; }
  var response = await fetch(url);
  if (response.ok) { await renew(cache, url, response.clone()); }
  return response;
}
async function renew(cache, url, response) {
  // Of each file only the latest version stays.
  var path = new URL(url).pathname;
  (await cache.keys()).forEach(function (old) {
    if (new URL(old.url).pathname === path && old.url !== url) { cache.delete(old); }
  });
  await cache.put(url, response);
}
function is_file(url) { return url.origin === location.origin && url.pathname.indexOf("/static/") === 0 && url.searchParams.has("v"); }

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener("message", function (event) {
  var name = shell(String(event.data.page).split("?")[0]);
  event.waitUntil((async function () {
    if (name) {
      var response = await fetch(event.data.page, { headers: { accept: "text/html" } });
      if (response.ok && !response.redirected) { await (await caches.open(SHELLS)).put(name, response); }
    }
    await Promise.all((event.data.files || []).map(function (name) {
      return is_file(new URL(name)) ? file(name) : null;
    }));
  })().catch(function () { /* the next page tries again */ }));
});
self.addEventListener("fetch", function (event) {
  var url = new URL(event.request.url), name = shell(url.pathname);
  if (url.origin !== location.origin) { return; }
  if (event.request.mode === "navigate" && name) {
    event.respondWith(page(event.request, name));
  } else if (event.request.method === "GET" && is_file(url)) {
    event.respondWith(file(event.request.url));
  }
});
