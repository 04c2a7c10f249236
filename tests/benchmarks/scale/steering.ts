import type { Curtailment } from "@ertis/scheduler-engine";
import { startClock, type Took } from "../clock.ts";
import { curtailmentOf } from "./previews.ts";
import type { ScaleSite } from "./scale-site.ts";

const measuredEveryMs = 10_000;
const measurements = 40;
/** Targets that are tried, of what the feed counts: the first that keeps every floor is steered. */
const targetShares = [0.93, 0.94, 0.95, 0.96, 0.97, 0.98] as const;
/** Measurements begin to teach the steering a little before the start. */
const leadMs = 60_000;

/** Measurements while a planned curtailment of the feed begins and is steered. */
export function measureSteering(site: ScaleSite): readonly Took[] {
  const curtailment = schedule(site);
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

function schedule(site: ScaleSite): Curtailment {
  for (const share of targetShares) {
    const curtailment = curtailmentOf(site, { mode: "planned", at: 0, share });
    const reply = site.run({ kind: "schedule-curtailment", by: "operator", curtailment });
    if (reply.kind !== "rejected") {
      return curtailment;
    }
  }
  throw new Error("no target keeps every floor");
}
