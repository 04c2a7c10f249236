import { toNumber } from "@ertis/quantities";
import type { AttemptKey, CapAcknowledged, CapSet, Entry } from "@ertis/scheduler-engine";
import { workLeftAt } from "../apply-caps.ts";
import { type Checker, keyText, type Moment } from "../checker.ts";
import type { AttemptRecord } from "../job-record.ts";

/**
 * A cap lies between what the hardware takes and its owner allows, costs no more speed than the tier
 * tolerates, and frees watts only where the node itself answered its newest order.
 */
export function capChecker(): Checker {
  return {
    property: "caps",
    before(event, moment) {
      switch (event.kind) {
        case "attempt-started": {
          const { placement, attempt: key } = event;
          checkCap(key, { ...placement, nodes: placement.nodes }, moment);
          const timeMs = toNumber(event.endsBy) - moment.world.nowMs;
          const workMs = event.work === undefined ? timeMs : toNumber(event.work);
          return checkSpeed(key, { workMs, timeMs, nodeCount: placement.nodes.length }, moment);
        }
        case "cap-set":
          return checkOrder(event, moment);
        case "cap-acknowledged":
          return checkAnswer(event, moment);
        default:
          return;
      }
    },
  };
}

function checkOrder(event: CapSet, moment: Moment): void {
  const attempt = moment.world.attemptOf(event.attempt);
  if (attempt === undefined) {
    return;
  }
  const { site, held } = attempt;
  checkCap(event.attempt, { site, nodes: [...held], capWatts: event.capWatts }, moment);
  const workMs = workLeftAt(attempt, moment.world.nowMs);
  const timeMs = toNumber(event.endsBy) - moment.world.nowMs;
  checkSpeed(event.attempt, { workMs, timeMs, nodeCount: attempt.nodeCount }, moment);
  checkTurn(event, attempt, moment);
}

/** Who lowers and who raises must not take turns at one moment: they would do so for ever. */
function checkTurn(event: CapSet, attempt: AttemptRecord, { world, report }: Moment): void {
  const nodes = world.sites.get(attempt.site)?.nodes ?? [];
  const isLowered = [...attempt.held].some((node) => {
    const possible = nodes[node]?.possibleCaps.get(attempt) ?? [];
    return possible.some((cap) => isAbove(cap, attempt.capWatts));
  });
  if (isLowered && attempt.workAtMs === world.nowMs && isAbove(event.capWatts, attempt.capWatts)) {
    report(`${keyText(event.attempt)} is raised at the moment at which it was lowered`);
  }
}

/** 0 is no cap. */
function isAbove(one: number, other: number): boolean {
  return other !== 0 && (one === 0 || one > other);
}

function checkCap(
  key: AttemptKey,
  held: {
    readonly site: string;
    readonly nodes: readonly number[];
    readonly capWatts: number;
  },
  { world, report }: Moment,
): void {
  const spec = world.jobs.get(key.job)?.spec;
  if (held.capWatts === 0 || spec === undefined) {
    return;
  }
  if (!Number.isInteger(held.capWatts) || held.capWatts < toNumber(spec.capMin)) {
    report(
      `${keyText(key)} gets a cap of ${held.capWatts} W, at least ${spec.capMin} W were asked`,
    );
  }
  for (const node of held.nodes) {
    const caps = world.sites.get(held.site)?.classOf(node)?.gpuCap;
    if (caps === undefined || held.capWatts < toNumber(caps.lowestWatts)) {
      report(`node ${node} cannot be capped to ${held.capWatts} W for ${keyText(key)}`);
    }
  }
}

function checkSpeed(
  key: AttemptKey,
  plan: { readonly workMs: number; readonly timeMs: number; readonly nodeCount: number },
  { world, report }: Moment,
): void {
  const spec = world.jobs.get(key.job)?.spec;
  if (spec === undefined || plan.workMs <= 0) {
    return;
  }
  const speed = (plan.workMs / plan.timeMs) * (spec.nodeCount / plan.nodeCount);
  // Ends are whole ms.
  const roundingMs = 2 / plan.timeMs;
  if (speed < 1 - spec.flexibilityTier / 100 - roundingMs || speed > 1 + roundingMs) {
    report(`${keyText(key)} goes on at ${speed} of full speed, tier ${spec.flexibilityTier}`);
  }
}

function checkAnswer(event: CapAcknowledged, { world, entry, report }: Moment): void {
  const attempt = world.attemptOf(event.attempt);
  if (attempt === undefined) {
    return;
  }
  for (const node of event.nodes.length === 0 ? attempt.held : event.nodes) {
    if (!attempt.held.has(node)) {
      report(`${keyText(event.attempt)} does not hold node ${node}`);
    }
    if (world.sites.get(attempt.site)?.nodes[node]?.isLost === true) {
      report(`node ${node} is lost and cannot have answered`);
    }
    if (!isAnswered(entry, attempt, node)) {
      report(`node ${node} did not answer the newest order of ${keyText(event.attempt)}`);
    }
  }
  if (event.capWatts !== attempt.capWatts) {
    report(`${keyText(event.attempt)} wants ${attempt.capWatts} W, not ${event.capWatts} W`);
  }
}

function isAnswered({ command }: Entry, attempt: AttemptRecord, node: number): boolean {
  return (
    command.kind === "report" &&
    command.observations.some(
      (one) =>
        one.kind === "cap-applied" &&
        one.attempt.job === attempt.job &&
        one.attempt.task === attempt.task &&
        one.attempt.attempt === attempt.attempt &&
        one.order === attempt.capOrder &&
        one.capWatts === attempt.capWatts &&
        (one.nodes.length === 0 || one.nodes.includes(node)),
    )
  );
}
