/** The way from one number to another. */

/** The number at `share` of the way, 0-1: fast at first and slow at the end, and exact when the way is done. */
export function between(from: bigint, to: bigint, share: number): bigint {
  if (share >= 1) return to;
  const eased = 1 - (1 - share) ** 3;
  return from + BigInt(Math.round(Number(to - from) * eased));
}
