import {
  isRoomFor,
  memoryMs,
  type RampLedger,
  type RampRoom,
  recordStep,
  roomAt,
  stepWattsMax,
} from "@ertis/power-planning";
import { acknowledgeMs, stopGraceMs } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import { nodeLost, type SiteState } from "../../state/site-state.ts";
import { capInForce, cutWatts, isAboveCap } from "../../state/caps.ts";
import { fallingAsleep } from "../falling-asleep.ts";
import { growthWatts, type MoreGpus } from "../ledger.ts";

/** By domain with a ramp, what a change adds there, scaled; below 0: it takes away. */
export type RampSteps = ReadonlyMap<number, number>;

/** By domain with a ramp, how far it may step. */
export type RampRooms = ReadonlyMap<number, RampRoom>;

/** What the start of a gang adds. */
export function stepsOfStart(
  site: SiteState,
  ramps: SiteRamps,
  nodes: readonly number[],
  more: MoreGpus,
): RampSteps {
  const now = known(site.horizons[0], "the horizon of now");
  const steps = new Map<number, number>();
  for (const node of nodes) {
    addStep(site, ramps, steps, { node, watts: growthWatts(site, node, more, now) });
  }
  return steps;
}

/** What another cap of an attempt changes: a raise at once, a lowering when it is acknowledged. */
export function stepsOfCap(
  site: SiteState,
  ramps: SiteRamps,
  attempt: Attempt,
  capWatts: number,
): RampSteps {
  const steps = new Map<number, number>();
  const isRaise = isAboveCap(capWatts, attempt.capWatts);
  for (const node of attempt.heldNodes) {
    // Where a lowering is not acknowledged yet, a raise up to what is in force changes nothing.
    const before = isRaise ? capInForce(attempt, node) : attempt.capWatts;
    if (!isRaise || isAboveCap(capWatts, before)) {
      const cutBefore = cutWatts(site, node, attempt.gpusPerNode, before);
      const watts = cutBefore - cutWatts(site, node, attempt.gpusPerNode, capWatts);
      addStep(site, ramps, steps, { node, watts });
    }
  }
  return steps;
}

interface Beside {
  /** Those that are gone by then. */
  readonly gone?: ReadonlySet<Attempt>;
  /** Absent: as it is. */
  readonly capWatts?: number;
}

/** What the end of an attempt takes away. */
export function stepsOfEnd(
  site: SiteState,
  ramps: SiteRamps,
  attempt: Attempt,
  { gone = new Set(), capWatts = attempt.capWatts }: Beside = {},
): RampSteps {
  const steps = new Map<number, number>();
  addEnd(site, ramps, steps, { attempt, capWatts, gone, nodes: attempt.heldNodes });
  return steps;
}

/** Those that are told to stop, or have, and still count. */
export function leaving({ attempts }: SiteState): Set<Attempt> {
  return new Set([...attempts].filter(({ phase }) => phase === "stopping" || phase === "exited"));
}

interface End extends Required<Beside> {
  readonly attempt: Attempt;
  readonly nodes: readonly number[];
}

function addEnd(
  site: SiteState,
  ramps: SiteRamps,
  steps: Map<number, number>,
  { attempt, gone, capWatts, nodes }: End,
): void {
  const { gpusPerNode } = attempt;
  for (const node of nodes) {
    const now = known(site.horizons[0], "the horizon of now");
    const bounds = site.nodeBounds[node];
    const held = heldBeside(site, node, { attempt, gone });
    // What it counts under its cap, were it alone on the node.
    const whole = (bounds?.[held] ?? 0) - (bounds?.[Math.max(0, held - gpusPerNode)] ?? 0);
    const watts = Math.max(0, whole - cutWatts(site, node, gpusPerNode, capWatts));
    addStep(site, ramps, steps, { node, watts: -Math.min(watts, now.nodeWatts[node] ?? 0) });
  }
}

/** A shared node that counts its peak does so as long as anybody runs on it: the last to leave takes all of it away. */
function heldBeside(
  site: SiteState,
  node: number,
  { attempt, gone }: Pick<End, "attempt" | "gone">,
): number {
  let held = site.gpusHeld[node] ?? 0;
  for (const one of site.attemptsOnNode[node] ?? []) {
    held -= one !== attempt && gone.has(one) ? one.gpusPerNode : 0;
  }
  return held;
}

export function addStep(
  site: SiteState,
  { budget }: SiteRamps,
  steps: Map<number, number>,
  { node, watts }: { readonly node: number; readonly watts: number },
): void {
  let domain = site.nodeDomain[node] ?? -1;
  let scaled = watts * (site.nodeMultiplier[domain] ?? 0);
  while (domain >= 0) {
    if (budget.ledgers[domain] !== undefined) {
      steps.set(domain, (steps.get(domain) ?? 0) + scaled);
    }
    scaled *= site.parentMultiplier[domain] ?? 0;
    domain = site.parent[domain] ?? -1;
  }
}

/** A change that will come: it keeps its room from others. */
export interface ComingSteps {
  readonly atMs: number;
  readonly settleMs: number;
  readonly steps: RampSteps;
}

