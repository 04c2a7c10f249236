import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import { attemptOf, bending, capped, schedule } from "../../testing/test-full-hub.ts";
import { besidePromisedEnds } from "./beside-promised-ends.ts";
import { describeShed } from "./describe-shed.ts";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

/** Four idle nodes, GPUs of two at full power and of two at the lowest cap. */
const hallWatts = 4 * 2_000 + 2 * 3_200 + 2 * 1_600;

interface Promised {
  readonly hub: Hub;
  /** Runs for an hour at full power. */
  readonly short: number;
  /** Would make more of its watts. */
  readonly urgent: number;
  /** What is promised for then. */
  readonly start: Reservation;
}

interface Wish {
  /** What the short job has until then and the start needs. */
  readonly freed: "nodes" | "quota";
  readonly urgentTier?: 25 | 50;
}

function hallOf(hub: Hub, name: string): string {
  const { site } = known(hub.state.sites.get("hub"), "site");
  return known(
    site.domains.find(({ id }) => id.endsWith(name)),
    name,
  ).id;
}

/** Two jobs fill hall 1 and a budget of it, the urgent one at the lowest cap; those of hall 2 bend for nobody. */
function promisedHub({ freed, urgentTier = 50 }: Wish): Promised {
  const hub = new Hub(cappedHub());
  const quota = { guaranteedGpuCount: 24, guaranteed: watts(100_000), borrowableGpuCount: 0 };
  hub.engine.execute({
    kind: "set-accounts",
    at: instant(hub.nowMs),
    by: "olga",
    accounts: [{ id: "p1", weight: 1, quota }],
  });
  const [walltime, long] = [milliseconds(hourMs), milliseconds(20 * hourMs)];
  const gang = { ...bending, nodeCount: 2 } as const;
  const others = { nodeCount: 2, project: "o" } as const;
  const short = hub.run({ ...gang, walltime });
  const urgent = hub.run(
    { ...gang, ...others, walltime: long, priorityClass: "urgent", flexibilityTier: urgentTier },
    "bob",
  );
  hub.run({ ...others, walltime: long }, "bob");
  hub.run({ ...others, walltime: freed === "quota" ? walltime : long }, "bob");
  capped(hub, [[urgent, 200]]);
  hub.budget("night", hallOf(hub, "hall-1"), hallWatts, [hub.nowMs]);
  if (freed === "quota") {
    hub.cordon(...attemptOf(hub, short).heldNodes);
  }
  hub.run({ nodeCount: 2, walltime });
  return { hub, short, urgent, start: startOf(hub) };
}

function startOf(hub: Hub): Reservation {
  const site = known(hub.state.sites.get("hub"), "site");
  return known(site.pools.flatMap(({ reservations }) => reservations)[0], "the promised start");
}

/**
 * An emergency in hall 2 asks nothing of anybody: who is capped anywhere is looked at for what it leaves.
 * @returns the caps after each look
 */
function looked(promised: Promised): readonly (readonly number[])[] {
  const { hub } = promised;
  const end = instant(hub.nowMs + hourMs / 2);
  const reply = schedule(hub, { domain: hallOf(hub, "hall-2"), target: watts(30_000), end });
  expect(reply).toEqual({ kind: "done" });
  return Array.from({ length: 4 }, () => {
    hub.wait(10_000);
    const caps = capsOf(promised);
    acknowledge(hub);
    hub.place();
    return caps;
  });
}

function capsOf({ hub, short, urgent }: Promised): readonly number[] {
  return [short, urgent].map((job) => attemptOf(hub, job).capWatts);
}

test.each(["nodes", "quota"] as const)(
  "nobody falls for others' speed where a promised start counts on him being gone: his %s",
  (freed) => {
    const promised = promisedHub({ freed });
    const { hub, short, start } = promised;
    const own = attemptOf(hub, short).heldNodes;
    expect(start.nodes.some((node) => own.includes(node))).toBe(freed === "nodes");
    for (const caps of looked(promised)) {
      expect(caps).toEqual([0, 200]);
    }
    expect(startOf(hub)).toMatchObject({ job: start.job, startAtMs: start.startAtMs });
  },
);

test("he falls beyond that start for who is below its floor, and for a budget", () => {
  const beside = promisedHub({ freed: "nodes", urgentTier: 25 });
  expect(looked(beside).at(-1)?.[1]).toBe(300);
  const below = promisedHub({ freed: "nodes" });
  below.hub.budget("noon", hallOf(below.hub, "hall-1"), hallWatts - 1_600, [below.hub.nowMs]);
  expect(capsOf(below)[0]).toBe(200);
});

test("while others who stop still draw what is not there, he falls", () => {
  const { hub, short } = promisedHub({ freed: "nodes" });
  const site = known(hub.state.sites.get("hub"), "site");
  const { members, problem, group } = describeShed(hub.state, site, {
    ceiling: site.hardCeiling,
    counts: "cap",
    noticeMs: 0,
    atMs: hub.nowMs,
    record: undefined,
  });
  const own = known(
    members.find(({ job }) => job.number === short),
    "the short job",
  );
  const capBeside = (leaving: number): number | undefined => {
    const leavingScaled = problem.roomScaled.map(() => leaving);
    const described = { members, group, problem: { ...problem, leavingScaled } };
    const caps = new Map([[own.shed.id, 200]]);
    return besidePromisedEnds(hub.state, site, described, caps).get(own.shed.id);
  };
  expect([capBeside(0), capBeside(1)]).toEqual([400, 200]);
});
