/* The search that Django puts in place of a long list has no name for who cannot see it: give it that of its label. */
(function () {
  "use strict";

  function name(select) {
    const label = document.querySelector('label[for="' + select.id + '"]');
    const chosen = select.parentElement.querySelector(".select2-selection__rendered");
    if (!label || !chosen || label.id) { return; }
    label.id = select.id + "_label";
    chosen.setAttribute("aria-labelledby", label.id);
    chosen.closest(".select2-selection").setAttribute("aria-labelledby", label.id + " " + chosen.id);
  }

  function nameAll() {
    document.querySelectorAll("select.admin-autocomplete").forEach(name);
  }

  // They are put in place some time after the page has loaded, and in each row that is added.
  new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  nameAll();
}());
