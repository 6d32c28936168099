import { expect, test } from "vitest";
import { marks } from "../../src/board/namesakes";

const ADA = { userId: "ada-1", displayName: "Ada" };
const GUESTS = ["guest-aa17", "guest-bb17", "guest-cc29"].map((userId) => ({ userId, displayName: "Guest" }));

test("a name that one user has needs nothing beside it", () => {
  expect(marks([ADA, { userId: "bob", displayName: undefined }]).size).toBe(0);
});

test("namesakes have the end of their ids beside their names, and nobody else has", () => {
  const other = { userId: "other-user-9f3a", displayName: "Ada" };
  expect(marks([ADA, other, { userId: "bob", displayName: "Bob" }])).toEqual(
    new Map([
      ["ada-1", "id ada-1"],
      ["other-user-9f3a", "id …9f3a"],
    ]),
  );
});

test("the end of an id is as long as it has to be", () => {
  const twins = ["guest-1-0000", "guest-2-0000"].map((userId) => ({ userId, displayName: "Twin" }));
  expect([...marks(twins).values()]).toEqual(["id …1-0000", "id …2-0000"]);
  expect([...marks(GUESTS).values()]).toEqual(["id …aa17", "id …bb17", "id …cc29"]);
});

test("a name that is another user's id is told apart too", () => {
  expect([...marks([ADA, { userId: "Ada", displayName: undefined }]).values()]).toEqual(["id ada-1", "id Ada"]);
});

test("one user who is there twice has no namesake", () => {
  expect(marks([ADA, ADA]).size).toBe(0);
});
