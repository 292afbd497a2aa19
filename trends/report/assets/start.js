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
    readSubjects(data);
    startPapers();
    startSaving(data.tables);
    startCharts(data);
    startFollowing();
    el("data").remove();
  });
});
