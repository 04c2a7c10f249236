import { exampleFiles } from "@ertis/simulator";
import { expect, test } from "vitest";
import { startFakeHub } from "../testing/fake-hub.ts";
import { runErtis } from "../testing/run-ertis.ts";

test("a trace without a site is refused with the name of the example's site", async () => {
  const hub = await startFakeHub();
  const { code, out, err } = await runErtis(hub.address, ["simulate", "--trace", "x.csv"]);
  await hub.close();
  expect(code).not.toBe(0);
  expect(out).toBe("");
  expect(err).toContain("--site is missing");
  expect(err).toContain(exampleFiles.site);
});
