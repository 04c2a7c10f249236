import { readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { reasons } from "./reasons.ts";

const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md lists every reason with its status, and no other", () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([A-Z_]+) \|/gm)].map(
    ([, reason, code]) => `${reason} ${code}`,
  );
  const known = Object.entries(reasons).map(([reason, code]) => `${reason} ${status[code]}`);
  expect(rows.toSorted()).toEqual(known.toSorted());
});
