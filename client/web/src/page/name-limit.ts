/** The longest name that is accepted: said before, and said again of one that is longer, which is not cut. */

const LONGEST = 32;
const RULE = `up to ${LONGEST} characters`;

/** Keeps a form from being sent with a name that is too long in `input`; `place` says why. */
export function holdToLimit(input: HTMLInputElement, place: HTMLElement): void {
  input.addEventListener("input", () => {
    const wrong = faultOf(input.value.trim());
    input.setCustomValidity(wrong);
    input.ariaInvalid = wrong ? "true" : null;
    const words = wrong || RULE;
    // Said once, and not with every key.
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("wrong", wrong !== "");
  });
}

/** What is wrong with the length of a name, empty where nothing is. Counted as the server does. */
export function faultOf(name: string): string {
  const over = [...name].length - LONGEST;
  return over > 0 ? `${over} too many, ${RULE}` : "";
}
