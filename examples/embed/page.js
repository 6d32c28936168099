/** What the page does with its board: changes what it shows, and listens to it. */

const board = document.querySelector("scorewire-board");
const byId = (id) => document.getElementById(id);

for (const [id, attribute] of Object.entries({ rows: "limit", user: "user", theme: "theme" })) {
  byId(id).addEventListener("change", ({ target }) => {
    if (target.value) board.setAttribute(attribute, target.value);
    else board.removeAttribute(attribute);
  });
}

const showState = ({ name }) => {
  byId("state").textContent = name;
};

const showLeader = ({ standings: [leader] }) => {
  byId("leader").textContent = leader ? `${leader.displayName ?? leader.userId} leads with ${leader.score}.` : "";
};

board.addEventListener("scorewire-state", ({ detail }) => showState(detail));
board.addEventListener("scorewire-board", ({ detail }) => showLeader(detail));

// Whatever it told before this script was here.
await customElements.whenDefined("scorewire-board");
showState(board.state);
if (board.newest) showLeader(board.newest);
