import { expect, test } from "vitest";
import { readable, readClaims } from "../../src/page/ticket-claims";

function ticketOf(claims: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const base64 = btoa(String.fromCharCode(...bytes));
  return `header.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.signature`;
}

test("claims are read from the ticket, names in any script too", () => {
  const claims = { iss: "scorewire-action", name: "Åsa 中文 🎲", iat: 1_800_000_000, exp: 1_800_000_010 };
  expect(readClaims(ticketOf(claims))).toEqual(claims);
});

test("times are read as people do, other claims as they stand", () => {
  expect(readable("exp", 1_800_000_010)).toBe(new Date(1_800_000_010_000).toLocaleTimeString());
  expect(readable("jti", "nJ3k")).toBe("nJ3k");
});
