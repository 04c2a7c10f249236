import { milliseconds, watts } from "@ertis/quantities";
import { describe, expect, it } from "vitest";
import type { JobSpec } from "../../words/job-spec.ts";
import { known } from "../../state/assert.ts";
import { explanationSentence } from "./sentence.ts";
import { startOptions } from "./start-options.ts";
import { cappedHub, explained, Hub, hourMs } from "../../testing/test-hub.ts";

const minuteMs = 60_000;

/** Does the job start at once when it is asked for so, in place of the one that waits? */
function startsWith(hub: Hub, waiting: number, changes: Partial<JobSpec>): boolean {
  hub.change("cancel-jobs", [waiting]);
  hub.place();
  const job = hub.run(changes);
  return hub.state.jobs.get(job)?.runningCount === 1;
}

describe("one change with which a waiting job starts at once", () => {
  it("fewer nodes, as many as fit", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
    const job = hub.run({ nodeCount: 8 });
    const explanation = explained(hub, job);
    expect(explanation.suggestion).toEqual({ kind: "fewer-nodes", nodeCount: 5 });
    expect(explanationSentence(explanation, { time: String })).toMatch(
      /with 3 nodes fewer it starts now$/,
    );
    expect(startsWith(hub, job, { nodeCount: 6 })).toBe(false);
    expect(startsWith(hub, job, { nodeCount: 5 })).toBe(true);
  });

  it("not fewer nodes than it is content with anyway: why it does not start on those is told", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 3, walltime: milliseconds(hourMs) });
    const job = hub.run({ nodeCount: 8, nodeCountMin: 2, walltime: milliseconds(10 * hourMs) });
    const explanation = explained(hub, job);
    expect(explanation).toMatchObject({ smallerNodeCount: 5, suggestion: undefined });
    expect(explanationSentence(explanation, { time: String })).toMatch(
      /on 5 of its 8 nodes it has room now, and would be done later than by waiting$/,
    );
  });

  it("fewer nodes than it is content with, told as a change of that number", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
    const asked = { nodeCount: 8, walltime: milliseconds(10 * hourMs) };
    const job = hub.run({ ...asked, nodeCountMin: 7 });
    const explanation = explained(hub, job);
    expect(explanation.suggestion).toEqual({ kind: "fewer-nodes", nodeCount: 5, leastNow: 7 });
    expect(explanationSentence(explanation, { time: String })).toMatch(
      /content with 5 nodes instead of at least 7 it starts now$/,
    );
    expect(startsWith(hub, job, { ...asked, nodeCountMin: 5 })).toBe(true);
  });

  it("not to be content with so few nodes that it would be done later than by waiting: so it would not start", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 3, walltime: milliseconds(hourMs) });
    const asked = { nodeCount: 8, walltime: milliseconds(10 * hourMs) };
    const job = hub.run({ ...asked, nodeCountMin: 7 });
    expect(explained(hub, job).suggestion).toBeUndefined();
    expect(startsWith(hub, job, { ...asked, nodeCountMin: 5 })).toBe(false);
  });

  it("fewer nodes only when at least half are left", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 5, walltime: milliseconds(10 * hourMs) });
    const job = hub.run({ nodeCount: 8 });
    expect(explained(hub, job).suggestion).toBeUndefined();
  });

  it("with fewer nodes it starts sooner, where none makes it start at once", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
    hub.run({ nodeCount: 3, walltime: milliseconds(hourMs) });
    const job = hub.run({ nodeCount: 8 });
    const explanation = explained(hub, job);
    const startMs = hub.nowMs + hourMs + minuteMs;
    expect(explanation.suggestion).toEqual({ kind: "fewer-nodes", nodeCount: 5, startMs });
    const time = (atMs: number): string => (atMs === startMs ? "14:20" : "later");
    expect(explanationSentence(explanation, { time })).toMatch(
      /with 3 nodes fewer it starts at 14:20, if nobody who waits goes before it$/,
    );
    hub.change("cancel-jobs", [job]);
    const smaller = hub.run({ nodeCount: 5 });
    expect(known(hub.state.sites.get("hub")?.pools[0]?.reservations[0], "start")).toMatchObject({
      job: smaller,
      startAtMs: startMs,
    });
  });

  it("nothing where fewer nodes save less than half of the wait", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
    hub.run({ nodeCount: 3, walltime: milliseconds(6 * hourMs) });
    const job = hub.run({ nodeCount: 8 });
    expect(explained(hub, job).suggestion).toBeUndefined();
  });

  it("fewer nodes than are free when watts end first, and says so", () => {
    const hub = new Hub();
    hub.budget("low", "hub", 60_000, [hub.nowMs]);
    const job = hub.run({ nodeCount: 8 });
    const explanation = explained(hub, job);
    expect(explanation.suggestion).toEqual({
      kind: "fewer-nodes",
      nodeCount: 5,
      boundBy: "power",
    });
    expect(explanationSentence(explanation, { time: String })).toMatch(
      /with 3 nodes fewer it starts now; there is no power for more$/,
    );
    expect(startsWith(hub, job, { nodeCount: 6 })).toBe(false);
    expect(startsWith(hub, job, { nodeCount: 5 })).toBe(true);
  });

  it("a cap names the tier that it takes, and none lower than the job's own", () => {
    const hub = new Hub(cappedHub());
    hub.budget("low", "hub", 33_000, [hub.nowMs]);
    const asked = { nodeCount: 8, workloadClass: "straight" };
    const job = hub.run({ ...asked, flexibilityTier: 25 });
    const explanation = explained(hub, job);
    expect(explanation.suggestion).toEqual({ kind: "lower-cap", capWatts: 200, tierPercent: 50 });
    expect(explanationSentence(explanation, { time: String })).toContain(
      "with tier 50 and a cap of 200 W a GPU it starts now",
    );
    expect(startsWith(hub, job, { ...asked, flexibilityTier: 50 })).toBe(true);
    const other = new Hub(cappedHub());
    other.budget("low", "hub", 33_000, [other.nowMs]);
    const stubborn = other.run({ ...asked, flexibilityTier: 25, capMin: watts(300) });
    expect(explained(other, stubborn).suggestion?.kind).not.toBe("lower-cap");
  });

  it("a walltime that ends before the next window", () => {
    const hub = new Hub();
    hub.budget("evening", "hub", 40_000, [hub.nowMs + 2 * hourMs]);
    const job = hub.run({ nodeCount: 8, walltime: milliseconds(4 * hourMs) });
    const explanation = explained(hub, job);
    expect(explanation.reason).toBe("never-fits-now");
    const walltimeMs = 2 * hourMs - minuteMs;
    expect(explanation.suggestion).toEqual({ kind: "shorter-walltime", walltimeMs });
    expect(startsWith(hub, job, { nodeCount: 8, walltime: milliseconds(walltimeMs) })).toBe(true);
  });

  it("nothing when nothing would help", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 8, walltime: milliseconds(10 * hourMs) });
    const job = hub.run({ nodeCount: 2 });
    expect(explained(hub, job).suggestion).toBeUndefined();
  });
});

