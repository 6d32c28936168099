/** Numbers as people read them. */

const grouped = new Intl.NumberFormat();

/** 12345 as 12,345, in the reader's own way. */
export function count(value: number | bigint): string {
  return grouped.format(value);
}

/** A change with its sign: +5, −3. */
export function change(value: number | bigint): string {
  return value < 0 ? `−${count(-value)}` : `+${count(value)}`;
}

/** A number of 0-359 that stays with a text: the hue of a user. */
export function hue(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360_007;
  return (hash * 137) % 360;
}
