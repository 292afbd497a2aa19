// Following: one topic, or followed theme, is the chosen one, and the whole page shows it: charts, map, rows,
// cards and papers. Its key, such as topic-12, is the hash of the address. Nothing is chosen on paper.

var chosen = null, subjects = Object.create(null), roles = {}, FAINT = 0.15;

function readSubjects(data) {
  function add(kind, id, label, has) {
    var key = kind + "-" + id;
    subjects[key] = { key: key, kind: kind, id: id, label: label, has: has };
  }
  data.topics.forEach(function (t) { add("topic", t[0], t[1], function (p) { return p.topic === t[0]; }); });
  data.themes.forEach(function (t) {
    var inside = new Set(t[2]);
    add("theme", t[0], t[1], function (p) { return inside.has(p.i); });
  });
  for (var key in subjects) subjects[key].n = papers.filter(subjects[key].has).length;
}
function current() { return printing ? null : chosen; }

// A choice list of all topics, largest first, and of the followed themes.
function fillChoice(select) {
  [["topic", "Topics"], ["theme", "Followed themes"]].forEach(function (kind) {
    var group = make("optgroup"), keys = Object.keys(subjects).filter(function (k) { return subjects[k].kind === kind[0]; });
    if (!keys.length) return;
    group.label = kind[1];
    keys.map(function (k) { return subjects[k]; }).sort(function (a, b) {
      return (a.id < 0) - (b.id < 0) || (kind[0] === "topic" && b.n - a.n) || a.id - b.id;
    }).forEach(function (s) {
      var option = make("option", s.label + " (" + number(s.n) + ")");
      option.value = s.key;
      group.appendChild(option);
    });
    select.appendChild(group);
  });
  select.addEventListener("change", function () { follow(select.value); });
}

function toggle(key) { follow(chosen && chosen.key === key ? "" : key); }
// Choose, and put it into the address so that going back and mailing the link both work.
function follow(key) {
  if (key && !subjects[key]) return;
  try { history.pushState(null, "", key ? "#" + key : location.pathname + location.search); } catch (e) { /* a page without an address */ }
  choose(key);
}
function choose(key) {
  var next = subjects[key] || null;
  if (next === chosen) return;
  chosen = next;
  showChosen();
  refresh();
  el("follow-status").textContent = next
    ? "Following " + next.label + ": " + number(next.n) + (next.n === 1 ? " paper" : " papers") + " in the papers table and on the map. Charts that draw it show it."
    : "Following nothing; all topics are shown.";
}
function readAddress() {
  var key = location.hash.slice(1);
  if (subjects[key] || !key) choose(key);
}

// Everything but the charts.
function showChosen() {
  var now = current(), bar = el("following");
  document.querySelectorAll("[data-about]").forEach(function (node) {
    if (now && node.dataset.about === now.key) node.setAttribute("aria-current", "true"); else node.removeAttribute("aria-current");
  });
  bar.hidden = !now;
  if (now) {
    var card = el(now.key);
    el("following-name").textContent = now.label;
    el("following-papers").textContent = number(now.n) + (now.n === 1 ? " paper" : " papers");
    el("following-card").hidden = !card;
    el("following-card").href = "#" + now.key;
  }
  if (el("follow").options.length > 1) el("follow").value = now ? now.key : "";
  order.forEach(function (f) {
    el(f.id + "-note").textContent = now && now.kind === f.about && f.ids && !f.map && !f.ids.has(now.id) ? "Not drawn here" : "";
  });
  showPapersOf(now);
}
// Charts in or near the view are drawn at once, the others when they come near.
function refresh() {
  order.forEach(function (f) {
    if (!f.drawn) return;
    var box = f.node.getBoundingClientRect();
    if (box.bottom > -300 && box.top < innerHeight + 300) draw(f);
    else { f.drawn = false; near.unobserve(f.node); near.observe(f.node); }
  });
}

