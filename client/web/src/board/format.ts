/** Numbers, times and names as people read them. */

const grouped = new Intl.NumberFormat();
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** 12345 as 12,345, in the reader's own way. */
export function count(value: number | bigint): string {
  return grouped.format(value);
}

/** A change with its sign: +5, −3. */
export function change(value: number | bigint): string {
  return value < 0 ? `−${count(-value)}` : `+${count(value)}`;
}

/** 1 point, 2 points. */
export function points(value: number | bigint): string {
  return `${count(value)} ${BigInt(value) === 1n ? "point" : "points"}`;
}

/** The time of day: 12:03:10, in the reader's own way. */
export function timeOf(date: Date): string {
  return clock.format(date);
}

/** What a reader takes for the first letter of a name, be it one of several characters. */
export function initial(name: string): string {
  const [first] = graphemes.segment(name);
  return first?.segment ?? "";
}

/** A number of 0-359 that stays with a text: the hue of a user. */
export function hue(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360_007;
  return (hash * 137) % 360;
}
