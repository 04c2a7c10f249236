import { instant, milliseconds, watts } from "@ertis/quantities";
import { type Curtailment, previewCurtailment } from "@ertis/scheduler-engine";
import { startClock, type Took } from "../clock.ts";
import type { ScaleSite } from "./scale-site.ts";

export interface PreviewTime extends Took {
  readonly name: string;
  /** What it said: jobs capped and paused, or why not. */
  readonly answer: string;
}

const hourMs = 3_600_000;
const noticeMs = 900_000;

interface Asked {
  readonly mode: Curtailment["mode"];
  /** Position of the domain. */
  readonly at: number;
  /** Of what the domain counts now. */
  readonly share: number;
}

const cases: readonly Asked[] = [
  // As much as the floors allow, or nearly.
  { mode: "planned", at: 0, share: 0.95 },
  { mode: "emergency", at: 0, share: 0.95 },
  // More than they leave: refused, with the smallest target that keeps them, which takes longer to find.
  { mode: "planned", at: 0, share: 0.9 },
  { mode: "emergency", at: 0, share: 0.9 },
  { mode: "emergency", at: 0, share: 0.85 },
  { mode: "emergency", at: 0, share: 0.6 },
  { mode: "planned", at: 1, share: 0.9 },
  { mode: "emergency", at: 2, share: 0.9 },
];

/** The dry run of the shed decision for the feed, a substation and a hall. Nothing is changed. */
export function measurePreviews(site: ScaleSite): readonly PreviewTime[] {
  return cases.map((asked) => {
    const curtailment = curtailmentOf(site, asked);
    const stop = startClock();
    const preview = previewCurtailment(site.engine.state, curtailment);
    const took = stop();
    const name = `${asked.mode}, ${curtailment.domain}, −${Math.round((1 - asked.share) * 100)} %`;
    if (preview.kind === "rejected") {
      return { name, ...took, answer: preview.code };
    }
    const { jobs } = preview.forecast;
    const count = (effect: (typeof jobs)[number]["effect"]): number =>
      jobs.filter((job) => job.effect === effect).length;
    const answer = `${count("capped")} capped, ${count("paused")} paused, ${count("untouched")} untouched`;
    return { name, ...took, answer };
  });
}

export function curtailmentOf(site: ScaleSite, { mode, at, share }: Asked): Curtailment {
  const { id, countedWatts } = site.domain(at);
  const startMs = site.nowMs + (mode === "planned" ? noticeMs : 0);
  return {
    id: `${mode}-${at}-${share}`,
    site: site.siteId,
    domain: id,
    mode,
    target: watts(Math.round(countedWatts * share)),
    baseline: watts(Math.round(countedWatts)),
    start: instant(startMs),
    end: instant(startMs + hourMs),
    ramp: milliseconds(300_000),
    reason: "benchmark",
    setBy: "operator",
    noticedAt: instant(site.nowMs),
  };
}
