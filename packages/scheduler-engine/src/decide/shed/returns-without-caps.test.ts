import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { mixedHub } from "../../testing/test-mixed-hub.ts";
import { cappedHub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { isAnyoneOut } from "./held-at-floors.ts";

/** GPUs that take no caps: no steering grants a return. */
const uncapped = cappedHub().replace(/\n +gpuCap: .*/, "");
const lateMs = startMs + 90 * minuteMs;

/**
 * A job is paused for a target that is over after an hour, and its node tells half an hour late that it is gone. Another
 * target goes on, with room for it; a head was promised its start on the ground that it is back in time.
 */
class LateHub extends MeteredHub {
  readonly job: number;
  readonly head: number;

  constructor(headNodeCount: number, outOfService: readonly number[] = []) {
    super(uncapped);
    const walltime = milliseconds(4 * hourMs);
    this.job = this.run({ ...pausing, walltime });
    this.run({ walltime });
    this.cordon(...outOfService);
    this.head = this.run({ nodeCount: headNodeCount });
    const start = instant(startMs + 15 * minuteMs);
    const end = instant(startMs + 3 * hourMs);
    expect(this.curtail("long", { target: watts(15_000), start, end }).kind).toBe("done");
    const reply = this.curtail("short", {
      domain: this.hall("hall-1"),
      target: watts(8_000),
      start,
      end: instant(startMs + hourMs),
      giveUp: [50],
    });
    expect(reply.kind).toBe("done");
    this.silent.add(0);
    this.playUntil(lateMs);
  }

  get promised(): Reservation {
    const [first] = this.site.pools.flatMap((pool) => pool.reservations);
    return known(first, "promise");
  }

  nodesOf(job: number): readonly number[] {
    return this.attempts.filter((one) => one.job === job).flatMap(({ heldNodes }) => heldNodes);
  }
}

test("who takes no caps comes back from a pause before what was promised on the ground that it is done by then", () => {
  const hub = new LateHub(8);
  const { startAtMs } = hub.promised;
  hub.silent.clear();
  hub.playUntil(lateMs + 2 * minuteMs);
  expect(hub.nodesOf(hub.job)).toEqual([0]);
  hub.playUntil(startMs + 4 * hourMs);
  expect(hub.promised.job).toBe(hub.head);
  expect(hub.promised.startAtMs).toBeGreaterThan(startAtMs);
});

test("it is out of every target that it waits below, also when that for which it was paused is over", () => {
  const hub = new LateHub(8);
  const long = known(hub.state.curtailments.records.get("long"), "record");
  expect(isAnyoneOut(hub.state, hub.site, long)).toBe(false);
  hub.playUntil(startMs + 2 * hourMs);
  expect(isAnyoneOut(hub.state, hub.site, long)).toBe(true);
});

test("nodes are woken for it, too, that were to sleep until such a start", () => {
  const hub = new LateHub(7, [0]);
  expect(hub.promised.nodes).toEqual([1, 2, 3, 4, 5, 6, 7]);
  hub.silent.clear();
  hub.playUntil(lateMs + 2 * minuteMs);
  expect(hub.nodesOf(hub.job)).toEqual([2]);
});

test("what was promised on GPUs of another model than it ran on stays promised", () => {
  const hub = new MeteredHub(mixedHub());
  const walltime = milliseconds(4 * hourMs);
  hub.cordon(1, 2, 3);
  hub.run({ ...pausing, walltime });
  hub.run({ walltime, gpuModel: "A100" });
  hub.run({ nodeCount: 4, gpuModel: "A100" });
  const end = instant(startMs + hourMs);
  const reply = hub.curtail("short", {
    domain: hub.hall("hall-1"),
    target: watts(8_000),
    end,
    giveUp: [50],
  });
  expect(reply.kind).toBe("done");
  hub.playUntil(startMs + hourMs - minuteMs);
  expect([...hub.state.curtailments.paused.values()].map(({ nodes }) => nodes)).toEqual([[0]]);
  // Its own model has no node left.
  hub.cordon(0);
  const promisedMs = (): readonly number[] =>
    hub.site.pools.flatMap(({ reservations }) => reservations.map(({ startAtMs }) => startAtMs));
  const before = promisedMs();
  expect(before).toHaveLength(1);
  hub.playUntil(startMs + hourMs + 15 * minuteMs);
  expect(promisedMs()).toEqual(before);
});
