import {
  defaultSteerSettings,
  missingByBounds,
  startRoomWatts,
  startSteering,
  type SteerInput,
  type SteerStep,
  steer,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { promisedRooms, promisedSoon } from "../power/promised-soon.ts";
import { setStartRoom } from "../power/start-rooms.ts";
import { withDipsAtFirst } from "../power/shedding/dips-at-first.ts";
import { dippedWatts, drawnLast } from "../power/shedding/drawn-last.ts";
import { nodesBack } from "../power/shedding/nodes-back.ts";
import { besideDrawnWatts, goneSince } from "../power/shedding/rest-gone.ts";
import { type Allowance, steerInput } from "../power/shedding/steer-input.ts";
import { type CurtailmentRecord, drawKey } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import { taskIdOf } from "../state/task-id.ts";
import type { DrawMeasured } from "../words/event.ts";

const minuteMs = 60_000;

/** A planned curtailment and what was measured in its domain since the last time. */
export interface MeasuredTarget {
  readonly record: CurtailmentRecord;
  readonly fromMs: number;
  readonly domainWatts: number;
}

/**
 * Steers all planned curtailments whose domains were measured. Inner domains first, of the same domain
 * the lower target: what one leaves a job is its ceiling in the ones around it, and who comes back asks
 * the outer one when the inner one has granted it.
 */
export function steerPlanned(
  state: EngineState,
  site: SiteState,
  event: DrawMeasured,
  measured: readonly MeasuredTarget[],
): void {
  const targets = innerFirst(site, measured);
  const wattsOf = new Map(
    (event.attempts ?? []).map(({ attempt, watts }) => [taskIdOf(attempt), watts]),
  );
  const ceilings = new Map<number, number>();
  const refused = new Set<number>();
  for (const { record, fromMs, domainWatts } of targets) {
    const times = { atMs: state.nowMs, periodMs: Math.min(minuteMs, state.nowMs - fromMs) };
    const soon = promisedSoon(site, record, times);
    const measuredNow = drawnLast(site, record, { wattsOf, fromMs, atMs: state.nowMs });
    const seen = { fromMs, atMs: state.nowMs, domainWatts, drawn: measuredNow };
    const gone = goneSince(state, site, record, seen);
    const drawn = withDipsAtFirst(site, record, { ...seen, gone });
    const seenOf = { wattsOf, fromMs, domainWatts, dippedWatts: dippedWatts(drawn) };
    const inputOf = (allowance: Allowance): SteerInput => {
      const told = { ...seenOf, promisedWatts: soon.watts, allowance, gone };
      return bounded(steerInput(state, site, record, told), ceilings, refused);
    };
    const { input, step } = kept(record, inputOf);
    record.steering = step.state;
    const { caps, granted, missingWatts } = step;
    const { goneWatts } = gone;
    const { comingWatts } = nodesBack(site, record, seen);
    const besideWatts = besideDrawnWatts(seen) - goneWatts + comingWatts;
    const told = { goneWatts, besideWatts, drawn };
    record.steered = { caps, granted, missingWatts, atMs: state.nowMs, ...told };
    const roomWatts = startRoomWatts(step, input, lastMinuteWatts(state, site, record));
    const promised = promisedRooms(soon, missingByBounds(step, input));
    if (setStartRoom(site, record.curtailment, { roomWatts, promised }, state.nowMs)) {
      state.releaseCount += 1;
    }
    if (step.roomWatts === undefined || record === targets.at(-1)?.record) {
      continue;
    }
    const asked = new Map(caps.map(({ id, capWatts }) => [id, capWatts]));
    for (const { id, presence, capInForceWatts } of input.jobs) {
      if (presence === "returning" && !granted.includes(id)) {
        refused.add(id);
      } else if (presence !== "released") {
        ceilings.set(id, Math.min(ceilings.get(id) ?? Infinity, asked.get(id) ?? capInForceWatts));
      }
    }
  }
}

/** Where floors do not fit with what longer ones leave evenly, it is used sooner, as their plans do. */
function kept(
  { steering }: CurtailmentRecord,
  inputOf: (allowance: Allowance) => SteerInput,
): { readonly input: SteerInput; readonly step: SteerStep } {
  const even = inputOf("even");
  const before = steering ?? startSteering(defaultSteerSettings, even.measurement);
  const step = steer(before, even);
  if (step.missingWatts === 0) {
    return { input: even, step };
  }
  const whole = inputOf("whole");
  return { input: whole, step: steer(before, whole) };
}

function innerFirst(
  site: SiteState,
  targets: readonly MeasuredTarget[],
): readonly MeasuredTarget[] {
  const depthOf = ({ record }: MeasuredTarget): number => {
    let depth = 0;
    let at = site.domainIndexById.get(record.curtailment.domain) ?? 0;
    for (; at > 0; at = site.parent[at] ?? 0) {
      depth += 1;
    }
    return depth;
  };
  return targets.toSorted((a, b) => {
    const [one, other] = [a.record.curtailment, b.record.curtailment];
    return depthOf(b) - depthOf(a) || toNumber(one.target) - toNumber(other.target);
  });
}

function bounded(
  input: SteerInput,
  ceilings: ReadonlyMap<number, number>,
  refused: ReadonlySet<number>,
): SteerInput {
  if (ceilings.size + refused.size === 0) {
    return input;
  }
  const jobs = input.jobs.map((job) => {
    const ceiling = ceilings.get(job.id) ?? Infinity;
    if (refused.has(job.id)) {
      // It stays off for now, and what was learned of it is kept.
      return { ...job, presence: "released" as const };
    }
    return ceiling < job.ceilingCapWatts ? { ...job, ceilingCapWatts: ceiling } : job;
  });
  return { ...input, jobs };
}

/** Mean draw of the last sixty seconds that were measured; undefined: nothing was yet. */
function lastMinuteWatts(
  state: EngineState,
  site: SiteState,
  { curtailment }: CurtailmentRecord,
): number | undefined {
  const domain = site.domainIndexById.get(curtailment.domain) ?? 0;
  const minutes = state.curtailments.draws.get(drawKey(site, domain))?.minutes ?? [];
  const [, wattMs = 0, ms = 0] = minutes.at(-1) ?? [];
  const [, wattMsBefore = 0, msBefore = 0] = minutes.at(-2) ?? [];
  const restMs = Math.max(0, Math.min(minuteMs - ms, msBefore));
  const counted = restMs === 0 ? wattMs : wattMs + (wattMsBefore / msBefore) * restMs;
  return ms === 0 ? undefined : counted / (ms + restMs);
}
