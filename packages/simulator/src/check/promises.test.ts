import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Promises } from "./promises.ts";

test("at the end of a run, promises of past moments are broken and later ones still to come", () => {
  const reports: string[] = [];
  const promises = new Promises((property) => reports.push(property));
  promises.observe({ kind: "reservation-made", job: 1, startAt: instant(1_000) } as never, 0);
  promises.observe({ kind: "reservation-made", job: 2, startAt: instant(9_000) } as never, 0);
  promises.finish(5_000);
  expect(reports).toEqual(["promised-start"]);
  expect(promises.score()).toMatchObject({ promisedCount: 2, brokenCount: 1, openCount: 1 });
});
