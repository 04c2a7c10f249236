import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../state/assert.ts";
import { cappedHub, Hub, hourMs } from "../testing/test-hub.ts";

test("a promised start that is due asks for room of now alone: whoever was promised a start since counts on it", () => {
  // Below each hall there is room for two nodes at work.
  const hub = new Hub(cappedHub(15));
  const walltime = milliseconds(hourMs);
  const running = hub.run({ nodeCount: 2, walltime });
  hub.run({ nodeCount: 2, walltime: milliseconds(5 * hourMs) });
  const head = known(
    hub.state.jobs.get(hub.run({ nodeCount: 2, walltime: milliseconds(2 * hourMs) })),
    "head",
  );
  const later = hub.run({ nodeCount: 1, walltime });
  const site = known(hub.state.sites.get("hub"), "site");
  const pool = known(site.pools[0], "pool");
  const promised = known(pool.reservations[0], "promise");
  expect(promised.job).toBe(head.number);
  // As if its time were behind a curtailment that is over by then, which the ledger of its promise does not see.
  const other = [0, 1, 2, 3].find((node) => !promised.nodes.includes(node)) ?? -1;
  hub.engine.replay({
    at: instant(hub.nowMs),
    command: { kind: "place", at: instant(hub.nowMs) },
    events: [
      {
        kind: "reservation-made",
        job: later,
        site: "hub",
        gpuModel: pool.gpuModel,
        startAt: instant(promised.startAtMs + hourMs / 2),
        nodes: [other],
        isBeside: true,
      },
    ],
  });
  hub.nowMs = promised.startAtMs - 1;
  hub.finish(running);
  hub.wait(1);
  hub.place();
  expect(head.runningCount).toBe(1);
});
