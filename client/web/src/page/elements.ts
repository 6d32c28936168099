/** Finding and making the elements of index.html, with their types checked. */

type Kind<T extends Element> = new () => T;

/** The one descendant of `root` that `selector` names. Throws where index.html has none of that kind. */
export function find<T extends Element>(root: ParentNode, selector: string, kind: Kind<T>): T {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} at ${selector}`);
  return found;
}

/** The element with this id. */
export function byId<T extends Element>(id: string, kind: Kind<T>): T {
  return find(document, `#${id}`, kind);
}

/** A copy of the one element in the template with this id. */
export function stamp<T extends Element>(templateId: string, kind: Kind<T>): T {
  const copy = byId(templateId, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof kind)) throw new Error(`the template ${templateId} holds no ${kind.name}`);
  return copy;
}

/** A new element with this text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Says a sentence to those who hear the page; what it says is seen elsewhere. */
export function announce(sentence: string): void {
  byId("announcement", HTMLElement).textContent = sentence;
}
