import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodes } from "./problem.ts";

test("the runbook lists every exit code once", () => {
  const page = readFileSync(
    new URL("../../../../docs/runbooks/scheduler-does-not-start.md", import.meta.url),
    "utf8",
  );
  const listed = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(exitCodes));
});
