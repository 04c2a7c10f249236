import { instant, milliseconds, noEnergy, toMillijoules, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { SnapshotReader, encodeSnapshot } from "../../history/snapshot.ts";
import { stateDigest } from "../../history/digest.ts";
import { quotaText } from "../../placement/quota.ts";
import { explainOrder } from "../../read/accounts/explain-order.ts";
import { explainJob } from "../../read/explain/explain.ts";
import { planJob } from "../../read/explain/plan.ts";
import { getJob } from "../../read/jobs/jobs.ts";
import { cappedHub, Hub, hourMs, spec } from "../../testing/test-hub.ts";
import { agedAfterMs } from "../../limits.ts";
import type { Account } from "../../words/account.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import type { Reply } from "../../words/reply.ts";

function set(hub: Hub, accounts: readonly Account[]): Reply {
  const at = instant(hub.nowMs);
  return hub.engine.execute({ kind: "set-accounts", at, by: "olga", accounts }).reply;
}

function account(
  id: string,
  weight = 1,
  quota?: readonly [own: number, borrowed?: number],
): Account {
  const [own = 0, borrowed] = quota ?? [];
  return {
    id,
    weight,
    ...(quota === undefined
      ? {}
      : {
          quota: {
            guaranteedGpuCount: own,
            guaranteed: watts(own * 1000),
            ...(borrowed === undefined ? {} : { borrowableGpuCount: borrowed }),
          },
        }),
  };
}

const two = [account("north"), account("south"), account("north/p1"), account("south/p2")];

function runningOf(hub: Hub, project: string): number {
  let count = 0;
  for (const job of hub.state.jobs.after(0)) {
    count += job.spec.project === project ? job.runningCount : 0;
  }
  return count;
}

/** The hub has eight nodes. */
function submitMany(hub: Hub, project: string, count: number): void {
  for (let made = 0; made < count; made += 1) {
    hub.submit({ project });
  }
}

test("two tenants share by weight, also in one pass over an empty site", () => {
  const hub = new Hub();
  expect(set(hub, [account("north", 3), ...two.slice(1)]).kind).toBe("done");
  submitMany(hub, "p1", 20);
  submitMany(hub, "p2", 20);
  hub.place();
  expect([runningOf(hub, "p1"), runningOf(hub, "p2")]).toEqual([6, 2]);
});

test("without accounts the older job goes first", () => {
  const hub = new Hub();
  submitMany(hub, "p1", 20);
  submitMany(hub, "p2", 20);
  hub.place();
  expect([runningOf(hub, "p1"), runningOf(hub, "p2")]).toEqual([8, 0]);
});

test("who has used much waits for who has not, and a half-life later it counts half", () => {
  const hub = new Hub();
  set(hub, two);
  const jobs = Array.from({ length: 8 }, () => hub.run({ project: "p1" }));
  hub.wait(hourMs / 2);
  const late = hub.submit({ project: "p1" });
  const fresh = hub.submit({ project: "p2" });
  const why = explainOrder(hub.state, late, fresh);
  expect(why).toMatchObject({
    ahead: fresh,
    behind: late,
    reason: "share",
    accounts: ["south", "north"],
  });
  expect(why?.sentence).toMatch(/south has used 0 h .* north 1\.\d+ h/u);
  hub.finish(jobs[0] ?? 0);
  hub.place();
  expect([hub.state.jobs.get(fresh)?.runningCount, hub.state.jobs.get(late)?.runningCount]).toEqual(
    [1, 0],
  );
});

test("a guarantee goes before any share", () => {
  const hub = new Hub();
  set(hub, [
    account("north", 1000),
    account("south", 1, [16]),
    account("north/p1"),
    account("south/p2"),
  ]);
  submitMany(hub, "p1", 20);
  submitMany(hub, "p2", 20);
  hub.place();
  expect(runningOf(hub, "p2")).toBe(2);
  expect(explainOrder(hub.state, 19, 40)?.reason).toBe("share");
});

test("nobody holds more than guaranteed and borrowed together, and no start is kept meanwhile", () => {
  const hub = new Hub();
  set(hub, [
    account("north", 1, [8, 16]),
    account("north/p1"),
    account("south"),
    account("south/p2"),
  ]);
  submitMany(hub, "p1", 20);
  hub.place();
  expect(runningOf(hub, "p1")).toBe(3);
  const site = hub.state.sites.get("hub");
  expect(site?.pools[0]?.reservations[0]).toBeUndefined();
  expect(explainJob(hub.state, 4)).toMatchObject({
    reason: "quota",
    message: "account north may hold 24 GPUs and holds 24; this needs 8 more",
  });
  expect(planJob(hub.state, hub.engine.limits, spec({ project: "p1" }), "aida").kind).toBe("waits");
  const large = hub.submit({ project: "p1", nodeCount: 4 });
  expect(explainJob(hub.state, large)?.message).toBe(
    "account north may never hold more than 24 GPUs, and this needs 32: ask for at most 3 nodes of 8 GPUs, or have the quota raised",
  );
  hub.change("cancel-jobs", [large]);
  submitMany(hub, "p2", 20);
  hub.place();
  expect(runningOf(hub, "p2")).toBe(5);
  hub.finish(1);
  hub.place();
  expect([runningOf(hub, "p1"), runningOf(hub, "p2")]).toEqual([3, 5]);
});

test("watts of a quota are told to people in their unit", () => {
  const hub = new Hub();
  const guaranteed = watts(350_000_000);
  const quota = { guaranteedGpuCount: 0, guaranteed };
  expect(set(hub, [{ id: "north", weight: 1, quota }])).toMatchObject({
    code: "quota-too-large",
    message:
      "all tenants are guaranteed 350 MW together, and the sites have 64.0 kW for jobs, above fixed loads, cooling and what nodes draw idle; guarantee less (sites: 64 GPUs, 64.0 kW for jobs)",
  });
  const block = { account: "north", most: 350_000_000, held: 349_000_000, needed: 1_200_000 };
  expect(quotaText({ ...block, resource: "watts" })).toBe(
    "account north may hold 350 MW and holds 349 MW; this needs 1.20 MW more",
  );
});

test("a deadline and a long wait go ahead of shares", () => {
  const hub = new Hub();
  set(hub, two);
  Array.from({ length: 8 }, () =>
    hub.run({ project: "p1", walltime: milliseconds(20 * agedAfterMs) }),
  );
  const old = hub.submit({ project: "p1", priorityClass: "low" });
  const deadline = instant(hub.nowMs + 4 * hourMs);
  const pressed = hub.submit({ project: "p1", deadline });
  const fresh = hub.submit({ project: "p2" });
  expect(explainOrder(hub.state, fresh, pressed)?.ahead).toBe(fresh);
  hub.wait(2.8 * hourMs);
  expect(explainOrder(hub.state, fresh, pressed)).toMatchObject({
    ahead: pressed,
    reason: "deadline",
  });
  expect(explainOrder(hub.state, fresh, old)).toMatchObject({ ahead: fresh, reason: "class" });
  hub.wait(agedAfterMs);
  const newest = hub.submit({ project: "p2" });
  expect(explainOrder(hub.state, newest, old)).toMatchObject({ ahead: old, reason: "age" });
  hub.wait(agedAfterMs);
  const last = hub.submit({ project: "p2" });
  expect(explainOrder(hub.state, last, old)).toMatchObject({ ahead: old, reason: "aged-class" });
});

test("accounts that contradict themselves or the site are refused, and the old ones stand", () => {
  const hub = new Hub();
  set(hub, two);
  const halfGuarantee = { guaranteedGpuCount: 8, guaranteed: watts(0) };
  const refusals: readonly (readonly [readonly Account[], string])[] = [
    [[account("north", 1, [65])], "quota-too-large"],
    [[account("north"), account("north")], "account-twice"],
    [[account("north/p1")], "unknown-account"],
    [[account("North")], "invalid-account"],
    [[account("north", 0)], "invalid-account"],
    [[account("north", 1, [8, 57])], "quota-too-large"],
    [[{ id: "north", weight: 1, quota: halfGuarantee }], "invalid-account"],
  ];
  for (const [accounts, code] of refusals) {
    expect(set(hub, accounts)).toMatchObject({ kind: "rejected", code });
  }
  expect(hub.state.shares.declared).toEqual(two);
});

test("what was used and is held is the same after a restart, also of users nobody declared", () => {
  const hub = new Hub();
  set(hub, two);
  hub.run({ project: "p1" }, "aida");
  hub.wait(hourMs / 3);
  hub.run({ project: "p9" }, "bek");
  hub.wait(hourMs / 3);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  const restored = reader.finish();
  expect(stateDigest(restored)).toBe(stateDigest(hub.state));
  expect(restored.shares.accounts.map(({ id, held }) => [id, held.gpuCount])).toEqual([
    ["", 16],
    ["north", 8],
    ["south", 0],
    ["north/p1", 8],
    ["south/p2", 0],
    ["north/p1/aida", 8],
    ["(others)", 8],
    ["(others)/p9", 8],
    ["(others)/p9/bek", 8],
  ]);
});

test("new accounts keep what was used and is held", () => {
  const hub = new Hub();
  set(hub, two);
  const job = hub.run({ project: "p1" });
  hub.wait(hourMs / 2);
  set(hub, [...two, account("south/p3")]);
  const north = hub.state.shares.accounts.find(({ id }) => id === "north");
  expect(north?.held).toEqual({ gpuCount: 8, reservedWatts: 8000, admittedWatts: 8000 });
  expect((north?.usage.gpuTimeMs ?? 0) / (4 * hourMs)).toBeCloseTo(1, 1);
  hub.finish(job);
  expect(north?.held.gpuCount).toBe(0);
});

const bendable = {
  project: "p1",
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(10 * hourMs),
} as const;

test("caps rise only as far as every account above may hold watts, and the charge rises with them", () => {
  const hub = new Hub(cappedHub());
  const quota = { guaranteedGpuCount: 64, guaranteed: watts(5_000), borrowable: watts(0) };
  set(hub, [{ id: "north", weight: 1, quota }, account("north/p1")]);
  // Idle nodes and the fixed load take 17 kW: each job gets 2 kW of the 3.2 it could use.
  const jobs = [19_000, 21_000].map((ceiling) => {
    hub.budget("evening", "hub", ceiling, [hub.nowMs]);
    return hub.run(bendable);
  });
  const capsOf = (): readonly number[] =>
    jobs.map((job) => hub.state.jobs.get(job)?.active?.get(0)?.capWatts ?? -1);
  const heldWatts = (): number => hub.state.shares.accounts[1]?.held.reservedWatts ?? 0;
  expect([heldWatts(), capsOf()]).toEqual([4_000, [250, 250]]);
  hub.budget("evening", "hub", 300_000, [hub.nowMs]);
  for (let round = 0; round < 5; round += 1) {
    hub.wait(60_000);
    hub.place();
  }
  expect(heldWatts()).toBeGreaterThan(4_950);
  expect(heldWatts()).toBeLessThanOrEqual(5_000);
  // What it was given in the end is what it is charged for.
  const before = getJob(hub.state, jobs[0] ?? 0)?.energyUpperBound;
  hub.wait(1_000);
  const after = getJob(hub.state, jobs[0] ?? 0)?.energyUpperBound;
  const cap = capsOf()[0] ?? 0;
  expect(toMillijoules(after ?? noEnergy) - toMillijoules(before ?? noEnergy)).toBe(
    BigInt((3_200 - 8 * (400 - cap)) * 1_000),
  );
  set(hub, two);
  hub.place();
  expect(capsOf()).toEqual([0, 0]);
});

test("a job that bends starts as large as its account may ever hold, by nodes and by watts", () => {
  const started = (changes: Partial<JobSpec>, gpuCount: number, powerWatts: number): unknown => {
    const hub = new Hub(cappedHub());
    const guaranteed = { guaranteedGpuCount: gpuCount, guaranteed: watts(powerWatts) };
    const quota = { ...guaranteed, borrowableGpuCount: 0, borrowable: watts(0) };
    set(hub, [{ id: "north", weight: 1, quota }, account("north/p1")]);
    const job = hub.run({ ...bendable, nodeCount: 4, nodeCountMin: 4, ...changes });
    const placement = hub.state.jobs.get(job)?.active?.get(0)?.placement;
    return placement && [placement.nodes.length, placement.capWatts];
  };
  expect(started({ nodeCountMin: 1 }, 64, 25_600)).toEqual([4, 0]);
  expect(started({ nodeCountMin: 1, flexibilityTier: 0 }, 24, 25_600)).toEqual([3, 0]);
  expect(started({}, 64, 9_600)).toEqual([4, 300]);
  expect(started({}, 24, 25_600)).toBeUndefined();
  expect(started({ flexibilityTier: 0 }, 64, 9_600)).toBeUndefined();
});