// The ids that a figure draws: of whole traces, of points, or of rows.
function idsOf(f) {
  var ids = new Set();
  f.data.forEach(function (t) {
    var m = t.meta || {};
    if (typeof m.topic === "number") ids.add(m.topic);
    (m.points || m.rows || []).forEach(function (id) { ids.add(id); });
  });
  return ids.size ? ids : null;
}
// A figure in which the chosen topic stands out and the others are faint; as it is where it is not drawn.
function emphasised(f) {
  var now = current();
  if (!now || now.kind !== f.about && !f.map) return f;
  var extra = f.map ? papersOnMap(f, now) : null;
  if (!extra && !(f.ids && f.ids.has(now.id))) return f;
  var back = [], front = [], fades = function (t, opacity) { return Object.assign({}, t, { opacity: Math.min(t.opacity === undefined ? 1 : t.opacity, opacity) }); };
  f.data.forEach(function (t) {
    var m = t.meta || {}, mine = m.topic === now.id && now.kind === f.about;
    if (f.map) return back.push(fades(t, 0.4));
    if ("topic" in m) return mine ? front.push(strong(t)) : back.push(fades(t, FAINT));
    if (!m.points && !m.rows) return back.push(f.ids && t.fill ? fades(t, FAINT) : t);
    back.push(fades(t, 0.25));
    if (m.points && m.points.indexOf(now.id) >= 0) front.push(strong(points(t, m.points, now.id)));
    if (m.rows && m.rows.indexOf(now.id) >= 0) front.push(rows(t, m, now.id));
  });
  return { data: back.concat(front, extra || []), layout: spoken(f, now, front) };
}
function strong(t) {
  var out = recoloured(t, ""), line = out.line;
  if (out.opacity < 0.3) out.opacity = 1;
  if (line && line.width > 0 && !t.fill) out.line = Object.assign({}, line, { width: Math.max(3, line.width + 1) });
  return out;
}
// What has no colour of its own takes the accent.
function recoloured(value, key) {
  if (typeof value === "string") return isColour.test(key) && value === roles.grey ? roles.accent : value;
  if (Array.isArray(value)) return isColour.test(key) ? value.map(function (v) { return recoloured(v, key); }) : value;
  if (!value || typeof value !== "object") return value;
  var out = {};
  for (var name in value) out[name] = recoloured(value[name], name);
  return out;
}
// A trace with the points of one topic alone: every list of that length is cut alike.
function points(value, ids, id) {
  if (Array.isArray(value)) return value.length === ids.length ? value.filter(function (v, i) { return ids[i] === id; }) : value;
  if (!value || typeof value !== "object") return value;
  var out = {};
  for (var name in value) out[name] = points(value[name], ids, id);
  return out;
}
// The row of one topic, and its column where topics stand there too.
function rows(t, m, id) {
  var z = t.z.map(function (row, i) {
    return m.rows[i] === id ? row : row.map(function (v, j) { return m.columns && m.columns[j] === id ? v : null; });
  });
  return Object.assign({}, t, { z: z, showscale: false });
}
// Names: that of the chosen topic in bold, the others faint; a line without a name gets one.
function spoken(f, now, front) {
  var layout = Object.assign({}, f.layout), told = false;
  layout.annotations = (layout.annotations || []).map(function (a) {
    var id = idOf(a.name), mine = id === now.id && now.kind === f.about;
    if (id === null && !/^direct-label/.test(a.name || "")) return a;
    told = told || mine;
    return Object.assign({}, a, mine ? { font: Object.assign({}, a.font, { weight: 700 }) } : { opacity: f.map ? 0.5 : 0.4 });
  });
  layout.shapes = (layout.shapes || []).map(function (s) {
    var id = idOf(s.name);
    return !/^stroke/.test(s.name || "") || id === now.id ? s : Object.assign({}, s, { opacity: FAINT });
  });
  var line = front.filter(function (t) { return t.mode && /lines/.test(t.mode) && !t.fill; })[0];
  if (!told && line) {
    var last = line.y.reduce(function (found, v, i) { return v === null ? found : i; }, 0);
    layout.annotations.push({
      text: "<b>" + line.name + "</b>", x: line.x[last], y: line.y[last], showarrow: false, xanchor: "right", yanchor: "bottom",
      bgcolor: layout.paper_bgcolor, font: { color: layout.font.color }
    });
  }
  var axis = layout.yaxis || {}, names = rowNames(f);
  if (names && f.rowIds.some(function (id) { return id === now.id; })) {
    layout.yaxis = Object.assign({}, axis, {
      tickvals: axis.tickvals || names, ticktext: names.map(function (name, i) { return f.rowIds[i] === now.id ? "<b>" + name + "</b>" : name; })
    });
  }
  return layout;
}
// The names of rows in the order of their ticks, with the topic of each in f.rowIds; null where rows are none.
function rowNames(f) {
  if (f.rowNames !== undefined) return f.rowNames;
  var axis = f.layout.yaxis || {}, ids = {};
  f.rowNames = null;
  if (axis.type !== "category" && !axis.ticktext) return null;
  f.data.forEach(function (t) {
    var m = t.meta || {}, list = m.points || m.rows;
    if (!Array.isArray(t.y)) return;
    t.y.forEach(function (y, i) { if (list || typeof m.topic === "number") ids[y] = list ? list[i] : m.topic; });
  });
  var places = axis.tickvals || axis.categoryarray || (f.data.filter(function (t) { return t.type === "heatmap"; })[0] || {}).y;
  if (!places || !Object.keys(ids).length) return null;
  f.rowIds = places.map(function (y) { return y in ids ? ids[y] : null; });
  return f.rowNames = axis.ticktext || places;
}

