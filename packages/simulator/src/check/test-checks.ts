import { instant, milliseconds, watts } from "@ertis/quantities";
import type { AttemptKey, Curtailment, Event } from "@ertis/scheduler-engine";
import { openSite } from "../run/open-site.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { Checks } from "./checks.ts";
import type { Property } from "./violation.ts";

/** Four nodes in two racks, each 440 W idle and 3,200 W at full power; the feed adds a quarter. */
function siteText(ramp: string): string {
  return `
site: t
title: For a test
nodeClasses:
  a: {gpuModel: A100-SXM-80GB, gpuCount: 8, idle: 440 W, peak: 3200 W, gpuCap: 200 W..400 W, partUse: share, source: assumption}
templates:
  rack-a: {kind: rack, limit: 20 kW, nodes: 2 × a, source: assumption}
feed:
  limit: 40 kW
  ${ramp}
  loadFactor: 1.25
  source: assumption
  halls: [{name: hall-1, limit: 30 kW, source: assumption, rows: [{name: row-1, limit: 20 kW, source: assumption, racks: 2 × rack-a}]}]
`;
}

export const anyJob: SimulatedJob = {
  index: 0,
  line: 1,
  submittedAtMs: 0,
  durationMs: 3_600_000,
  gpuCount: 8,
  owner: "o",
  name: "job",
  nodeCount: 1,
  nodeCountMin: 1,
  gpusPerNode: 8,
  gpuModel: "",
  walltimeMs: 3_600_000,
  walltimeMinMs: 3_600_000,
  flexibilityTier: 50,
  workloadClass: "",
  capMinWatts: 0,
  priorityClass: "normal",
  isPreemptible: false,
  deadlineAtMs: undefined,
  checkpoint: undefined,
};

export interface CheckedWorld {
  readonly checks: Checks;
  /** Events of one command. */
  tell(atMs: number, ...events: readonly Event[]): void;
  /** What is broken so far of some properties. */
  broken(...of: readonly Property[]): readonly string[];
}

export function checkedWorld({
  ramp = "",
  jobs = [],
}: {
  readonly ramp?: string;
  readonly jobs?: readonly Partial<SimulatedJob>[];
}): CheckedWorld {
  const opened = openSite("t.yaml", siteText(ramp));
  if (opened.kind === "errors") {
    throw new Error(opened.errors.map(({ message }) => message).join("\n"));
  }
  const settled = jobs.map((job) => ({ ...anyJob, ...job }));
  const checks = new Checks({
    site: opened.site,
    jobOf: (number) => settled[number - 1],
    trueNodeWatts: () => 0,
    trueDomainWatts: () => 0,
    speedOf: (_model, _class, capWatts) => capWatts / 400,
    recheckEvery: 1,
  });
  return {
    checks,
    tell: (atMs, ...events) => {
      checks.observe({ at: instant(atMs), command: { kind: "tick", at: instant(atMs) }, events });
    },
    broken: (...of) =>
      checks.violations
        .filter(({ property }) => of.includes(property))
        .map(({ property, message }) => `${property}: ${message}`),
  };
}

export function keyOf(job: number, attempt: number = 1): AttemptKey {
  return { job, task: 0, attempt };
}

export function started(key: AttemptKey, nodes: readonly number[], capWatts: number = 0): Event {
  return {
    kind: "attempt-started",
    attempt: key,
    placement: {
      site: "t",
      nodes,
      gpuMasks: nodes.map(() => 255),
      powerReserved: watts(0),
      capWatts,
    },
    endsBy: instant(1_000_000_000),
  };
}

export function capSet(key: AttemptKey, capWatts: number): Event {
  return { kind: "cap-set", attempt: key, capWatts, endsBy: instant(1_000_000_000) };
}

export function acknowledged(key: AttemptKey, capWatts: number): Event {
  return { kind: "cap-acknowledged", attempt: key, nodes: [], capWatts };
}

export function released(key: AttemptKey): Event {
  return { kind: "placement-released", attempt: key, nodes: [] };
}

export function curtailment(
  mode: Curtailment["mode"],
  startMs: number,
  endMs: number,
  domain: string = "t",
): Event {
  return {
    kind: "curtailment-scheduled",
    curtailment: {
      id: "c",
      site: "t",
      domain,
      mode,
      target: watts(1_000_000),
      baseline: watts(1_000_000),
      start: instant(startMs),
      end: instant(endMs),
      ramp: milliseconds(0),
      reason: "",
      setBy: "",
      noticedAt: instant(0),
    },
  };
}

export function supplyLost(remainingWatts: number): Event {
  return { kind: "supply-lost", site: "t", domain: 0, remaining: watts(remainingWatts) };
}
