import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "../testing/fake-hub.ts";
import { type Ran, runErtis } from "../testing/run-ertis.ts";

let hub: FakeHub;

beforeEach(async () => {
  hub = await startFakeHub();
});

afterEach(async () => {
  await hub.close();
});

async function ertis(line: string): Promise<Ran> {
  return runErtis(hub.address, line.split(" "), { cwd: "." });
}

test("budget set lists the promised starts that move, with both times", async () => {
  const line = "budget set noon pavlodar-hub 12.5MW --reason contract";
  const { out, code } = await ertis(line);
  expect(code).toBe(0);
  expect(out).toMatch(/^noon +/m);
  expect(out).toMatch(/^JOB +PROMISED START +MOVES TO$/m);
  expect(out).toMatch(/^1044 .*\(in 40 min\) .*\(in 4 h 40 min\) at 520 W a GPU$/m);
  expect(out).toMatch(/^1045 .* no start can be promised yet$/m);
  expect(JSON.parse((await ertis(`${line} -o json`)).out)).toMatchObject([
    { id: "noon", movedStarts: [{ jobId: "1044", capWatts: 520 }, { jobId: "1045" }] },
  ]);
  const quiet = await ertis("budget set evening pavlodar-hub 12.5MW --reason contract");
  expect(quiet.out).not.toContain("MOVES TO");
  expect((await ertis(`${line} -o name`)).out).toBe("noon\n");
});

test("cordoning several nodes lists each start once, from where it was to where it is now", async () => {
  const line = "cordon hub/rack/a hub/rack/b --reason fans";
  const { out, code } = await ertis(line);
  expect(code).toBe(0);
  expect(out).toMatch(/^1044 .*\(in 40 min\) .*\(in 5 h 40 min\)$/m);
  expect(out.match(/^1044 /gm)).toHaveLength(1);
  const asJson = JSON.parse((await ertis(`${line} -o json`)).out) as readonly object[];
  expect(asJson).toMatchObject([
    { id: "hub/rack/a", movedStarts: [{ jobId: "1044", capWatts: 520 }] },
    { id: "hub/rack/b", movedStarts: [{ jobId: "1044", capBeforeWatts: 520 }] },
  ]);
  expect((await ertis("cordon hub/rack/c --reason fans")).out).not.toContain("MOVES TO");
});
