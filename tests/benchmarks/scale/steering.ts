import { startClock, type Took } from "../clock.ts";
import { curtailmentOf } from "./previews.ts";
import type { ScaleSite } from "./scale-site.ts";

const measuredEveryMs = 10_000;
const measurements = 40;
/** Of what the feed counts; less would break floors. */
const steeredShare = 0.95;
/** Measurements begin to teach the steering a little before the start. */
const leadMs = 60_000;

/** Measurements while a planned curtailment of the feed begins and is steered. */
export function measureSteering(site: ScaleSite): readonly Took[] {
  const curtailment = curtailmentOf(site, { mode: "planned", at: 0, share: steeredShare });
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
    const stop = startClock();
    site.run(measured);
    site.settle();
    const took = stop();
    site.calmDown(1);
    return took;
  });
}
