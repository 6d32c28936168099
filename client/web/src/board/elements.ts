/** Finding and making elements, with their types checked. */

type Kind<T extends Element> = new () => T;

/** The one descendant of `root` that `selector` names. Throws where there is none of that kind. */
export function find<T extends Element>(root: ParentNode, selector: string, kind: Kind<T>): T {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`there is no ${kind.name} at ${selector}`);
  return found;
}

/** A copy of the one element in a template. */
export function stamp<T extends Element>(template: HTMLTemplateElement, kind: Kind<T>): T {
  const copy = template.content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof kind)) throw new Error(`the template ${template.id} holds no ${kind.name}`);
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
