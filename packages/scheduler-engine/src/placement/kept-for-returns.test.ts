import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, MeteredHub, minuteMs, pausing } from "../testing/test-metered-hub.ts";
import { explainJob } from "../read/explain/explain.ts";
import { explanationSentence } from "../read/explain/sentence.ts";
import { cappedHub, hourMs, startMs } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";

const newcomer = { nodeCount: 1, walltime: milliseconds(10 * minuteMs) };

/** Four jobs fill the first hall; one is paused for an emergency there. */
function pausedHub(text: string = cappedHub()): MeteredHub {
  const hub = new MeteredHub(text);
  for (let job = 0; job < 4; job += 1) {
    hub.run(pausing);
  }
  hub.curtail("evening", {
    mode: "emergency",
    domain: hub.hall("hall-1"),
    target: watts(16_900),
    start: instant(hub.nowMs),
    end: instant(hub.nowMs + 5 * hourMs),
    ramp: milliseconds(0),
  });
  hub.playUntil(startMs + 2 * minuteMs);
  expect([...hub.state.curtailments.paused.values()]).toHaveLength(1);
  return hub;
}

function isRunning(hub: MeteredHub, job: number): boolean {
  return known(hub.state.jobs.get(job), "job").runningCount === 1;
}

function whyOf(hub: MeteredHub, job: number): string {
  return explanationSentence(known(explainJob(hub.state, job), "why"), {
    time: (atMs) => `${(atMs - startMs) / minuteMs} min`,
  });
}

test("a job that is paused for one hall keeps nobody from the other", () => {
  const hub = pausedHub();
  const job = hub.run(newcomer);
  expect(isRunning(hub, job)).toBe(true);
  expect(hub.attempts.find((one) => one.job === job)?.heldNodes).toEqual([4]);
});

test("below the curtailed domain it goes first, and `why` names the curtailment", () => {
  const hub = pausedHub();
  hub.cordon(4, 5, 6, 7);
  // A single GPU would fit in what three of four leave of the target.
  const job = hub.run({ ...newcomer, gpusPerNode: 1 });
  expect(isRunning(hub, job)).toBe(false);
  const [paused] = hub.state.curtailments.paused.values();
  expect(whyOf(hub, job)).toBe(
    `would fit, but curtailment "evening" of sub-1/hall-1 has paused job ${paused?.job}, which comes back first; it is over at 300 min`,
  );
  hub.playUntil(startMs + 5 * hourMs + 5 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
});

test("below a domain whose supply is lost it goes first, too, and nobody is promised its place", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(pausing);
  }
  hub.curtail("evening", {
    mode: "emergency",
    domain: hub.hall("hall-1"),
    target: watts(20_000),
    start: instant(hub.nowMs),
    end: instant(hub.nowMs + 5 * hourMs),
    ramp: milliseconds(0),
  });
  const domain = known(hub.site.domainIndexById.get(hub.hall("hall-2")), "hall-2");
  hub.report({ kind: "supply-lost", domain, remaining: watts(16_900) });
  hub.playUntil(startMs + 2 * minuteMs);
  const [paused] = hub.state.curtailments.paused.values();
  expect(paused?.nodes[0]).toBeGreaterThan(3);
  const job = hub.run({ ...newcomer, gpusPerNode: 1 });
  expect(isRunning(hub, job)).toBe(false);
  expect(hub.site.pools.flatMap((pool) => pool.reservations)).toEqual([]);
  expect(whyOf(hub, job)).toBe(
    `would fit, but job ${paused?.job} was paused since a supply of sub-1/hall-2 is lost, and comes back first`,
  );
  hub.report({ kind: "supply-back", domain });
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  expect(isRunning(hub, known(paused, "the paused task").job)).toBe(true);
});

test("above the curtailed domain the watts with which it comes back are kept", () => {
  // What all idle nodes draw, three of four at their lowest cap of 320 W, and a newcomer's 3.2 kW.
  const full = 1_000 + 8 * 2_000 + 4 * 8 * 400 + 3_200;
  const startsUnder = (limitWatts: number): boolean => {
    const hub = pausedHub(cappedHub().replace("limit: 250 kW", `limit: ${limitWatts} W`));
    return isRunning(hub, hub.run(newcomer));
  };
  expect(startsUnder(full)).toBe(true);
  expect(startsUnder(30_000)).toBe(false);
});

test("for a paused job that its owner cancels nothing is kept any more", () => {
  const hub = pausedHub();
  hub.cordon(4, 5, 6, 7);
  const job = hub.run({ ...newcomer, gpusPerNode: 1 });
  expect(isRunning(hub, job)).toBe(false);
  const [paused] = hub.state.curtailments.paused.values();
  hub.change("cancel-jobs", [paused?.job ?? 0]);
  hub.place();
  expect(hub.state.curtailments.paused.size).toBe(0);
  expect(whyOf(hub, job)).not.toContain("comes back first");
});

test("for a paused job that its owner holds nothing is kept, until its owner lets it go on", () => {
  const hub = pausedHub();
  hub.cordon(4, 5, 6, 7);
  const job = hub.run({ ...newcomer, gpusPerNode: 1 });
  const [paused] = hub.state.curtailments.paused.values();
  expect(isRunning(hub, job)).toBe(false);
  hub.change("hold-jobs", [paused?.job ?? 0]);
  hub.playUntil(hub.nowMs + minuteMs);
  expect(isRunning(hub, job)).toBe(true);
  hub.change("release-jobs", [paused?.job ?? 0]);
  hub.finish(job);
  hub.finish(known(hub.attempts[0], "another").job);
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  expect(isRunning(hub, paused?.job ?? 0)).toBe(true);
});

test("a promised start that is due has its watts, also where a paused job will come back with them", () => {
  // All idle nodes, three jobs at full power and the two nodes of the head, and a little less than the lowest cap of a fourth.
  const limitWatts = 1_000 + 8 * 2_000 + 5 * 3_200 + 400;
  const hub = new MeteredHub(cappedHub().replace("limit: 250 kW", `limit: ${limitWatts} W`));
  // By its walltime it is gone when the head is to start.
  const first = hub.run({ ...pausing, walltime: milliseconds(hourMs) });
  for (let job = 0; job < 3; job += 1) {
    hub.run({ ...bending, capMin: watts(320), walltime: milliseconds(5 * hourMs) });
  }
  const head = hub.run({ nodeCount: 2, walltime: milliseconds(hourMs) });
  hub.curtail("evening", {
    domain: hub.hall("hall-1"),
    target: watts(16_900),
    end: instant(startMs + 4 * hourMs),
    giveUp: [50],
  });
  const [promised] = hub.site.pools.flatMap((pool) => pool.reservations);
  const { startAtMs, job } = known(promised, "promise");
  expect(job).toBe(head);
  hub.playUntil(startAtMs);
  expect([...hub.state.curtailments.paused.values()].map((one) => one.job)).toEqual([first]);
  hub.playUntil(startAtMs + 10_000);
  expect(isRunning(hub, head)).toBe(true);
});
