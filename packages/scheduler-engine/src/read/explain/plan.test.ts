import { describe, expect, it } from "vitest";
import { instant, milliseconds } from "@ertis/quantities";
import { defaultLimits } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import { explainJob } from "./explain.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { type JobPlan, planJob } from "./plan.ts";
import { explanationSentence } from "./sentence.ts";
import { Hub, hourMs, smallHub, spec, startMs } from "../../testing/test-hub.ts";

type Changes = NonNullable<Parameters<typeof spec>[0]>;

/** A plan, with a check that planning changed nothing. */
function plan(hub: Hub, changes: Changes = {}): JobPlan {
  const before = hub.ledger();
  const result = planJob(hub.state, defaultLimits, spec(changes), "aida");
  expect(hub.ledger()).toBe(before);
  return result;
}

/** Hours and minutes after the start of the test. */
const format = {
  time: (epochMs: number) => {
    const minutes = Math.floor((epochMs - startMs) / 60_000);
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  },
};

function sentence(hub: Hub, job: number): string {
  const explanation = explainJob(hub.state, job);
  return explanation === undefined ? "" : explanationSentence(explanation, format);
}

describe("planJob", () => {
  it("refuses what a submit refuses", () => {
    const hub = new Hub();
    expect(plan(hub, { nodeCount: 9 })).toMatchObject({ kind: "rejected", code: "never-fits" });
    expect(plan(hub, { gpuModel: "H9" })).toMatchObject({ code: "unknown-gpu-model" });
    const dependencies = [{ job: 7, condition: "after-ok" } as const];
    expect(plan(hub, { dependencies })).toMatchObject({ code: "unknown-dependency" });
    const limits = { ...defaultLimits, jobsUnfinishedMax: 0 };
    expect(planJob(hub.state, limits, spec(), "aida")).toMatchObject({ code: "too-many-jobs" });
  });

  it("finds the very placement that a submit then gets", () => {
    const hub = new Hub();
    hub.run({ gpusPerNode: 3 });
    const changes = { nodeCount: 2, gpusPerNode: 4, taskCount: 10 };
    const planned = plan(hub, changes);
    expect(planned).toMatchObject({
      kind: "start-now",
      site: "hub",
      gpuModel: "H100",
      gpuCount: 8,
      powerReservedWatts: 8000,
      energyUpperBound: 8000n * BigInt(hourMs) * 10n,
    });
    const job = hub.run(changes);
    const attempt = hub.state.jobs.get(job)?.active?.get(0);
    const ids = hub.state.sites.get("hub")?.site.nodes ?? [];
    expect(planned.kind === "start-now" ? planned.nodes.map((one) => one.node) : []).toEqual(
      attempt?.placement.nodes.map((node) => ids[node]?.id),
    );
  });

  it("waits where the job would wait, and respects what is kept for the head", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
    const head = hub.run({ nodeCount: 8 });
    expect(plan(hub)).toMatchObject({ kind: "start-now" });
    const long = { walltime: milliseconds(5 * hourMs) };
    expect(plan(hub, long)).toMatchObject({
      kind: "waits",
      explanation: { reason: "behind-others", head: { job: head } },
    });
    expect(plan(hub, { isHeld: true })).toMatchObject({ explanation: { reason: "held" } });
    const beginAt = instant(startMs + hourMs);
    expect(plan(hub, { beginAt })).toMatchObject({ explanation: { reason: "begin-time" } });
  });
});

describe("a begin that is no start", () => {
  const beginAt = instant(startMs + hourMs / 4);

  it("is put off to when what runs leaves room", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 8, walltime: milliseconds(2 * hourMs) });
    expect(plan(hub, { beginAt })).toMatchObject({
      explanation: { reason: "begin-time", startLowerBoundMs: startMs + 2 * hourMs },
    });
    expect(plan(hub, { beginAt: instant(startMs + 3 * hourMs) })).toMatchObject({
      explanation: { reason: "begin-time", startLowerBoundMs: startMs + 3 * hourMs },
    });
    const job = hub.run({ beginAt });
    expect(sentence(hub, job)).toContain("begins no earlier than 0:15; earliest start 2:00");
  });

  it("is not told as the earliest start where another's promised start comes first", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
    hub.run({ nodeCount: 8 });
    const job = hub.run({ beginAt, walltime: milliseconds(5 * hourMs) });
    expect(explainJob(hub.state, job)).toMatchObject({
      reason: "begin-time",
      startLowerBoundMs: undefined,
    });
    expect(sentence(hub, job)).toMatch(
      /^begins no earlier than 0:15; as things are, a start is possible by about 3:/,
    );
  });
});

