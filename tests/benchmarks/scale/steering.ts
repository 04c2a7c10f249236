import { curtailmentOf } from "./previews.ts";
import type { ScaleSite } from "./scale-site.ts";

const measuredEveryMs = 10_000;
const measurements = 40;
/** Measurements begin to teach the steering a little before the start. */
const leadMs = 60_000;

/** Times of measurements while a planned curtailment of the feed begins and is steered, in ms. */
export function measureSteering(site: ScaleSite): readonly number[] {
  const curtailment = curtailmentOf(site, { mode: "planned", at: 0, share: 0.93 });
  const reply = site.run({ kind: "schedule-curtailment", by: "operator", curtailment });
  if (reply.kind === "rejected") {
    throw new Error(reply.message);
  }
  site.nowMs = Number(curtailment.start) - leadMs;
  site.run({ kind: "tick" });
  site.calmDown(1);
  return Array.from({ length: measurements }, () => {
    site.nowMs += measuredEveryMs;
    if (site.isTickDue()) {
      site.run({ kind: "tick" });
    }
    const measured = site.measurement();
    const started = performance.now();
    site.run(measured);
    site.settle();
    const ms = performance.now() - started;
    site.calmDown(1);
    return ms;
  });
}
