import { drawAt } from "../curves/read-curve.ts";
import { defaultSteerSettings, type SteerJob, type SteerTarget } from "./plan.ts";
import { startSteering, steer, type SteerState, type SteerStep } from "./steer.ts";

/** Speeds and draws of an A100 under pre-training, rounded: not concave, as measured ones. */
export const testCurve: SteerJob["curve"] = {
  points: [
    { capWatts: 200, speed: 0.63, drawWatts: 196 },
    { capWatts: 250, speed: 0.78, drawWatts: 246 },
    { capWatts: 300, speed: 0.87, drawWatts: 292 },
    { capWatts: 350, speed: 0.92, drawWatts: 337 },
    { capWatts: 400, speed: 1, drawWatts: 382 },
  ],
};

export function testJob(id: number, change: Partial<SteerJob> = {}): SteerJob {
  return {
    id,
    gpuCount: 32,
    weight: 32,
    curve: testCurve,
    floorCapWatts: 200,
    ceilingCapWatts: 400,
    capInForceWatts: 400,
    presence: "running",
    domainWattsPerWatt: 1,
    ...change,
  };
}

/** What a period did: step, jobs before it, draw by job. */
export interface Played {
  readonly step: SteerStep;
  readonly atMs: number;
  readonly jobs: readonly SteerJob[];
  readonly drawnWatts: readonly number[];
}

export interface Play {
  readonly target: SteerTarget;
  readonly jobs: readonly SteerJob[];
  /** Between two measurements; absent: as usual. */
  readonly periodMs?: number;
  /** Part of a period until new caps act; absent: none. */
  readonly lateShare?: number;
  /** Of all that is not steered, always the same; absent: there is nothing else. */
  readonly restWatts?: number;
  /** True draw ÷ curve of a job in a period; below 0.5 it dips. */
  ratioOf(id: number, period: number): number;
  /** Whether a job's measurement arrives. */
  isMeasured?(id: number, period: number): boolean;
  /** Whether a job takes the cap it is sent. */
  isObedient?(id: number, period: number): boolean;
  /** What becomes of a job before a period. */
  change?(job: SteerJob, period: number): SteerJob;
}

/** Plays a plant without noise under the steering, period by period. */
export function play(plan: Play, periodCount: number): readonly Played[] {
  const { periodMs = defaultSteerSettings.periodMs, lateShare = 0, restWatts = 0 } = plan;
  let state: SteerState | undefined;
  let jobs = plan.jobs;
  let jobsBefore = jobs;
  const played: Played[] = [];
  for (let period = 0; period < periodCount; period += 1) {
    jobs = jobs.map((job) => plan.change?.(job, period) ?? job);
    const drawnWatts = jobs.map((job, at) => {
      const ratio = plan.ratioOf(job.id, period);
      const watts = drawOf(job, ratio);
      return watts + lateShare * (drawOf(jobsBefore[at] ?? job, ratio) - watts);
    });
    jobsBefore = jobs;
    const atMs = (period + 1) * periodMs;
    const measured = jobs
      .map((job, at) => [job.id, drawnWatts[at] ?? 0] as const)
      .filter(([id]) => plan.isMeasured?.(id, period) ?? true);
    const measurement = {
      fromMs: atMs - periodMs,
      atMs,
      jobWatts: new Map(measured),
      restWatts,
      restBoundWatts: restWatts,
    };
    state ??= startSteering(defaultSteerSettings, measurement);
    const { target } = plan;
    const step = steer(state, { target, jobs, settings: defaultSteerSettings, measurement });
    played.push({ step, atMs, jobs, drawnWatts });
    state = step.state;
    const obeyed = step.caps.filter(({ id }) => plan.isObedient?.(id, period) ?? true);
    const caps = new Map(obeyed.map(({ id, capWatts }) => [id, capWatts]));
    jobs = jobs.map((job) => ({
      ...job,
      capInForceWatts: caps.get(job.id) ?? job.capInForceWatts,
      presence: step.granted.includes(job.id) ? "running" : job.presence,
    }));
  }
  return played;
}

function drawOf(job: SteerJob, ratio: number): number {
  return job.presence === "running"
    ? job.gpuCount * ratio * drawAt(job.curve, job.capInForceWatts)
    : 0;
}

const minuteMs = 60_000;

/** Means of whole minutes from the first after the ramp on, watts; measurements may fall anywhere in them. */
export function minuteMeans(
  played: readonly Played[],
  target: SteerTarget,
  restWatts = 0,
): readonly number[] {
  const holdsMs = target.startMs + target.rampMs;
  const untilMs = Math.min(target.endMs, played.at(-1)?.atMs ?? 0);
  const count = Math.max(0, Math.floor((untilMs - holdsMs) / minuteMs));
  return Array.from({ length: count }, (_, minute) => {
    const fromMs = holdsMs + minute * minuteMs;
    let wattMs = 0;
    played.forEach(({ atMs, drawnWatts }, at) => {
      const beganMs = Math.max(fromMs, played[at - 1]?.atMs ?? 0);
      const overlapMs = Math.max(0, Math.min(fromMs + minuteMs, atMs) - beganMs);
      wattMs += overlapMs * drawnWatts.reduce((sum, watts) => sum + watts, restWatts);
    });
    return wattMs / minuteMs;
  });
}

export function fullWatts(jobs: readonly SteerJob[]): number {
  return jobs.reduce((sum, job) => sum + job.gpuCount * drawAt(job.curve, 400), 0);
}
