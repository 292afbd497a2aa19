// Papers: one list of records serves the table and the map

var papers = [], labels = {}, PAGE = 50, bounds = [0, 1, 0, 1];

function readPapers(data) {
  data.topics.forEach(function (t) { labels[t[0]] = t[1]; });
  var c = data.papers;
  if (!c) return;
  bounds = c.bounds;
  for (var i = 0; i < c.title.length; i++) {
    papers.push({
      i: i, title: c.title[i], date: c.date[i], topic: c.topic[i], similarity: c.similarity[i],
      x: c.x[i], y: c.y[i], venue: c.venue ? c.venue[i] : "", abstract: c.abstract ? c.abstract[i] : "",
      url: address(c.id[i], c.url[i] || "")
    });
  }
  papers.forEach(function (p) {
    p.label = labels[p.topic] || "";
    p.text = fold(p.title + " " + p.label + " " + p.venue);
  });
}
function address(id, url) {
  if (id.indexOf("arxiv:") === 0) return "https://arxiv.org/abs/" + id.slice(6);
  if (id.indexOf("doi:") === 0) return "https://doi.org/" + id.slice(4);
  return /^https?:\/\//i.test(url) ? url : "";
}
function matches(p, wanted) {
  for (var i = 0; i < wanted.length; i++) if (p.text.indexOf(wanted[i]) < 0) return false;
  return true;
}
function titleNode(p) {
  if (!p.url) return make("span", p.title || "(no title)");
  var a = make("a", p.title || "(no title)");
  a.href = p.url;
  a.rel = "noopener noreferrer";
  return a;
}

var showPapersOf = function () { /* no papers table */ }, toPapers = showPapersOf;
function startPapers() {
  var table = el("paper-table");
  if (!table || !papers.length) return;
  var search = el("paper-search"), choice = el("paper-topic"), body = table.tBodies[0];
  var sort = { key: "date", down: true }, page = 0, found = [], subject = null, chip = el("paper-chip");
  var collator = new Intl.Collator("en");
  fillChoice(choice);
  var compare = {
    title: function (a, b) { return collator.compare(a.title, b.title); },
    date: function (a, b) { return a.date < b.date ? -1 : a.date > b.date ? 1 : 0; },
    topic: function (a, b) { return collator.compare(a.label, b.label); },
    similarity: function (a, b) { return (a.similarity || 0) - (b.similarity || 0); }
  };
  function select() {
    var wanted = words(search.value);
    found = papers.filter(function (p) { return (!subject || subject.has(p)) && matches(p, wanted); });
    arrange();
  }
  function arrange() {
    var way = sort.down ? -1 : 1, by = compare[sort.key];
    found.sort(function (a, b) {
      if (sort.key === "date" && !a.date !== !b.date) return a.date ? -1 : 1;
      return way * by(a, b) || a.i - b.i;
    });
    page = 0;
    show();
  }
  function show() {
    var pages = Math.max(1, Math.ceil(found.length / PAGE));
    var shown = found.slice(page * PAGE, page * PAGE + PAGE);
    clear(body);
    shown.forEach(function (p) {
      var row = make("tr"), title = make("td", null, "title");
      title.appendChild(titleNode(p));
      if (p.venue) { title.appendChild(document.createTextNode(" ")); title.appendChild(make("small", p.venue)); }
      if (p.abstract) {
        var more = make("details");
        more.appendChild(make("summary", "Abstract"));
        more.appendChild(make("p", p.abstract));
        title.appendChild(more);
      }
      row.appendChild(title);
      row.appendChild(make("td", p.date, "nowrap"));
      row.appendChild(make("td", p.label));
      row.appendChild(make("td", p.similarity === null ? "" : (p.similarity / 100).toFixed(2), "n"));
      body.appendChild(row);
    });
    el("paper-status").textContent = found.length === papers.length
      ? "All " + number(papers.length) + " papers."
      : number(found.length) + " of " + number(papers.length) + " papers.";
    el("paper-page").textContent = "Page " + number(page + 1) + " of " + number(pages);
    el("paper-previous").disabled = page === 0;
    el("paper-next").disabled = page >= pages - 1;
  }
  sortButtons(table, function (key, down) { sort = { key: key, down: down }; arrange(); });
  search.addEventListener("input", later(select));
  chip.addEventListener("click", function () { follow(""); search.focus({ preventScroll: true }); });
  el("paper-previous").addEventListener("click", function () { if (page > 0) { page--; show(); } });
  el("paper-next").addEventListener("click", function () { if ((page + 1) * PAGE < found.length) { page++; show(); } });
  el("paper-csv").addEventListener("click", function () {
    saveCsv("papers.csv", ["title", "date", "topic_id", "topic", "similarity", "url"], found.map(function (p) {
      return [p.title, p.date, p.topic, p.label, p.similarity === null ? null : p.similarity / 100, p.url];
    }));
  });
  showPapersOf = function (now) {
    if (now === subject) return;
    subject = now;
    choice.value = now ? now.key : "";
    chip.hidden = !now;
    chip.textContent = now ? (now.kind === "theme" ? "Theme: " : "Topic: ") + now.label : "";
    chip.setAttribute("aria-label", now ? "Remove the filter " + chip.textContent : "");
    select();
  };
  toPapers = function () {
    search.value = "";
    select();
    el("papers").scrollIntoView();
    el("papers-h").focus({ preventScroll: true });
  };
  select();
}

