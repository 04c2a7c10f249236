import { expect, test } from "vitest";
import { attemptsOf, cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { refreshCounts } from "../free-counts.ts";
import { withLifted } from "./lifted.ts";
import { withLifting } from "./lifting.ts";
import { withLowering } from "./lowering.ts";
import { withOwnNodes } from "./own-nodes.ts";
import { withPromisesUndone } from "./promises-undone.ts";
import { withTrial } from "./trial.ts";
import { nodeAsleep, nodeOff } from "../../state/site-state.ts";
import { sleepingNodes } from "../sleeping-nodes.ts";

const broken = (): never => {
  throw new Error("broken");
};

/** One job runs on seven of eight nodes, one of two nodes waits for it with a promised start. */
function promisedHub(): Hub {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 7, flexibilityTier: 50, workloadClass: "straight" });
  hub.run({ nodeCount: 2 });
  return hub;
}

test("whatever is changed to answer a question is as it was, also when the question throws", () => {
  const hub = promisedHub();
  const site = known(hub.state.sites.get("hub"), "hub");
  const running = known(attemptsOf(hub)[0], "attempt");
  const kept = known(site.pools[0]?.reservations[0], "promised start");
  const idle = site.gpusHeld.indexOf(0);
  site.returnNodes.set(idle, { gpusPerNode: 8, capWatts: 0, untilMs: 0 });
  refreshCounts(site, idle);
  const ledger = (): string => `${hub.ledger()} ${JSON.stringify([...site.returnNodes])}`;
  const before = ledger();
  /** That something changed is seen before it throws. */
  const failing = (): never => {
    expect(ledger()).not.toBe(before);
    return broken();
  };
  const questions: readonly (() => unknown)[] = [
    () =>
      withTrial(site, site.horizons, Infinity, (trial) => {
        trial.add(idle, { gpusPerNode: 8, capWatts: 0, floorCapWatts: 0 });
        return failing();
      }),
    () =>
      withLifting(site, (lifting) => {
        lifting.lift(running);
        return failing();
      }),
    () =>
      withLowering(site, "now", (lowering) => {
        lowering.lower(running, 200);
        return failing();
      }),
    () =>
      withLowering(site, "good", (lowering) => {
        lowering.lower(running, 200);
        return failing();
      }),
    () => withLifted([kept], failing),
    () => withOwnNodes(site, { nodes: [idle], isShrinking: true }, failing),
    () =>
      withPromisesUndone(hub.state, () => {
        kept.pool.reservations = [];
        return failing();
      }),
  ];
  for (const ask of questions) {
    expect(ask).toThrow("broken");
    expect(ledger()).toBe(before);
  }
});

test("who slept while a question was answered is not taken for who sleeps when as much has been released since", () => {
  const { state } = promisedHub();
  const site = known(state.sites.get("hub"), "hub");
  const pool = known(site.pools[0], "pool");
  withPromisesUndone(state, (trial) => {
    trial.releaseCount += 1;
    expect(sleepingNodes(trial, pool)).toEqual([]);
  });
  state.releaseCount += 1;
  site.nodeFlags[7] = nodeOff | nodeAsleep;
  expect(sleepingNodes(state, pool)).toEqual([7]);
});
