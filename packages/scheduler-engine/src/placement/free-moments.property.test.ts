import fc from "fast-check";
import { milliseconds } from "@ertis/quantities";
import { expect, it } from "vitest";
import { stopGraceMs } from "../limits.ts";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { withLifting } from "../power/what-if/lifting.ts";
import { cappedHub, Hub, hourMs } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import type { Attempt } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";
import { FreeMoments } from "./free-moments.ts";

const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;

/** One thing that happens; numbers choose among what is there. */
const step = fc.record({
  kind: fc.constantFrom("run", "run", "finish", "cap", "cordon", "cancel", "wait"),
  choice: fc.nat(1_000),
  gpusPerNode: fc.constantFrom(1, 4, 8),
  quarters: fc.integer({ min: 1, max: 30 }),
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function poolOf(hub: Hub): Pool {
  return known(hub.state.sites.get("hub")?.pools[0], "pool");
}

function play(hub: Hub, { kind, choice, gpusPerNode, quarters }: Step): void {
  const running: readonly Attempt[] = [...poolOf(hub).site.attempts];
  const one = running[choice % Math.max(1, running.length)];
  const walltime = milliseconds((quarters * hourMs) / 4);
  if (kind === "run") {
    // What does not fit waits, and may be promised a start and nodes.
    hub.run({ ...bending, nodeCount: 1 + (choice % 3), gpusPerNode, walltime });
  } else if (kind === "cordon") {
    hub.cordon(choice % 8);
  } else if (kind === "wait") {
    hub.wait(choice * 10_000);
  } else if (one !== undefined && kind === "finish") {
    hub.finish(one.job, one.task);
  } else if (one !== undefined && kind === "cancel") {
    hub.change("cancel-jobs", [one.job]);
  } else if (one !== undefined && one.phase === "running") {
    hub.setCap(one, 200 + (choice % 20) * 10, hub.nowMs + quarters * hourMs);
  }
}

/** Worked out anew. */
function momentOf(
  hub: Hub,
  node: number,
  gang: { readonly gpusPerNode: number; readonly mayUseKept: boolean },
): number {
  const { site } = poolOf(hub);
  const isKept = site.reservationOfNode[node]?.isLifted === false;
  if (site.nodeFlags[node] !== 0 || (isKept && !gang.mayUseKept)) {
    return Infinity;
  }
  const least = (site.nodeGpuCount[node] ?? 0) - gang.gpusPerNode;
  let held = site.gpusHeld[node] ?? 0;
  if (held <= least) {
    return hub.nowMs;
  }
  const ends = (site.attemptsOnNode[node] ?? []).toSorted(
    (a, b) => holdsUntilMs(a) - holdsUntilMs(b),
  );
  for (const attempt of ends) {
    held -= attempt.gpusPerNode;
    if (held <= least) {
      return Math.max(holdsUntilMs(attempt), hub.nowMs + stopGraceMs);
    }
  }
  return Infinity;
}

function expectAllTrue(hub: Hub): void {
  const pool = poolOf(hub);
  for (const gpusPerNode of [1, 4, 8, 9]) {
    for (const mayUseKept of [true, false]) {
      const gang = { gpusPerNode, mayUseKept };
      const moments = new FreeMoments(pool, gang, hub.nowMs);
      const nodes = [...pool.site.nodeFlags.keys()];
      const found = nodes.map((node) => moments.at(node));
      expect(found).toEqual(nodes.map((node) => momentOf(hub, node, gang)));
    }
  }
}

it("knows of every node when it is free, whatever has happened to it since it was asked", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const hub = new Hub(cappedHub(40));
      for (const one of steps) {
        play(hub, one);
        expectAllTrue(hub);
        const { site } = poolOf(hub);
        withLifting(site, (lifting) => {
          for (const attempt of [...site.attempts].slice(0, 2)) {
            lifting.lift(attempt);
          }
          expectAllTrue(hub);
        });
        expectAllTrue(hub);
      }
    }),
    { numRuns: 60 },
  );
});