// Sorting by real buttons; numbers and similarities begin with the largest, the rest with the smallest.
function sortButtons(table, sorted) {
  var heads = Array.prototype.filter.call(table.tHead.rows[0].cells, function (th) { return th.dataset.sort; });
  heads.forEach(function (th) {
    var button = make("button", th.textContent);
    button.type = "button";
    clear(th);
    th.appendChild(button);
    button.addEventListener("click", function () {
      var now = th.getAttribute("aria-sort");
      var down = now ? now === "ascending" : /^(number|date|similarity)$/.test(th.dataset.sort);
      heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      sorted(th.dataset.sort, down, th.cellIndex);
    });
  });
}

function startTopics() {
  var table = el("topic-table");
  if (!table) return;
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows), search = el("topic-search");
  var collator = new Intl.Collator("en", { numeric: true });
  var texts = rows.map(function (row) { return fold(row.textContent); });
  var places = new Map(rows.map(function (row, i) { return [row, i]; }));
  sortButtons(table, function (kind, down, column) {
    var way = down ? -1 : 1;
    rows.slice().sort(function (a, b) {
      var x = a.cells[column], y = b.cells[column], c;
      if (kind === "number") {
        // Rows without a number stay last, whichever way.
        var missing = (x.dataset.value === "") - (y.dataset.value === "");
        if (missing) return missing;
        c = Number(x.dataset.value) - Number(y.dataset.value);
      } else c = collator.compare(x.textContent.trim(), y.textContent.trim());
      return way * c || places.get(a) - places.get(b);
    }).forEach(function (row) { body.appendChild(row); });
  });
  search.addEventListener("input", later(function () {
    var wanted = words(search.value), n = 0;
    rows.forEach(function (row, i) {
      var hit = wanted.every(function (w) { return texts[i].indexOf(w) >= 0; });
      row.hidden = !hit;
      n += hit;
    });
    el("topic-status").textContent = wanted.length ? number(n) + " of " + number(rows.length) + " topics." : "";
  }));
}

// Every table with a CSV button: its cells as they were computed, not as they are written on the page.
function startSaving(tables) {
  document.querySelectorAll("[data-save]").forEach(function (button) {
    var table = tables[button.dataset.save];
    button.addEventListener("click", function () { saveCsv(table.file + ".csv", table.columns, table.rows); });
  });
  if (el("provenance-json")) el("provenance-json").addEventListener("click", function () {
    save("provenance.json", new Blob([el("provenance").textContent], { type: "application/json" }));
  });
}
