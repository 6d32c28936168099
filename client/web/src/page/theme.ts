/** Light, dark, or as the system has it. The choice is kept; early.js makes it known before the first paint. */

import { byId } from "./elements";

const KEY = "scorewire.theme";

/** Shows which theme there is, and lets one choose another. */
export function offerThemes(): void {
  const choice = byId("theme", HTMLFieldSetElement);
  const root = document.documentElement;
  for (const radio of choice.querySelectorAll("input")) {
    radio.checked = radio.value === root.dataset.theme;
    radio.addEventListener("change", () => {
      root.dataset.theme = radio.value;
      localStorage.setItem(KEY, radio.value);
    });
  }
}
