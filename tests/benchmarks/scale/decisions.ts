import type { Observation } from "@ertis/scheduler-engine";
import { startClock, type Took } from "../clock.ts";
import type { ScaleSite } from "./scale-site.ts";

/** Kinds of decisions, each followed by the placement passes that the writer loop gives it. */
export const decisionKinds = [
  "submit",
  "exit",
  "caps acknowledged",
  "programs run, victims gone",
  "measurement",
  "tick",
] as const;

export type DecisionKind = (typeof decisionKinds)[number];

export interface Sample extends Took {
  readonly kind: DecisionKind;
}

/** Acknowledgements that a site's executor puts into one report at most. */
const acknowledgedMax = 64;
/** Seconds between two measurements of all domains and attempts. */
const measuredEvery = 10;

/**
 * So many seconds of a full site, its own time a second a step: half of them a job ends, in the other
 * half one is submitted; whatever follows from that (caps acknowledged, programs begun, timers, a
 * measurement every ten seconds) is decided in its own turn. A sample is one command and its passes.
 */
export function measureDecisions(site: ScaleSite, seconds: number): readonly Sample[] {
  const samples: Sample[] = [];
  const sample = (kind: DecisionKind, command: () => void): void => {
    const stop = startClock();
    command();
    site.settle();
    samples.push({ kind, ...stop() });
  };
  for (let second = 0; second < seconds; second += 1) {
    site.nowMs += 1_000;
    sampleAnswers(site, sample);
    if (site.isTickDue()) {
      sample("tick", () => site.run({ kind: "tick" }));
    }
    if (second % measuredEvery === 0) {
      const measured = site.measurement();
      sample("measurement", () => site.run(measured));
    }
    if (site.random(2) === 0) {
      const recipe = site.drawQueued();
      const { owner } = recipe;
      const items = [site.itemOf(recipe)];
      sample("submit", () => site.run({ kind: "submit-jobs", owner, items }));
    } else {
      const ended = endOf(site);
      sample("exit", () => site.report(ended));
    }
  }
  return samples;
}

/** What nodes have to say in this second. */
function sampleAnswers(
  site: ScaleSite,
  sample: (kind: DecisionKind, command: () => void) => void,
): void {
  for (let left = site.ordered.size; left > 0; left -= acknowledgedMax) {
    const said = site.acknowledgements(acknowledgedMax);
    if (said.length > 0) {
      sample("caps acknowledged", () => site.report(said));
    }
  }
  const said = site.housekeeping();
  if (said.length > 0) {
    sample("programs run, victims gone", () => site.report(said));
  }
}

function endOf(site: ScaleSite): readonly Observation[] {
  const attempt = site.takeRunning();
  return attempt === undefined
    ? []
    : [
        { kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } },
        { kind: "stop-confirmed", attempt, nodes: [] },
      ];
}
