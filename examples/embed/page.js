/** What the page does with its board: changes what it shows, and listens to it. */

const board = document.querySelector("scorewire-board");
const byId = (id) => document.getElementById(id);

for (const [id, attribute] of Object.entries({ rows: "limit", user: "user", theme: "theme" })) {
  byId(id).addEventListener("change", ({ target }) => {
    if (target.value) board.setAttribute(attribute, target.value);
    else board.removeAttribute(attribute);
  });
}

board.addEventListener("scorewire-state", ({ detail }) => {
  byId("state").textContent = detail.name;
});

board.addEventListener("scorewire-board", ({ detail }) => {
  const [leader] = detail.standings;
  byId("leader").textContent = leader ? `${leader.displayName ?? leader.userId} leads with ${leader.score}.` : "";
});
