/** The elements of index.html. */

import { find } from "../board/elements";

type Kind<T extends Element> = new () => T;

/** The element with this id. Throws where index.html has none of that kind. */
export function byId<T extends Element>(id: string, kind: Kind<T>): T {
  return find(document, `#${id}`, kind);
}

/** Says a sentence to those who hear the page; what it says is seen elsewhere. */
export function announce(sentence: string): void {
  byId("announcement", HTMLElement).textContent = sentence;
}
