import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** When all of these begin, and until when they last. */
const beginMs = startMs + 15 * minuteMs;
const start = instant(beginMs);
const end = instant(beginMs + hourMs);

interface Target {
  readonly id: string;
  readonly domain: string;
  readonly watts: number;
}

/** Eight jobs fill both halls; targets are announced in this order. Mean draw once they hold, by id. */
function play(...targets: readonly Target[]): ReadonlyMap<string, number> {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(bending);
  }
  for (const { id, domain, watts: target } of targets) {
    const at = domain === "hub" ? domain : hub.hall(domain);
    expect(hub.curtail(id, { domain: at, target: watts(target), start, end })).toEqual({
      kind: "done",
    });
  }
  hub.playUntil(beginMs + hourMs);
  const means = new Map<string, number>();
  for (const { id } of targets) {
    const { minutes, minutesOverCount } = known(complianceOf(hub.state, id), id);
    expect(minutesOverCount, `minutes of ${id} over its target`).toBe(0);
    const held = minutes.slice(10);
    means.set(id, held.reduce((sum, { mean }) => sum + Number(mean), 0) / held.length);
  }
  return means;
}

const wide: Target = { id: "wide", domain: "hub", watts: 36_000 };
const deep: Target = { id: "deep", domain: "hub", watts: 32_000 };
const hall: Target = { id: "hall", domain: "hall-1", watts: 15_000 };
/** The other hall draws 20.2 kW at most: to use this one, the inner one must be used, too. */
const feed: Target = { id: "feed", domain: "hub", watts: 36_000 };

test("of two planned targets on one domain the lower one is steered to, whichever was announced first", () => {
  for (const targets of [
    [wide, deep],
    [deep, wide],
  ]) {
    const mean = play(...targets).get("wide");
    expect(mean).toBeGreaterThan(0.99 * deep.watts);
  }
});

test("a planned target inside another: both are kept, and what the inner one leaves is used outside", () => {
  for (const targets of [
    [feed, hall],
    [hall, feed],
  ]) {
    expect(play(...targets).get("feed")).toBeGreaterThan(0.99 * feed.watts);
  }
});