describe("the start that planJob says would be kept", () => {
  it("is the one that a submit is promised, with nodes, cap, watts and energy", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
    const changes = { nodeCount: 8, walltime: milliseconds(3 * hourMs) };
    const planned = plan(hub, changes);
    const promised = known(planned.kind === "waits" ? planned.promised : undefined, "a promise");
    expect(promised).toMatchObject({
      site: "hub",
      gpuModel: "H100",
      capWatts: 0,
      speedPermille: 1000,
      powerReservedWatts: 64_000,
      energyUpperBound: 64_000n * 3n * BigInt(hourMs),
    });
    expect(promised.endsByMs - promised.startAtMs).toBe(3 * hourMs);
    hub.run(changes);
    const kept = known(hub.state.sites.get("hub")?.pools[0]?.reservations[0], "what is kept");
    expect(promised.startAtMs).toBe(kept.startAtMs);
    const ids = hub.state.sites.get("hub")?.site.nodes ?? [];
    expect(promised.nodes).toEqual(kept.nodes.map((node) => ids[node]?.id));
    // While that is kept, nothing is kept for another of its class.
    expect(plan(hub, changes)).toMatchObject({ kind: "waits", promised: undefined });
  });

  it("is none for who is held, or waits for another", () => {
    const hub = new Hub();
    const first = hub.run({ nodeCount: 8 });
    expect(plan(hub, { isHeld: true })).toMatchObject({ promised: undefined });
    const dependencies = [{ job: first, condition: "after-ok" } as const];
    expect(plan(hub, { dependencies })).toMatchObject({ promised: undefined });
  });
});

describe("explanationSentence", () => {
  it("tells the binding budget in one line", () => {
    const hub = new Hub();
    hub.budget("winter-evening", "hub/sub-1", 30_000, [startMs, startMs + 90 * 60_000]);
    hub.run({ walltime: milliseconds(8 * hourMs) });
    const first = hub.run();
    const second = hub.run({ gpusPerNode: 7 });
    expect(sentence(hub, first)).toMatch(
      /^waits for power: sub-1 has 5\.00 kW free of 30\.0 kW, needs 8\.00 kW; budget "winter-evening" \(30\.0 kW until 1:30\) binds; a start is kept for it at \d:\d\d; earliest start 1:30 if nothing ends before its walltime$/,
    );
    expect(sentence(hub, second)).toContain(
      "; 1 job is ahead (job 2 is older); earliest start 1:30 if nothing ends before its walltime",
    );
  });

  it("tells every other reason", () => {
    const hub = new Hub(smallHub(39));
    const held = hub.submit({ isHeld: true });
    const later = hub.submit({ beginAt: instant(startMs + hourMs) });
    const after = hub.submit({ dependencies: [{ job: held, condition: "after-ok" }] });
    const array = hub.run({ taskCount: 9, taskThrottle: 2, gpusPerNode: 1 });
    expect(sentence(hub, held)).toBe("is held until it is released");
    expect(sentence(hub, later)).toBe("begins no earlier than 1:00");
    expect(sentence(hub, after)).toBe(`waits for the end of job ${held}`);
    expect(sentence(hub, array)).toBe(
      "waits for its own array: 2 of at most 2 tasks run; earliest start 1:00 if nothing ends before its walltime",
    );
    hub.run({ nodeCount: 6 });
    const power = hub.run();
    expect(sentence(hub, power)).toContain("its limit binds");
  });

  it("tells what is free on nodes and what is out of service", () => {
    const hub = new Hub();
    for (let count = 0; count < 7; count += 1) {
      hub.run({ gpusPerNode: 6 });
    }
    const two = hub.run({ nodeCount: 2 });
    expect(sentence(hub, two)).toContain(
      "waits for GPUs: hub has 1 node with 8 free H100 GPUs, and 14 free GPUs on nodes with too few of them, needs 2",
    );
    hub.change("cancel-jobs", [two]);
    hub.cordon(7);
    const job = hub.run();
    expect(sentence(hub, job)).toContain("waits for nodes: hub has 0 nodes");
    expect(sentence(hub, job)).toContain("1 cordoned");
  });
});

describe("withLifted", () => {
  it("puts reservations back when the question throws", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4 });
    hub.run({ nodeCount: 8 });
    const before = hub.ledger();
    const reservation = hub.state.sites.get("hub")?.pools[0]?.reservations[0];
    const ask = (): never => {
      expect(hub.ledger()).not.toBe(before);
      throw new Error("broken");
    };
    expect(() => withLifted(reservation === undefined ? [] : [reservation], ask)).toThrow("broken");
    expect(hub.ledger()).toBe(before);
  });
});

describe("the network of a plan", () => {
  const rack = (hall: number, at: number): string => `sub-1/hall-${hall}/row-1/rack-${at}`;
  const leaves = `{level: leaf, domains: {a: [${rack(1, 1)}, ${rack(2, 1)}], b: ${rack(1, 2)}}, source: assumption}`;
  const text = smallHub().replace("feed:\n", `fabric:\n  - ${leaves}\nfeed:\n`);

  it("is the smallest switch that holds all nodes", () => {
    const hub = new Hub(text);
    expect(plan(hub, { nodeCount: 4 })).toMatchObject({
      network: { isKnown: true, place: { level: "leaf", domain: "a" } },
    });
    expect(plan(hub, { nodeCount: 2 })).toMatchObject({ network: { place: { domain: "b" } } });
    const wide = plan(hub, { nodeCount: 6 });
    expect(wide).toMatchObject({ kind: "start-now", network: { isKnown: true } });
    expect(wide.kind === "start-now" && wide.network.place).toBeUndefined();
  });

  it("is not known where the site file does not describe it", () => {
    expect(plan(new Hub(), { nodeCount: 2 })).toMatchObject({ network: { isKnown: false } });
  });
});
