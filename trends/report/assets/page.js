/* Draws the charts and makes the tables searchable. The page reads without it. Text from the data goes
   through textContent only. */
(function () {
"use strict";
var root = document.documentElement;
var able = typeof DecompressionStream === "function" && typeof IntersectionObserver === "function";
if (able) root.classList.add("js");

// Theme: auto, light or dark, kept where the browser allows it.
var THEMES = ["auto", "light", "dark"];
var theme = "auto";
try { theme = localStorage.getItem("trends-theme") || "auto"; } catch (e) { /* storage is off */ }
if (THEMES.indexOf(theme) < 0) theme = "auto";
var systemDark = matchMedia("(prefers-color-scheme: dark)");
var narrow = matchMedia("(max-width: 699px)");
function applyTheme() {
  if (theme === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", theme);
}
function dark() { return !printing && (theme === "dark" || (theme === "auto" && systemDark.matches)); }
var printing = false;
applyTheme();

function el(id) { return document.getElementById(id); }
function make(tag, text, cls) {
  var node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = text;
  if (cls) node.className = cls;
  return node;
}
function clear(node) { while (node.firstChild) node.removeChild(node.firstChild); }
function fold(text) { return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); }
function words(text) { return fold(text).split(/\s+/).filter(Boolean); }
function later(f) {
  var timer = 0;
  return function () { clearTimeout(timer); timer = setTimeout(f, 120); };
}
function number(n) { return n.toLocaleString("en-US"); }

function unpack(id) {
  var raw = atob(el(id).textContent.trim());
  var bytes = new Uint8Array(raw.length);
  for (var i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function save(name, blob) {
  var a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  document.body.appendChild(a);
  a.click();
  a.remove();
  setTimeout(function () { URL.revokeObjectURL(a.href); }, 10000);
}
// A spreadsheet runs a text cell that begins with one of these; a quote mark before it keeps it text.
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  if (/^[=+\-@\t\r]/.test(value)) value = "'" + value;
  return /[",\n\r]/.test(value) ? '"' + value.replace(/"/g, '""') + '"' : value;
}
function saveCsv(name, columns, rows) {
  var lines = [columns].concat(rows).map(function (row) { return row.map(cell).join(","); });
  save(name, new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
}

// Charts

var figures = {}, order = [], swap = {};
var CONFIG = {
  displayModeBar: false, displaylogo: false, showSendToCloud: false, plotlyServerURL: "", responsive: true,
  doubleClick: "reset", scrollZoom: false, showTips: false
};
var PAPER_WIDTH = 680;  // px that fit on A4 and on letter paper
var isColour = /colou?r$/i;

// Light colours become dark ones where the whole value is a colour of the theme, under colour keys only.
function dressed(value, key) {
  if (typeof value === "string") return isColour.test(key) && swap[value] || value;
  if (Array.isArray(value)) return value.map(function (v) { return typeof v === "string" || (v && typeof v === "object") ? dressed(v, key) : v; });
  if (value && typeof value === "object") {
    var out = {};
    for (var name in value) out[name] = dressed(value[name], name);
    return out;
  }
  return value;
}
function prepared(f, picture) {
  var data = f.data.concat(f.hits ? [f.hits] : []);
  var layout = f.layout;
  if (dark()) { data = dressed(data, ""); layout = dressed(layout, ""); }
  layout = Object.assign({}, layout);
  if (layout.dragmode === undefined) layout.dragmode = f.map ? "pan" : false;
  layout.autosize = !printing;
  if (printing) layout.width = PAPER_WIDTH;
  layout.margin = Object.assign({ l: 16, r: 24, b: 16, t: 16 }, layout.margin);
  if (picture) {
    layout.title = dark() ? dressed(f.heading, "") : f.heading;
    layout.margin.t = Math.max(layout.margin.t, 64);
  } else {
    // The page writes the title itself; what is left above the plot is room for a legend.
    layout.margin.t = Math.min(layout.margin.t, layout.showlegend ? 48 : 24);
    if (narrow.matches) layout = narrowed(f, layout);
    if (f.ranges) {
      layout.xaxis = Object.assign({}, layout.xaxis, { range: f.ranges[0].slice(), autorange: false });
      layout.yaxis = Object.assign({}, layout.yaxis, { range: f.ranges[1].slice(), autorange: false });
    }
  }
  return { data: data, layout: layout };
}
// Below 700 px names at lines and points become a list under the chart; their margin goes to the plot.
function narrowed(f, layout) {
  if (!f.key.length) return layout;
  layout.annotations = layout.annotations.filter(function (a) { return !named(f, a); });
  layout.shapes = (layout.shapes || []).filter(function (s) { return s.type !== "line"; });
  layout.margin = Object.assign({}, layout.margin, { l: 8, r: 8 });
  layout.xaxis = fewer(layout.xaxis);
  if (f.map) {
    layout.height = size(f);
    layout.xaxis = Object.assign({}, layout.xaxis, { title: { text: "" } });
  }
  return layout;
}
// At most four names of periods, evenly spaced.
function fewer(axis) {
  if (!axis || !axis.tickvals) return axis;
  var step = Math.ceil(axis.tickvals.length / 4);
  function kept(v, i) { return i % step === 0; }
  return Object.assign({}, axis, { tickvals: axis.tickvals.filter(kept), ticktext: (axis.ticktext || axis.tickvals).filter(kept) });
}
function named(f, a) { return f.map || a.name === "direct-label"; }
function size(f) {
  return f.map && narrow.matches ? Math.min(f.layout.height, f.node.parentNode.clientWidth + 72) : f.layout.height;
}
// Charts that cannot shrink so far scroll within a frame of their own.
function fit(f) {
  var wide = narrow.matches && !f.key.length;
  var frame = f.node.parentNode;
  f.node.style.minWidth = !wide ? "" : "xaxis2" in f.layout ? "800px" : "600px";
  if (f.layout.height) f.node.style.height = size(f) + "px";
  if (wide) { frame.tabIndex = 0; frame.setAttribute("role", "region"); frame.setAttribute("aria-label", f.title + ", chart"); }
  else ["tabindex", "role", "aria-label"].forEach(function (name) { frame.removeAttribute(name); });
}
function draw(f) {
  fit(f);
  var p = prepared(f);
  f.drawn = true;
  var done = Plotly.react(f.node, p.data, p.layout, CONFIG);
  f.node.querySelectorAll("svg").forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); });
  if (f.map && !f.watched) watchMap(f);
  showKey(f);
  return done;
}
function redraw() { order.forEach(function (f) { if (f.drawn) draw(f); }); }

function showKey(f) {
  var list = el(f.id + "-key");
  var on = narrow.matches && f.key.length > 0;
  list.hidden = !on;
  clear(list);
  if (!on) return;
  f.key.forEach(function (k) {
    var li = make("li"), ns = "http://www.w3.org/2000/svg", colour = dark() && swap[k.colour] || k.colour;
    var svg = document.createElementNS(ns, "svg"), line = document.createElementNS(ns, f.map ? "circle" : "line");
    var shape = f.map ? { cx: 6, cy: 6, r: 5, fill: colour } : { x1: 0, x2: 28, y1: 6, y2: 6, stroke: colour };
    if (/^[\d.px,\s]+$/.test(k.dash || "")) shape["stroke-dasharray"] = k.dash.replace(/px/g, "");
    for (var name in shape) line.setAttribute(name, shape[name]);
    svg.setAttribute("width", f.map ? 12 : 28); svg.setAttribute("height", 12); svg.setAttribute("aria-hidden", "true");
    svg.appendChild(line);
    li.appendChild(svg);
    li.appendChild(make("span", k.name));
    list.appendChild(li);
  });
}

function plainText(text) {
  return text.replace(/<br>/g, " ").replace(/<\/?[bi]>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
// The names that stand at lines or points of a chart, with the look of what they name.
function keyOf(f) {
  var looks = {}, range = (f.layout.yaxis || {}).range || [0, 1], way = range[0] > range[1] ? -1 : 1;
  f.data.forEach(function (t) {
    var name = plainText(t.name || ""), line = t.line || {};
    if (looks[name] || t.opacity < 0.6) return;
    if (f.map && t.marker && t.showlegend === false) looks[name] = { colour: t.marker.color };
    if (!f.map && line.width > 1) looks[name] = { colour: line.color, dash: line.dash };
  });
  return (f.layout.annotations || []).filter(function (a) { return named(f, a) && looks[plainText(a.text)]; })
    .sort(function (a, b) { return way * (b.y - a.y); })
    .map(function (a) { var name = plainText(a.text); return Object.assign({ name: name }, looks[name]); });
}

function startCharts(data) {
  swap = data.swap;
  data.figures.forEach(function (f) {
    f.node = el(f.id);
    f.key = keyOf(f);
    figures[f.id] = f;
    order.push(f);
  });
  if (!order.length) return;
  unpack("library").then(function (source) {
    var script = document.createElement("script");
    script.textContent = source;
    document.head.appendChild(script);
    el("library").remove();
    var near = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        near.unobserve(entry.target);
        var f = figures[entry.target.id];
        if (!f.drawn) draw(f);
      });
    }, { rootMargin: "600px" });
    order.forEach(function (f) { near.observe(f.node); });
    addEventListener("beforeprint", function () { printing = true; order.forEach(draw); openTables(true); });
    addEventListener("afterprint", function () { printing = false; openTables(false); redraw(); });
    systemDark.addEventListener("change", redraw);
    narrow.addEventListener("change", redraw);
    root.setAttribute("data-ready", "charts");
  });
  document.querySelectorAll("[data-get]").forEach(function (button) {
    button.addEventListener("click", function () {
      var f = figures[button.dataset.chart], kind = button.dataset.get;
      if (kind === "csv") { saveCsv(f.file + ".csv", f.map ? ["title", "topic", "x", "y"] : f.columns, f.map ? mapRows() : f.rows); return; }
      if (typeof Plotly === "undefined") return;
      var p = prepared(f, true);
      Plotly.downloadImage({ data: p.data, layout: p.layout, config: CONFIG },
        { format: kind, filename: f.file, width: 1280, height: Math.max(720, f.layout.height || 0), scale: kind === "png" ? 2 : 1 });
    });
  });
}
// On paper, data tables of up to 40 rows are opened, and closed again after it.
function openTables(open) {
  document.querySelectorAll("main details").forEach(function (d) {
    if (open && !d.open && d.querySelectorAll("tr").length <= 41) { d.open = true; d.dataset.printed = "1"; }
    if (!open && d.dataset.printed) { d.open = false; delete d.dataset.printed; }
  });
}

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

