// Charts

var figures = {}, order = [], swap = {}, near = null;
var CONFIG = {
  displayModeBar: false, displaylogo: false, showSendToCloud: false, plotlyServerURL: "", responsive: false,
  doubleClick: "reset", scrollZoom: false, showTips: false
};
var PANELS = 880, PAPER_HEIGHT = 800, PAPER_WIDTH = 680;  // px that fit on A4 and on letter paper
var ROWS = /^(coverage|growth|heatmap|bursts|hierarchy)$/, CUT = 15;  // charts that shrink by shorter names of rows
var BELOW = { orientation: "h", title: { text: "" }, x: 0.5, xanchor: "center", yref: "container", y: 0, yanchor: "bottom", thickness: 8, len: 1, ypad: 14, nticks: 3 };
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
  var seen = emphasised(f);
  var data = seen.data.concat(f.hits ? [f.hits] : []), layout = seen.layout;
  if (dark()) { data = dressed(data, ""); layout = dressed(layout, ""); }
  layout = Object.assign({}, layout);
  if (layout.dragmode === undefined) layout.dragmode = f.map ? "pan" : false;
  // An axis that cannot be dragged leaves its names to be pointed at.
  if (!f.map) for (var name in layout) if (/^[xy]axis\d*$/.test(name)) layout[name] = Object.assign({}, layout[name], { fixedrange: true });
  layout.autosize = !printing;
  if (printing && layout.height) layout.height = size(f);
  if (printing) layout.width = "xaxis2" in layout ? PANELS : PAPER_WIDTH;
  layout.margin = Object.assign({ l: 16, r: 24, b: 16, t: 16 }, layout.margin);
  if (f.chart === "heatmap" && slim() && !picture) {
    data = data.map(function (t) { return Object.assign({}, t, { xgap: 0, colorbar: Object.assign({}, t.colorbar, BELOW) }); });
  }
  if (picture) {
    layout.title = dark() ? dressed(f.heading, "") : f.heading;
    layout.margin.t = Math.max(layout.margin.t, 64);
  } else {
    // The page writes the title itself; what is left above the plot is room for a legend.
    layout.margin.t = Math.min(layout.margin.t, layout.showlegend ? 48 : 24);
    if (slim()) layout = narrowed(f, layout);
    if (f.ranges) {
      layout.xaxis = Object.assign({}, layout.xaxis, { range: f.ranges[0].slice(), autorange: false });
      layout.yaxis = Object.assign({}, layout.yaxis, { range: f.ranges[1].slice(), autorange: false });
    }
  }
  return { data: data, layout: layout };
}
// Below 700 px names at lines and points become a list under the chart; their margin goes to the plot.
function narrowed(f, layout) {
  if (ROWS.test(f.chart)) return shortened(f, layout);
  if (!f.key.length) return layout;
  layout.annotations = layout.annotations.filter(function (a) { return !named(f, a); });
  layout.shapes = (layout.shapes || []).filter(function (s) { return s.type !== "line"; });
  layout.margin = Object.assign({}, layout.margin, { l: 8, r: 8 });
  layout.xaxis = fewer(layout.xaxis, 4);
  if (f.map) {
    layout.height = size(f);
    layout.xaxis = Object.assign({}, layout.xaxis, { title: { text: "" } });
  }
  return layout;
}
// Names of rows are cut, and numbers beside the plot are left to the table, so that the plot keeps its width.
function shortened(f, layout) {
  var names = layout.yaxis.ticktext || rowNames(f);
  layout.xaxis = fewer(layout.xaxis, names ? 2 : 4);
  if (!names) return layout;
  layout.xaxis = Object.assign({}, layout.xaxis, {
    title: Object.assign({}, layout.xaxis.title, { text: layout.xaxis.title.text.split(/,| \(| with /)[0] })
  });
  layout.annotations = (layout.annotations || []).filter(function (a, i, all) {
    return a.text !== "incomplete" || !all.slice(i + 1).some(function (b) { return b.text === a.text; });
  });
  layout.yaxis = Object.assign({}, layout.yaxis, {
    tickvals: layout.yaxis.tickvals || rowNames(f),
    ticktext: names.map(function (name) {
      var plain = plainText(name), cut = plain.length > CUT ? plain.slice(0, CUT - 1).trim() + "…" : plain;
      cut = cut.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
      return /^<b>/.test(name) ? "<b>" + cut + "</b>" : cut;
    })
  });
  layout.margin = Object.assign({}, layout.margin, { l: 4, r: f.chart === "bursts" ? 40 : 8 });
  if (f.chart === "growth") layout.annotations = [];
  return layout;
}
// At most so many names of periods, evenly spaced.
function fewer(axis, most) {
  if (!axis || !axis.tickvals) return axis;
  var step = Math.ceil(axis.tickvals.length / most);
  function kept(v, i) { return i % step === 0; }
  return Object.assign({}, axis, { tickvals: axis.tickvals.filter(kept), ticktext: (axis.ticktext || axis.tickvals).filter(kept) });
}
function named(f, a) { return f.map || /^direct-label/.test(a.name || ""); }
function size(f) {
  if (printing) return Math.min(f.layout.height, PAPER_HEIGHT);
  return f.map && slim() ? Math.min(f.layout.height, f.node.parentNode.clientWidth + 72) : f.layout.height;
}
// Charts that cannot shrink so far scroll within a frame of their own.
function fit(f) {
  var wide = slim() && !f.key.length && !ROWS.test(f.chart);
  var frame = f.node.parentNode;
  // Panels keep their words apart only from this width on; on paper they are made smaller as a whole.
  f.node.style.minWidth = "xaxis2" in f.layout ? PANELS + "px" : wide ? "600px" : "";
  f.node.style.zoom = printing && "xaxis2" in f.layout ? PAPER_WIDTH / PANELS : "";
  wide = frame.scrollWidth > frame.clientWidth;
  if (f.layout.height) f.node.style.height = size(f) + "px";
  if (wide) { frame.tabIndex = 0; frame.setAttribute("role", "region"); frame.setAttribute("aria-label", f.title + ", chart"); }
  else ["tabindex", "role", "aria-label"].forEach(function (name) { frame.removeAttribute(name); });
}
function draw(f) {
  fit(f);
  var p = prepared(f);
  f.drawn = true;
  var width = printing ? PAPER_WIDTH : f.node.clientWidth;
  // Where the width changes, plotly leaves a legend that wraps in the place that it had; a new chart does not.
  if (f.width && f.width !== width && f.layout.showlegend && !f.map) { Plotly.purge(f.node); f.hearing = false; }
  f.width = width;
  var done = Plotly.react(f.node, p.data, p.layout, CONFIG);
  f.node.querySelectorAll("svg").forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); });
  if (f.map && !f.watched) watchMap(f);
  if (!f.hearing) listen(f);
  showKey(f);
  return done;
}
function redraw() { order.forEach(function (f) { if (f.drawn) draw(f); }); }

