import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, MeteredHub, minuteMs, pausing } from "../testing/test-metered-hub.ts";
import { rampedHub } from "../testing/test-ramped-hub.ts";
import { Engine } from "../engine.ts";
import { encodeSnapshot, SnapshotReader } from "../history/snapshot.ts";
import type { EngineState } from "../state/engine-state.ts";

/** They only grow: what counts is whether they did since something was noted, and nothing is. */
const counters: ReadonlySet<string> = new Set([
  "releaseCount",
  "lookedAgainCount",
  "nodesLookedAhead",
  "sitesVersion",
  "finishedFrom",
]);

/** Every plain field of the state, of its sites and of their ramps, and what is noted in more than one value. */
function marksOf({ sites, ramps, ...state }: EngineState): readonly string[] {
  const parts: readonly (readonly [string, object])[] = [["state", state], ...sites, ...ramps];
  return parts.flatMap(([name, part]) =>
    Object.entries(part)
      .filter(([field, value]) => !counters.has(field) && (!isObject(value) || isMark(field)))
      .map(([field, value]) => `${name}.${field}: ${JSON.stringify(value, shown)}`),
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isMark(field: string): boolean {
  return ["squeezed", "squeezeTries", "gangsSeen", "leftAtMs", "yielding"].includes(field);
}

function shown(_key: string, value: unknown): unknown {
  const isMany = value instanceof Set || value instanceof Map;
  return isMany ? value.size : typeof value === "bigint" || value === Infinity ? `${value}` : value;
}

class GpuHub extends MeteredHub {
  override gpuWatts(): number {
    return 230;
  }
}

function restored(engine: Engine): Engine {
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(engine.state)) {
    reader.add(chunk);
  }
  return new Engine(engine.limits, reader.finish());
}

test("at any moment a restart leaves of what was noted as much as a state has that is made anew", () => {
  const ramped = rampedHub("10 kW/min over 60 s");
  const hub = new GpuHub(ramped);
  const noted = new Set<string>();
  const expectAlike = (): void => {
    const again = restored(hub.engine);
    const before = new Set(marksOf(again.state));
    marksOf(hub.state)
      .filter((mark) => !before.has(mark))
      .forEach((mark) => noted.add(mark.split(":")[0] ?? ""));
    for (const engine of [hub.engine, again]) {
      engine.execute({ kind: "restart", at: instant(hub.nowMs) });
    }
    expect(marksOf(hub.state).toSorted()).toEqual(marksOf(again.state).toSorted());
  };
  for (let count = 0; count < 4; count += 1) {
    hub.run(count % 2 === 0 ? bending : pausing);
    hub.run({ ...bending, nodeCount: 2, walltime: milliseconds((30 + 30 * count) * minuteMs) });
  }
  hub.budget("season", "hub", 38_000, [hub.nowMs]);
  hub.curtail("evening", { target: watts(25_000), start: instant(hub.nowMs + 20 * minuteMs) });
  for (let at = 0; at < 24; at += 1) {
    hub.playUntil(hub.nowMs + 4 * minuteMs);
    hub.beginAll();
    expectAlike();
  }
  // Else it would promise nothing.
  expect([...noted]).toEqual(
    expect.arrayContaining([
      "state.passedAtRelease",
      "hub.raisedInVainAt",
      "hub.squeezed",
      "hub.squeezeTries",
      "hub.gangsSeen",
      "hub.leftAtMs",
      "hub.capsAtMs",
      "hub.endsAtMs",
      "hub.waitUntilMs",
    ]),
  );
});
