/** What a browser's tab keeps, over every reload. */

import type { Store } from "../../src/page/tries";

/** A store that is empty at first. */
export function newStore(): Store & { readonly size: number } {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    get size() {
      return items.size;
    },
  };
}