function showKey(f) {
  var list = el(f.id + "-key");
  var on = slim() && f.key.length > 0;
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
    if (k.id === null) li.appendChild(make("span", k.name));
    else {
      var button = make("button", k.name), key = f.about + "-" + k.id;
      button.type = "button";
      button.setAttribute("aria-pressed", String(!!current() && current().key === key));
      button.addEventListener("click", function () { toggle(key); });
      li.appendChild(button);
    }
    list.appendChild(li);
  });
}

function plainText(text) {
  return text.replace(/<br>/g, " ").replace(/<\/?[bi]>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
function idOf(name) { var found = / (-?\d+)$/.exec(name || ""); return found ? Number(found[1]) : null; }
// The names that stand at lines or points of a chart, with the look of what they name.
function keyOf(f) {
  var looks = {}, range = (f.layout.yaxis || {}).range || [0, 1], way = range[0] > range[1] ? -1 : 1;
  function keyed(id, text) { return id === null ? plainText(text || "") : "#" + id; }
  f.data.forEach(function (t) {
    var line = t.line || {}, key = keyed(t.meta && "topic" in t.meta ? t.meta.topic : null, t.name);
    if (looks[key] || t.opacity < 0.6) return;
    if (f.map && t.marker && t.showlegend === false) looks[key] = { colour: t.marker.color };
    if (!f.map && line.width > 1) looks[key] = { colour: line.color, dash: line.dash };
  });
  return (f.layout.annotations || []).filter(function (a) { return named(f, a) && looks[keyed(idOf(a.name), a.text)]; })
    .sort(function (a, b) { return way * (b.y - a.y); })
    .map(function (a) { return Object.assign({ name: plainText(a.text), id: idOf(a.name) }, looks[keyed(idOf(a.name), a.text)]); });
}

function startCharts(data) {
  swap = data.swap;
  roles = { accent: data.accent, grey: data.grey };
  data.figures.forEach(function (f) {
    f.node = el(f.id);
    f.key = keyOf(f);
    f.ids = idsOf(f);
    figures[f.id] = f;
    order.push(f);
  });
  if (!order.length) return;
  unpack("library").then(function (source) {
    var script = document.createElement("script");
    script.textContent = source;
    document.head.appendChild(script);
    el("library").remove();
    near = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        near.unobserve(entry.target);
        var f = figures[entry.target.id];
        if (!f.drawn) draw(f);
      });
    }, { rootMargin: "600px" });
    order.forEach(function (f) { near.observe(f.node); });
    addEventListener("beforeprint", function () { printing = true; showChosen(); order.forEach(draw); openTables(true); });
    addEventListener("afterprint", function () { printing = false; openTables(false); showChosen(); redraw(); });
    addEventListener("resize", later(function () {
      order.forEach(function (f) { if (f.drawn && f.node.clientWidth !== f.width) draw(f); });
    }));
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

