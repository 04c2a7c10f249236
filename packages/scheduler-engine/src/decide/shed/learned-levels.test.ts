import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { capInForce } from "../../state/caps.ts";
import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** Jobs that draw another part of their curve, always; or the same under every cap that allows it. */
class LevelHub extends MeteredHub {
  readonly #levels: readonly number[];
  readonly #isHeldBack: boolean;
  readonly hasMeters: boolean;

  constructor(levels: readonly number[], { isHeldBack = true, hasMeters = false } = {}) {
    super();
    this.#levels = levels;
    this.#isHeldBack = isHeldBack;
    this.hasMeters = hasMeters;
    for (const _ of levels) {
      this.run({ ...bending, flexibilityTier: 25 });
    }
    for (const { job, task, attempt } of this.attempts) {
      this.report({ kind: "attempt-running", attempt: { job, task, attempt } });
    }
    this.playUntil(this.nowMs + hourMs);
  }

  override drawShare(one: Attempt): number {
    const level = this.#levels[one.job - 1] ?? 1;
    const cap = capInForce(one, one.heldNodes[0] ?? -1) || 400;
    return 0.95 * (this.#isHeldBack ? level : Math.min(1, (400 * level) / cap));
  }

  override gpuWatts(one: Attempt): number | undefined {
    const cap = capInForce(one, one.heldNodes[0] ?? -1) || 400;
    return this.hasMeters ? Math.round(cap * this.drawShare(one)) : undefined;
  }

  get drawWatts(): number {
    return known(this.drawnWatts[0], "feed")[1];
  }

  asked(part: number, inMinutes: number): Curtailment {
    const start = instant(this.nowMs + inMinutes * minuteMs);
    return {
      id: "noon",
      site: "hub",
      domain: "hub",
      mode: "planned",
      target: watts(Math.round(this.drawWatts * part)),
      baseline: watts(0),
      start,
      end: instant(toNumber(start) + hourMs),
      ramp: milliseconds(5 * minuteMs),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(this.nowMs),
    };
  }
}

/** A quarter less and a tenth more than their curves say. */
const mixed = [0.75, 1.1, 0.75, 1.1, 0.75, 1.1, 0.75, 0.75];

test.each([
  ["learned in the minutes before the start", 15, { hasMeters: false }],
  ["known from the meters of GPUs, without notice", 0, { hasMeters: true }],
])("what jobs always draw is %s: tiers are kept and the target is used", (_, notice, meters) => {
  const hub = new LevelHub(mixed, meters);
  const asked = hub.asked(0.95, notice);
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  const startMs = toNumber(asked.start) + 5 * minuteMs;
  let [wattMs, mostWidened] = [0, 0];
  hub.playUntil(toNumber(asked.end), () => {
    wattMs += hub.nowMs > startMs ? hub.drawWatts * 10_000 : 0;
    const record = hub.state.curtailments.records.get("noon");
    mostWidened = Math.max(mostWidened, record?.widenedBy ?? 0);
  });
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  expect(mostWidened).toBe(0);
  for (const { lossPercent, tierPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
  }
  const used = wattMs / (55 * minuteMs) / toNumber(asked.target);
  expect(used).toBeGreaterThan(0.98);
});

test("a preview asks nobody for watts that idle nodes bring, where jobs were measured to need less than their curves", () => {
  // Six jobs that draw little under any cap, and two idle nodes of 2 kW.
  const hub = new LevelHub([0.6, 0.6, 0.55, 0.6, 0.7, 0.6], { isHeldBack: false, hasMeters: true });
  const asked = { ...hub.asked(1, 30), target: watts(hub.drawWatts - 2_500) };
  const answer = previewCurtailment(hub.state, asked);
  expect(answer).toMatchObject({ kind: "preview" });
  const { forecast } = answer.kind === "preview" ? answer : { forecast: undefined };
  expect(forecast?.nodesOffCount).toBe(2);
  // But for the minute in which they go off.
  const losses = forecast?.jobs.map(({ lossPercent }) => lossPercent) ?? [];
  expect(Math.max(...losses)).toBeLessThan(0.5);
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.playUntil(toNumber(asked.end));
  const { minutesOverCount } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  expect(hub.attempts.every(({ capWatts }) => capWatts === 0)).toBe(true);
});
