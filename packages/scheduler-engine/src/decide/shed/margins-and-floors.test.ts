import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { assert, known } from "../../state/assert.ts";
import { attemptOf } from "../../testing/test-full-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { isHeldAtFloors } from "./held-at-floors.ts";

/** The feed drew so much in the time since the last measurement, and each that runs now 392 W a GPU and idle nodes. */
function measure(hub: MeteredHub, feedWatts: number): void {
  hub.engine.execute({
    kind: "measure",
    at: instant(hub.nowMs),
    site: "hub",
    domains: [{ domain: 0, watts: feedWatts }],
    attempts: hub.attempts.map(({ job, task, attempt, heldNodes }) => ({
      attempt: { job, task, attempt },
      watts: heldNodes.length * (2_000 + 8 * 392),
    })),
  });
}

function leave(hub: MeteredHub, job: number): void {
  assert(attemptOf(hub, job).phase === "stopping", "its pause is planned");
  const attempt = { job, task: 0, attempt: 1 };
  const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
  hub.report(
    { kind: "checkpointed", attempt },
    { kind: "attempt-exited", attempt, outcome },
    { kind: "stop-confirmed", attempt, nodes: [] },
  );
}

test("what those drew who pause is in the means of their last minute, and nobody else pauses for that", () => {
  const hub = new MeteredHub();
  for (let node = 0; node < 6; node += 1) {
    hub.run({ ...pausing, flexibilityTier: 10, capMin: watts(0) });
  }
  const paused = hub.run({ ...pausing, nodeCount: 2 });
  // Once a minute: what is not known yet of the noise of a minute makes margins wide at first.
  hub.nowMs += 10 * minuteMs;
  measure(hub, 42_090);
  hub.nowMs += minuteMs - 3_000;
  // 17 kW idle and fixed and 6 × 2,736 W by the curve at 360 W, which is 90 % of full speed: 33.4 kW are left
  // without it. By what is measured it will be 33.9 kW: with a margin the floors do not fit any more.
  const asked = { target: watts(34_100), baseline: watts(42_090), giveUp: [50] as const };
  const ramp = milliseconds(30_000);
  const window = { start: instant(hub.nowMs), end: instant(hub.nowMs + 30 * minuteMs) };
  expect(hub.curtail("noon", { ...asked, ramp, ...window })).toEqual({ kind: "done" });
  hub.wait(0);
  hub.nowMs += 3_000;
  measure(hub, 42_090);
  hub.nowMs += minuteMs - 3_000;
  leave(hub, paused);
  hub.nowMs += 3_000;
  measure(hub, 41_800);
  const record = known(hub.state.curtailments.records.get("noon"), "record");
  expect(isHeldAtFloors(hub.state, hub.site, record)).toBe(true);
  expect(record.widenedBy).toBe(0);
  const others = hub.attempts.filter(({ phase }) => phase === "stopping");
  expect(others).toEqual([]);
});

class SlowHub extends MeteredHub {
  override get periodMs(): number {
    return minuteMs;
  }
}

test("what was drawn in the last minutes under higher caps does not tell whether floors hold the target now", () => {
  const hub = new SlowHub();
  for (let node = 0; node < 8; node += 1) {
    hub.run(bending);
  }
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  // 41.3 kW at full power, and 29.2 at floors. The ramp falls by 1.9 kW a minute.
  const ramp = milliseconds(6 * minuteMs);
  const start = instant(hub.nowMs + 15 * minuteMs);
  expect(hub.curtail("noon", { target: watts(30_000), ramp, start })).toEqual({ kind: "done" });
  hub.playUntil(Number(start) + 4 * minuteMs);
  const record = known(hub.state.curtailments.records.get("noon"), "record");
  const held: boolean[] = [];
  hub.playUntil(Number(start) + 9 * minuteMs, () =>
    held.push(isHeldAtFloors(hub.state, hub.site, record)),
  );
  expect(held).toEqual([true, true, true, true, true]);
});
