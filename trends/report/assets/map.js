// Map: search, zoom by buttons, and the paper under the pointer in a line of text

function place(p) {
  return [bounds[0] + p.x / 999 * (bounds[1] - bounds[0] || 1), bounds[2] + p.y / 999 * (bounds[3] - bounds[2] || 1)];
}
function mapRows() {
  return papers.filter(function (p) { return p.x !== null; }).map(function (p) {
    return [p.title, p.label].concat(place(p).map(function (v) { return Number(v.toPrecision(4)); }));
  });
}
function isPlaced(p) { return p.x !== null && p.y !== null; }
function nearest(point) {
  var best = null, least = Infinity;
  papers.filter(isPlaced).forEach(function (p) {
    var at = place(p), d = Math.pow(at[0] - point.x, 2) + Math.pow(at[1] - point.y, 2);
    if (d < least) { least = d; best = p; }
  });
  return best;
}
// All papers of what is followed, those left out of the sample too; in their own colour where they have one.
function papersOnMap(f, now) {
  var own = f.data.filter(function (t) { return now.kind === "topic" && t.meta && t.meta.topic === now.id; })[0];
  var places = papers.filter(isPlaced).filter(now.has).map(place);
  if (!places.length) return null;
  return {
    type: "scatter", mode: "markers", name: "followed", showlegend: false, hoverinfo: "none",
    x: places.map(function (a) { return a[0]; }), y: places.map(function (a) { return a[1]; }),
    marker: { size: 8, symbol: own ? own.marker.symbol : "circle", color: own ? own.marker.color : roles.accent, line: { width: 1, color: f.layout.paper_bgcolor } }
  };
}
function watchMap(f) {
  f.watched = true;
  var line = el("map-paper"), located = papers.filter(isPlaced);
  var home = [f.node._fullLayout.xaxis.range.slice(), f.node._fullLayout.yaxis.range.slice()];
  f.node.on("plotly_hover", function (event) {
    var best = nearest(event.points[0]);
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
      marker: { size: 11, color: "rgba(0,0,0,0)", line: { width: 2.5, color: roles.accent } }
    };
    status.textContent = number(hits.length) + (hits.length === 1 ? " paper" : " papers") + " found" +
      (hits.length > 500 ? "; the first 500 are ringed." : hits.length ? "; ringed on the map." : ".");
    draw(f);
  }));
}

