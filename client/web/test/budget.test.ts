import { build } from "vite";
import { expect, test } from "vitest";
import { withinBudget } from "../vite.config";

/** Builds a script with random letters, which no compression makes short. */
function building(letters: number, mostBytes: number) {
  const text = Array.from(crypto.getRandomValues(new Uint8Array(letters)), (byte) => (byte % 36).toString(36)).join("");
  const script = {
    name: "script",
    resolveId: (id: string) => (id === "script" ? id : undefined),
    load: (id: string) => (id === "script" ? `console.log("${text}")` : undefined),
  };
  const options = { write: false, rolldownOptions: { input: "script" } };
  return build({ configFile: false, logLevel: "silent", plugins: [script, withinBudget(mostBytes)], build: options });
}

test("a build that is within its budget passes", async () => {
  await expect(building(2_000, 3_000)).resolves.toBeDefined();
});

test("a build that is above its budget fails, and says by how much", async () => {
  await expect(building(6_000, 3_000)).rejects.toThrow(/\d+ bytes gzipped are more than 3000/);
});