/** The ledger of a domain with what will come; for the reader alone. */
export function ledgerWith(
  { budget }: SiteRamps,
  domain: number,
  coming: readonly ComingSteps[],
): RampLedger | undefined {
  const ledger = budget.ledgers[domain];
  if (ledger === undefined || coming.length === 0) {
    return ledger;
  }
  const copy = { limit: ledger.limit, steps: [...ledger.steps] };
  for (const { atMs, settleMs, steps } of coming) {
    const watts = steps.get(domain) ?? 0;
    if (watts !== 0) {
      recordStep(copy, { atMs, settleMs, watts, cause: "planned" });
    }
  }
  return copy;
}

/** How far each domain with a ramp may step at a moment, what will come counted. */
export function roomsAt(
  ramps: SiteRamps,
  { atMs, settleMs }: { readonly atMs: number; readonly settleMs: number },
  coming: readonly ComingSteps[],
): RampRooms {
  const rooms = new Map<number, RampRoom>();
  for (const domain of ramps.domains) {
    const ledger = ledgerWith(ramps, domain, coming);
    if (ledger !== undefined) {
      rooms.set(domain, roomAt(ledger, atMs, settleMs));
    }
  }
  return rooms;
}

export function fitsRooms(rooms: RampRooms, steps: RampSteps): boolean {
  for (const [domain, watts] of steps) {
    const room = rooms.get(domain);
    if (room !== undefined && !isRoomFor(room, watts)) {
      return false;
    }
  }
  return true;
}

/**
 * Lowerings that were ordered and are not acknowledged, stops that are not confirmed and nodes that are
 * not off yet, as if all were now. What nodes that are lost owe may never come, and keeps nobody from falling.
 */
export function fallsToCome(
  site: SiteState,
  ramps: SiteRamps,
  nowMs: number,
): readonly ComingSteps[] {
  const lowered = new Map<number, number>();
  for (const attempt of site.attempts) {
    const { gpusPerNode, capWatts } = attempt;
    for (const [node, before] of attempt.capInForce ?? []) {
      if (!isLost(site, node)) {
        const cutBefore = cutWatts(site, node, gpusPerNode, before);
        const watts = cutBefore - cutWatts(site, node, gpusPerNode, capWatts);
        addStep(site, ramps, lowered, { node, watts });
      }
    }
  }
  return [
    { atMs: nowMs, settleMs: acknowledgeMs, steps: lowered },
    { atMs: nowMs, settleMs: stopGraceMs, steps: stepsOfStops(site, ramps) },
    ...fallingAsleep(site, nowMs).map(({ offByMs, nodes }) => ({
      atMs: nowMs,
      settleMs: offByMs - nowMs,
      steps: stepsOfSleep(site, ramps, nodes),
    })),
  ];
}

/** What those take away together that are told to stop. */
function stepsOfStops(site: SiteState, ramps: SiteRamps): RampSteps {
  const steps = new Map<number, number>();
  const gone = new Set<Attempt>();
  for (const attempt of leaving(site)) {
    const nodes = attempt.heldNodes.filter((node) => !isLost(site, node));
    addEnd(site, ramps, steps, { attempt, gone, capWatts: attempt.capWatts, nodes });
    gone.add(attempt);
  }
  return steps;
}

/** What nodes that go off take away. */
export function stepsOfSleep(
  site: SiteState,
  ramps: SiteRamps,
  nodes: readonly number[],
): RampSteps {
  const { nodeWatts } = known(site.horizons[0], "the horizon of now");
  const steps = new Map<number, number>();
  for (const node of nodes) {
    addStep(site, ramps, steps, { node, watts: -(nodeWatts[node] ?? 0) });
  }
  return steps;
}

function isLost({ nodeFlags }: SiteState, node: number): boolean {
  return ((nodeFlags[node] ?? 0) & nodeLost) !== 0;
}

/** Is a step larger than the ramp of its domain ever allows at once? */
export function isBeyondRamp(ramps: SiteRamps, domain: number, scaled: number): boolean {
  const ledger = ramps.budget.ledgers[domain];
  return ledger !== undefined && Math.abs(scaled) > stepWattsMax(ledger.limit) * (1 + 1e-9);
}

/**
 * Of a pause that takes no caps, the steps for which it waits: those that their ramps ever allow. What is more gets no
 * smaller while it waits, and with every end of another it would wait anew, above the target.
 */
export function stepsThatWait(ramps: SiteRamps, steps: RampSteps): RampSteps {
  return new Map([...steps].filter(([domain, scaled]) => !isBeyondRamp(ramps, domain, scaled)));
}

/**
 * From then on no mean sees any step the same way any more. One the other way does not stand in the way of
 * a step that is larger than its ramp: it makes it smaller.
 */
export function quietFromMs({ limit, steps }: RampLedger, scaled: number): number {
  return steps.reduce(
    (latest, { atMs, settleMs, watts }) =>
      watts * scaled > 0 ? Math.max(latest, atMs + settleMs + memoryMs(limit)) : latest,
    -Infinity,
  );
}