describe("starts at full power and at each useful cap", () => {
  it("come no later with a lower cap, and take longer", () => {
    const hub = new Hub(cappedHub(15));
    hub.run({ nodeCount: 2, walltime: milliseconds(10 * hourMs) });
    hub.run({ nodeCount: 2, walltime: milliseconds(20 * hourMs) });
    const job = hub.submit({ nodeCount: 4, flexibilityTier: 50, workloadClass: "straight" });
    const options = optionsOf(hub, job);
    expect(options[0]).toMatchObject({ capWatts: 0, speedPermille: 1000 });
    expect(options.at(-1)).toMatchObject({ capWatts: 200, speedPermille: 500 });
    const bounds = options.map((option) => option.startMs ?? Infinity);
    expect(bounds).toEqual(bounds.toSorted((a, b) => b - a));
    const last = options.at(-1);
    expect((last?.endsByMs ?? 0) - (last?.startMs ?? 0)).toBe(2 * hourMs);
  });

  it("leave out a cap that starts no sooner than a higher one", () => {
    const hub = new Hub(cappedHub());
    // Nodes are what is missing.
    hub.run({ nodeCount: 8, capMin: watts(400), walltime: milliseconds(2 * hourMs) });
    const job = hub.submit({ nodeCount: 4, flexibilityTier: 50, workloadClass: "straight" });
    expect(optionsOf(hub, job)).toMatchObject([{ capWatts: 0, speedPermille: 1000 }]);
  });

  it("are left out for a job that tolerates no cap", () => {
    const hub = new Hub(cappedHub());
    const job = hub.submit({ nodeCount: 4, capMin: watts(400) });
    expect(optionsOf(hub, job)).toEqual([]);
  });
});

function optionsOf(hub: Hub, number: number): ReturnType<typeof startOptions> {
  const job = known(hub.state.jobs.get(number), "job");
  const pool = known(hub.state.sites.get("hub")?.pools[0], "pool");
  return startOptions(pool, job, hub.state.nowMs);
}