function startPapers() {
  var table = el("paper-table");
  if (!table || !papers.length) return;
  var search = el("paper-search"), choice = el("paper-topic"), body = table.tBodies[0];
  var sort = { key: "date", down: true }, page = 0, found = [];
  var collator = new Intl.Collator("en");
  var sizes = {};
  papers.forEach(function (p) { sizes[p.topic] = (sizes[p.topic] || 0) + 1; });
  Object.keys(sizes).map(Number).sort(function (a, b) {
    return (a < 0) - (b < 0) || sizes[b] - sizes[a] || a - b;
  }).forEach(function (t) {
    var option = make("option", (labels[t] || "topic " + t) + " (" + number(sizes[t]) + ")");
    option.value = t;
    choice.appendChild(option);
  });
  var compare = {
    title: function (a, b) { return collator.compare(a.title, b.title); },
    date: function (a, b) { return a.date < b.date ? -1 : a.date > b.date ? 1 : 0; },
    topic: function (a, b) { return collator.compare(a.label, b.label); },
    similarity: function (a, b) { return (a.similarity || 0) - (b.similarity || 0); }
  };
  function select() {
    var wanted = words(search.value), topic = choice.value;
    found = papers.filter(function (p) { return (topic === "" || p.topic === Number(topic)) && matches(p, wanted); });
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
  choice.addEventListener("change", select);
  el("paper-previous").addEventListener("click", function () { if (page > 0) { page--; show(); } });
  el("paper-next").addEventListener("click", function () { if ((page + 1) * PAGE < found.length) { page++; show(); } });
  el("paper-csv").addEventListener("click", function () {
    saveCsv("papers.csv", ["title", "date", "topic", "similarity", "url"], found.map(function (p) {
      return [p.title, p.date, p.label, p.similarity === null ? null : p.similarity / 100, p.url];
    }));
  });
  document.querySelectorAll("[data-topic]").forEach(function (a) {
    a.addEventListener("click", function () { choice.value = a.dataset.topic; search.value = ""; select(); });
  });
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
  el("topic-csv").addEventListener("click", function () {
    var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (th) { return th.textContent; });
    var keep = heads.map(function (h, i) { return i; }).filter(function (i) { return heads[i] !== "over time"; });
    saveCsv("topics.csv", keep.map(function (i) { return heads[i]; }), Array.prototype.map.call(body.rows, function (row) {
      return keep.map(function (i) {
        var td = row.cells[i], value = td.dataset.value;
        return value !== undefined && value !== "" && heads[i] === "papers" ? Number(value) : td.textContent.trim().replace(/^[▲■▼·]\s*/, "");
      });
    }));
  });
}

