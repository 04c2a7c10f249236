import { sumWatts, toCandidate, type Candidate } from "./candidate.ts";
import { countedWatts } from "./counted.ts";
import { marginShare } from "./estimate.ts";
import { move, type Moved } from "./move.ts";
import { startKnowledge, type Knowledge } from "./knowledge.ts";
import { learn } from "./observe.ts";
import type { Measurement, Presence, SteerJob, SteerSettings, SteerTarget } from "./plan.ts";
import { countDrawn, isAhead, roomWatts, windowStartMs, type Window } from "./window.ts";

/** All that steering remembers from one measurement to the next; plain values, so it can be stored and replayed. */
export interface SteerState {
  readonly knowledge: Knowledge;
  readonly window: Window;
  /** When the last plan was made that could lower one job to raise another. */
  readonly replannedAtMs: number;
  /** How long after the one before the last measurement came; absent: there was none. */
  readonly periodMs?: number;
}

export interface SteerStep {
  readonly state: SteerState;
  /** Caps to set, only where they change; whole watts. Lowerings and raises never come in one step. */
  readonly caps: readonly { readonly id: number; readonly capWatts: number }[];
  /** Returning jobs that may start now under their cap in `caps`. */
  readonly granted: readonly number[];
  /** What may be drawn until the next measurement; undefined outside the event: nothing is steered. */
  readonly roomWatts: number | undefined;
  /** What is expected until then under the caps now in force, with what is promised, watts. */
  readonly expectedWatts: number;
  /** How much of it is not steered. */
  readonly restWatts: number;
  readonly marginShare: number;
  /** What the floors need above the room, watts; 0 when they fit. */
  readonly missingWatts: number;
}

export interface SteerInput {
  readonly target: SteerTarget;
  readonly jobs: readonly SteerJob[];
  readonly measurement: Measurement;
  readonly settings: SteerSettings;
}

/** @param first what is measured first: the belief before it weighs as many minutes, however far apart measurements are */
export function startSteering(settings: SteerSettings, first?: Measurement): SteerState {
  const priorMs = settings.priorPeriodCount * settings.periodMs;
  const periodMs = first === undefined ? settings.periodMs : periodOf(first, settings);
  const priorPeriodCount = Math.max(1, priorMs / periodMs);
  return {
    knowledge: startKnowledge({ ...settings, priorPeriodCount }),
    window: { startMs: 0, countedWattMs: 0 },
    replannedAtMs: 0,
  };
}

/**
 * One step of steering: a pure function of what it knew and what was measured since.
 *
 * A planned curtailment is a target on the mean draw of each minute. The draw is steered to just below
 * it by measurement, since caps alone leave unused what GPUs draw below them. Called about every ten
 * seconds, before the event too, so that it starts with knowledge.
 *
 * One state per curtailed domain. Where targets nest, the inner domains are steered first, and what they
 * leave a job is its ceiling in the outer one; breakers enter as ceilings in the same way.
 */
export function steer(before: SteerState, told: SteerInput): SteerStep {
  const { target, jobs, measurement } = told;
  const periodMs = periodOf(measurement, told.settings);
  // One that comes out of turn, as where a clock has stepped, is no reason to expect the next one as soon.
  const nextMs = Math.max(periodMs, before.periodMs ?? periodMs);
  const settings = { ...told.settings, periodMs: nextMs };
  const input = { ...told, settings };
  const knowledge = learn(before.knowledge, jobs, measurement, settings);
  const startMs = windowStartMs(target, settings.windowMs, measurement.atMs);
  const meanWatts = countedWatts(jobs, before.knowledge, knowledge, measurement);
  const stretch = { fromMs: measurement.fromMs, atMs: measurement.atMs, meanWatts };
  const window = countDrawn(before.window, stretch, startMs);
  const margin = marginShare(knowledge.noise, settings);
  const room = roomWatts(target, window, {
    atMs: measurement.atMs,
    windowMs: settings.windowMs,
    periodMs: settings.periodMs,
    marginShare: margin,
    giveBackShare: settings.giveBackShare,
  });
  return decide({ ...before, knowledge, window, periodMs }, input, {
    roomWatts: room,
    marginShare: margin,
  });
}

/** Part of a target that steering leaves free, as far as is known by now: who plans for it plans with the rest. */
export function marginKept(state: SteerState | undefined, settings: SteerSettings): number {
  const prior = marginShare(startSteering(settings).knowledge.noise, settings);
  return state === undefined
    ? prior
    : Math.max(prior, marginShare(state.knowledge.noise, settings));
}

/**
 * As measurements come: where they are further apart than usual, fewer of them are left to make up for a
 * surprise within its window, so that more is left free, up to a surprise of the whole window.
 */
function periodOf({ fromMs, atMs }: Measurement, { periodMs, windowMs }: SteerSettings): number {
  return Math.max(periodMs, Math.min(windowMs, atMs - fromMs));
}

function decide(
  state: SteerState,
  input: SteerInput,
  room: { readonly roomWatts: number | undefined; readonly marginShare: number },
): SteerStep {
  const { jobs, measurement, settings } = input;
  const candidatesIn = (...presences: readonly Presence[]): readonly Candidate[] =>
    jobs
      .filter(({ presence }) => presences.includes(presence))
      .map((job) => toCandidate(job, state.knowledge, measurement.atMs, settings));
  const candidates = candidatesIn("running", "paused");
  const restWatts = restSoon(state.knowledge.restWatts, measurement);
  const { promisedWatts = 0 } = measurement;
  const expectedWatts = sumWatts(candidates) + restWatts + promisedWatts;
  const step = { ...room, restWatts, expectedWatts };
  if (room.roomWatts === undefined) {
    return { ...step, state, caps: [], granted: [], missingWatts: 0 };
  }
  const intoMs = measurement.atMs - state.window.startMs;
  const goalWatts = input.target.targetWatts * (1 - room.marginShare);
  const moved = move(
    {
      candidates,
      returning: candidatesIn("returning"),
      roomWatts: room.roomWatts - restWatts - promisedWatts,
      lastingWatts: Math.min(room.roomWatts, goalWatts) - restWatts - promisedWatts,
      isLastPeriod: intoMs + settings.periodMs >= settings.windowMs,
      isReplanDue: measurement.atMs - state.replannedAtMs >= settings.replanMs,
    },
    settings,
  );
  return {
    ...step,
    state: remember(state, moved, measurement.atMs),
    caps: moved.caps.map(({ job, capWatts }) => ({ id: job.id, capWatts })),
    granted: moved.granted,
    // Before the start nothing is: who stops for it is not gone yet.
    missingWatts: isAhead(input.target, { atMs: measurement.atMs, ...settings })
      ? 0
      : moved.missingWatts,
  };
}

/** What comes is in the bounds of the rest already, as what has just gone is not any more. */
function restSoon(
  restWatts: number,
  { restComingWatts = 0, restMostWatts = Infinity }: Measurement,
): number {
  return Math.max(restWatts, Math.min(restWatts + restComingWatts, restMostWatts));
}

function remember(state: SteerState, moved: Moved, atMs: number): SteerState {
  const known = new Map(state.knowledge.jobs);
  for (const { job, capWatts } of moved.caps) {
    const one = known.get(job.id);
    if (one !== undefined) {
      known.set(job.id, { ...one, askedCapWatts: capWatts });
    }
  }
  return {
    ...state,
    knowledge: { ...state.knowledge, jobs: known },
    replannedAtMs: moved.isReplanned ? atMs : state.replannedAtMs,
  };
}
