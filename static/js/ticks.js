/* A box that ticks all boxes of one name; without this script the server does so when the form is sent. */
(function () {
  "use strict";
  function setUp(all) {
    var boxes = all.form.querySelectorAll('input[name="' + all.getAttribute("data-ticks") + '"][type="checkbox"]');
    all.addEventListener("change", function () {
      for (var i = 0; i < boxes.length; i += 1) { boxes[i].checked = all.checked; }
    });
    for (var i = 0; i < boxes.length; i += 1) {
      boxes[i].addEventListener("change", function () { if (!this.checked) { all.checked = false; } });
    }
  }
  document.addEventListener("DOMContentLoaded", function () {
    var found = document.querySelectorAll("[data-ticks]");
    for (var i = 0; i < found.length; i += 1) { setUp(found[i]); }
  });
}());
