import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Hub, hourMs, startMs } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import { FreeMoments } from "./free-moments.ts";

test("a node is free when the last that runs there is gone, whoever is stopped for others before", () => {
  const hub = new Hub();
  const stopped = hub.run({ gpusPerNode: 4, walltime: milliseconds(10 * hourMs) });
  hub.run({ gpusPerNode: 4, walltime: milliseconds(5 * hourMs) });
  const at = instant(startMs);
  const attempt = { job: stopped, task: 0, attempt: 1 };
  hub.engine.replay({
    at,
    command: { kind: "place", at },
    events: [{ kind: "stop-requested", attempt, reason: "preemption" }],
  });
  const pool = known(known(hub.state.sites.get("hub"), "hub").pools[0], "pool");
  const freeAtMs = (gpusPerNode: number): number =>
    new FreeMoments(pool, { gpusPerNode, mayUseKept: false }, startMs).at(0) - startMs;
  expect(freeAtMs(4)).toBe(60_000);
  expect(freeAtMs(8)).toBe(5 * hourMs + 60_000);
});
