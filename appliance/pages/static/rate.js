// After a press the words have the focus and not the key: neither ring nor shade tells which one it was.
(function () {
  "use strict";
  document.addEventListener("motcua:shown", function () {
    var told = document.getElementById("told");
    if (told) { told.focus({ preventScroll: true }); }
  });
})();