// Map: search, zoom by buttons, and the paper under the pointer in a line of text

function place(p) {
  return [bounds[0] + p.x / 999 * (bounds[1] - bounds[0] || 1), bounds[2] + p.y / 999 * (bounds[3] - bounds[2] || 1)];
}
function mapRows() {
  return papers.filter(function (p) { return p.x !== null; }).map(function (p) {
    return [p.title, p.label].concat(place(p).map(function (v) { return Number(v.toPrecision(4)); }));
  });
}
function watchMap(f) {
  f.watched = true;
  var line = el("map-paper"), located = papers.filter(function (p) { return p.x !== null && p.y !== null; });
  var home = [f.node._fullLayout.xaxis.range.slice(), f.node._fullLayout.yaxis.range.slice()];
  f.node.on("plotly_hover", function (event) {
    var point = event.points[0], best = null, nearest = Infinity;
    located.forEach(function (p) {
      var at = place(p), d = Math.pow(at[0] - point.x, 2) + Math.pow(at[1] - point.y, 2);
      if (d < nearest) { nearest = d; best = p; }
    });
    if (!best) return;
    clear(line);
    line.appendChild(titleNode(best));
    line.appendChild(make("small", " " + [best.date, best.label].filter(Boolean).join(" · ")));
  });
  f.node.on("plotly_relayout", function () {
    f.ranges = [f.node._fullLayout.xaxis.range.slice(), f.node._fullLayout.yaxis.range.slice()];
  });
  function zoom(factor) {
    var now = [f.node._fullLayout.xaxis.range, f.node._fullLayout.yaxis.range].map(function (r) {
      var middle = (r[0] + r[1]) / 2, half = (r[1] - r[0]) / 2 * factor;
      return [middle - half, middle + half];
    });
    go(now);
  }
  function go(ranges) {
    Plotly.relayout(f.node, { "xaxis.range": ranges[0].slice(), "yaxis.range": ranges[1].slice() });
  }
  el("map-in").addEventListener("click", function () { zoom(2 / 3); });
  el("map-out").addEventListener("click", function () { zoom(3 / 2); });
  el("map-reset").addEventListener("click", function () { go(home); });
  el("map-search").addEventListener("input", later(function () {
    var wanted = words(el("map-search").value), status = el("map-status");
    if (!wanted.length) { f.hits = null; status.textContent = ""; draw(f); return; }
    var hits = located.filter(function (p) { return matches(p, wanted); });
    var shown = hits.slice(0, 500), places = shown.map(place);
    f.hits = {
      type: "scatter", mode: "markers", name: "found", showlegend: false, hoverinfo: "none",
      x: places.map(function (a) { return a[0]; }), y: places.map(function (a) { return a[1]; }),
      marker: { size: 11, color: "rgba(0,0,0,0)", line: { width: 2.5, color: "#1f4fbf" } }
    };
    status.textContent = number(hits.length) + (hits.length === 1 ? " paper" : " papers") + " found" +
      (hits.length > 500 ? "; the first 500 are ringed." : hits.length ? "; ringed on the map." : ".");
    draw(f);
  }));
}