// Marks and names of a chart choose their topic when clicked.
function listen(f) {
  f.hearing = true;
  if (!f.ids && !f.map) return;
  f.node.classList.add("follows");
  f.node.on("plotly_click", function (event) {
    if (f.map) { var p = nearest(event.points[0]); if (p) toggle("topic-" + p.topic); return; }
    var point = event.points[0], m = point.data.meta || {}, at = point.pointNumber;
    var id = "topic" in m ? m.topic : m.points ? m.points[at] : m.rows ? m.rows[at[0]] : undefined;
    if (id !== undefined) toggle(f.about + "-" + id);
  });
  if (f.listening) return;
  f.listening = true;
  f.node.addEventListener("click", function (event) {
    var label = event.target.closest(".annotation"), tick = event.target.closest(".ytick"), id = null;
    if (label) id = idOf((f.node.layout.annotations[label.dataset.index] || {}).name);
    if (tick && rowNames(f)) {
      // The first row stands on top, whichever way the axis runs.
      var ticks = Array.prototype.slice.call(f.node.querySelectorAll(".ytick")).sort(function (a, b) {
        return a.getBoundingClientRect().top - b.getBoundingClientRect().top;
      });
      id = ticks.length === f.rowIds.length ? f.rowIds[ticks.indexOf(tick)] : null;
    }
    if (id !== null) toggle(f.about + "-" + id);
  });
}

function startFollowing() {
  fillChoice(el("follow"));
  document.querySelectorAll("tr[data-about]").forEach(function (row) {
    row.addEventListener("click", function (event) {
      if (!event.target.closest("a, button") && String(getSelection()) === "") toggle(row.dataset.about);
    });
  });
  // A link to what is followed already moves there and changes no address.
  document.querySelectorAll("a[data-papers]").forEach(function (a) {
    a.addEventListener("click", function (event) {
      event.preventDefault();
      if (a.dataset.papers) follow(a.dataset.papers);
      toPapers();
    });
  });
  el("follow-nothing").addEventListener("click", function () { follow(""); el("follow").focus({ preventScroll: true }); });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && chosen && !event.target.closest("select") && !(event.target.value && event.target.closest("input"))) follow("");
  });
  addEventListener("popstate", readAddress);
  addEventListener("hashchange", readAddress);
  readAddress();
}
