/* The settings: comfort only. Every button works as a plain form, too. */
(function () {
  "use strict";
  var form = document.querySelector("main form[action^='/settings/']");
  var touched = false;
  if (!form) { return; }

  /* After a row was added or moved the page is loaded anew: go on where the person was. */
  var PLACE = "motcua-settings-y";
  try {
    var kept = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    if (kept !== null && !document.querySelector(".banner-bad")) { window.scrollTo(0, parseInt(kept, 10) || 0); }
  } catch (error) { /* no storage, no comfort */ }

  form.addEventListener("submit", function (event) {
    touched = false;
    var value = event.submitter ? event.submitter.value : "";
    if (/^(more$|(add|remove|up|down):)/.test(value)) {
      try { sessionStorage.setItem(PLACE, String(window.scrollY)); } catch (error) { /* as above */ }
    }
  });
  form.addEventListener("input", function () { touched = true; });
  window.addEventListener("beforeunload", function (event) {
    if (touched) { event.preventDefault(); event.returnValue = ""; }
  });

  var first = document.querySelector("[aria-invalid='true']");
  if (first) { first.focus(); }
})();
