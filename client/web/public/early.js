/** What has to be known before the first paint: the theme that was chosen, and whether this is a wall. */
(() => {
  const root = document.documentElement;
  root.dataset.theme = localStorage.getItem("scorewire.theme") ?? "auto";
  if (new URLSearchParams(location.search).get("wall") === "1") root.dataset.wall = "";
})();