// The line of contents that is being read

function startContents() {
  var links = {};
  document.querySelectorAll(".contents a").forEach(function (a) { links[a.hash.slice(1)] = a; });
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting || !links[entry.target.id]) return;
      for (var id in links) links[id].removeAttribute("aria-current");
      links[entry.target.id].setAttribute("aria-current", "true");
    });
  }, { rootMargin: "-10% 0px -80% 0px" });
  document.querySelectorAll("main > section").forEach(function (s) { seen.observe(s); });
}

// CSV of tables of which the page shows the first rows only
function startTables(tables) {
  tables.forEach(function (t) {
    var button = document.querySelector('[data-rows="' + t.id + '"]');
    if (button) button.addEventListener("click", function () { saveCsv(t.id + ".csv", t.columns, t.rows); });
  });
}

document.addEventListener("DOMContentLoaded", function () {
  if (!able) { el("old").hidden = false; return; }
  var button = el("theme");
  button.textContent = "Theme: " + theme;
  button.addEventListener("click", function () {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    button.textContent = "Theme: " + theme;
    try { localStorage.setItem("trends-theme", theme); } catch (e) { /* storage is off */ }
    applyTheme();
    redraw();
  });
  startContents();
  startTopics();
  unpack("data").then(function (text) {
    var data = JSON.parse(text);
    readPapers(data);
    startPapers();
    startCharts(data);
    startTables(data.tables || []);
    el("data").remove();
  });
});
})();
