/* Suggestions in a search field; without this script the words are looked up when the form is sent. For old phones. */
(function () {
  "use strict";
  var fields = 0;
  function set(node, attributes) {
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    return node;
  }
  function add(parent, tag, attributes) {
    return set(parent.appendChild(document.createElement(tag)), attributes);
  }

  function setUp(box) {
    var inputs = box.querySelectorAll("input"), words = inputs[0], shown = inputs[1], key = inputs[2];
    var id = "search-list-" + (fields += 1), data = box.dataset, timer = null, request = null, active = -1;
    var label = document.querySelector('label[for="' + words.id + '"]');
    var name = label ? label.textContent : "";
    var list = add(box, "ul", { id: id, role: "listbox", "class": "search-list", "aria-label": name });
    var status = add(box, "div", { role: "status", "class": "visually-hidden" });
    function open(is) {
      list.hidden = !is;
      words.setAttribute("aria-expanded", String(is));
      activate(-1);
    }
    function activate(index) {
      var row = list.children[active = index], before = list.querySelector("[aria-selected]");
      if (before) { before.removeAttribute("aria-selected"); }
      if (row) { row.setAttribute("aria-selected", "true"); row.scrollIntoView({ block: "nearest" }); }
      words.setAttribute("aria-activedescendant", row ? row.id : "");
    }
    function choose(row) {
      words.value = shown.value = row.textContent;
      key.value = row.dataset.key;
      open(false);
    }
    function fill(answer) {
      list.textContent = "";
      answer.results.forEach(function (result, index) {
        add(list, "li", { role: "option", id: id + "-" + index, "data-key": result.id }).textContent = result.text;
      });
      status.className = answer.results.length ? "visually-hidden" : "form-text";
      status.textContent = answer.results.length ?
        data.found + " " + answer.results.length + (answer.more ? " · " + data.more : "") : data.none;
      open(answer.results.length > 0);
    }
    function ask() {
      var here = location.pathname + location.search + (location.search ? "&" : "?");
      var url = data.url || here + "suggest=" + encodeURIComponent(words.name.replace(/-words$/, ""));
      if (request) { request.abort(); }
      if (!words.value.trim()) { open(false); return; }
      request = new XMLHttpRequest();
      request.onload = function () { if (this.status === 200) { fill(JSON.parse(this.responseText)); } };
      request.open("GET", url + "&term=" + encodeURIComponent(words.value));
      request.send();
    }

    words.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(ask, 200); });
    words.addEventListener("blur", function () { clearTimeout(timer); open(false); });
    words.addEventListener("keydown", function (event) {
      var rows = list.children.length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (list.hidden || event.isComposing) { return; }
      if (event.key === "Escape") { open(false); }
      if (step) { activate(active < 0 && step < 0 ? rows - 1 : (active + step + rows) % rows); }
      if (event.key === "Enter" && active >= 0) { choose(list.children[active]); } else if (!step) { return; }
      event.preventDefault();
    });
    list.addEventListener("mousedown", function (event) {
      event.preventDefault(); // the input keeps the focus
      if (event.target !== list) { choose(event.target); }
    });
    set(words, { role: "combobox", "aria-autocomplete": "list", "aria-controls": id });
    open(false);
  }

  // A row that the desk adds to a form brings its fields later: each is set up when it is first entered.
  document.addEventListener("focusin", function (event) {
    var box = event.target.parentNode, text = event.target.type === "text";
    if (text && box.className === "search-field" && !box.querySelector("ul[role]")) { setUp(box); }
  });
}());
