import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { curtailment, fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { type DomainView, getDomain } from "./power-tree.ts";

test("what a curtailment that is over still holds back is told, with until when, where it holds it", () => {
  const hub = fullHub();
  const end = instant(hub.nowMs + 5 * minuteMs);
  const { ramp } = curtailment({ ramp: milliseconds(minuteMs) });
  const asked = { mode: "planned", target: watts(40_000), baseline: watts(42_600), end } as const;
  expect(schedule(hub, { ...asked, ramp })).toEqual({ kind: "done" });
  const view = (id: string): DomainView => known(getDomain(hub.state, "hub", id), id);
  expect(view("hub").givingBack).toBeUndefined();
  const step = (ms: number): void => {
    hub.wait(ms);
    hub.engine.execute({ kind: "tick", at: instant(hub.nowMs) });
  };
  step(5 * minuteMs + 1_000);
  const { givingBack, freeWatts, usableWatts, boundWatts } = view("hub");
  // What was shed comes back in a minute, the rest in another.
  expect(givingBack).toMatchObject({ curtailment: "evening", untilMs: Number(end) + 2 * minuteMs });
  expect(freeWatts).toBeLessThan(usableWatts - boundWatts);
  expect(freeWatts).toBeLessThanOrEqual(Math.max(0, (givingBack?.watts ?? 0) - boundWatts));
  expect(view("hub/sub-1").givingBack).toBeUndefined();
  step(2 * minuteMs);
  expect(view("hub").givingBack).toBeUndefined();
  expect(view("hub").freeWatts).toBe(view("hub").usableWatts - view("hub").boundWatts);
});
