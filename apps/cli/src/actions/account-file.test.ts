import { expect, test } from "vitest";
import { readAccountFile } from "./account-file.ts";

test.each([
  ["tenants:\n  - name: physics\n", "a list"],
  ["tenants: physics\n", "no block"],
])("accounts that are not named are told with what they should look like: %j", (text, found) => {
  expect(() => readAccountFile("accounts.yaml", text)).toThrow(
    `tenants is a block of named accounts, found ${found}: write for example tenants: {physics: {weight: 2}}`,
  );
});

test("what it says to write is read", () => {
  const accounts = readAccountFile("accounts.yaml", "tenants: {physics: {weight: 2}}\n");
  expect(accounts.map(({ id, weight }) => [id, weight])).toEqual([["physics", 2]]);
});
