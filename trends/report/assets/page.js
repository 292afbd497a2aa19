/* Draws the charts and makes the tables searchable. The page reads without it. Text from the data goes
   through textContent only. */
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
// Paper is wide enough for the chart of a wide page, whatever the browser says of its width.
function slim() { return narrow.matches && !printing; }
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

