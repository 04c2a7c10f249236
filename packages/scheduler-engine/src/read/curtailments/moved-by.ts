import { toNumber } from "@ertis/quantities";
import { soonerStart } from "../../decide/queue/head.ts";
import { withPromisesUndone } from "../../power/what-if/promises-undone.ts";
import { feltDomains } from "../../power/felt-domains.ts";
import { refreshHorizons } from "../../power/horizons.ts";
import { refreshNode } from "../../power/ledger.ts";
import { recoveredAtMs } from "../../power/recovery.ts";
import { isSwitchedOff } from "../../power/promised-wakes.ts";
import { isBelow, isBelowAny } from "../../power/shedding/effects.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import {
  nodeCordoned,
  nodeDraining,
  type Reservation,
  type SiteState,
} from "../../state/site-state.ts";
import type { PowerBudget } from "../../words/command.ts";
import type { Curtailment } from "../../words/curtailment.ts";

/** What somebody ordered that puts a promised start off. */
export type MoveCause =
  | {
      readonly kind: "curtailment";
      readonly curtailment: Curtailment;
      /** It is over, and gives its watts back until then; absent: it is not over. */
      readonly givesBackUntilMs?: number;
      /** It is yet to begin; absent: that is not told. */
      readonly fromMs?: number;
    }
  | { readonly kind: "budget"; readonly budget: PowerBudget; readonly fromMs?: number }
  /** Nodes that an operator took out of service, by id. */
  | { readonly kind: "nodes"; readonly nodes: readonly string[] };

/** What puts a promised start off, all of it, and the start that there would be without. */
export interface MovedBy {
  readonly causes: readonly MoveCause[];
  readonly startAtMs: number;
}

/** Starts are told to the minute: less than that is no delay that anybody could see. */
const toldFromMs = 60_000;

/** Asked of so many causes at most, those first that begin first. */
const askedMax = 8;

/**
 * All that keeps a promised start from being sooner: without one of them it would be, or it takes all of them gone
 * for the earliest, `startAtMs`. A start that would be sooner with all of them, since others ended early, is put off by
 * none. Undefined: nothing that was ordered puts it off.
 */
export function movedBy(state: EngineState, job: Job, own: Reservation): MovedBy | undefined {
  const asked = causesOf(state, own);
  if (asked.length === 0) {
    return undefined;
  }
  const without = (causes: readonly MoveCause[]): number =>
    startWithout(state, job, own, causes) ?? own.startAtMs;
  const withAllMs = without([]);
  const isSooner = (atMs: number): boolean => withAllMs - atMs >= toldFromMs;
  const earliestMs = without(asked);
  if (!isSooner(earliestMs)) {
    return undefined;
  }
  if (asked.length === 1) {
    return { causes: asked, startAtMs: earliestMs };
  }
  let least = asked;
  for (const cause of asked) {
    const others = least.filter((one) => one !== cause);
    // Searches are exact to less than what is told.
    least = without(others) < earliestMs + toldFromMs ? others : least;
  }
  const causes = asked.filter((one) => least.includes(one) || isSooner(without([one])));
  return { causes, startAtMs: without(causes) };
}

/** Is a planned curtailment one of the causes? */
export function isByPlanned(moved: MovedBy | undefined): boolean {
  return (moved?.causes ?? []).some(
    (one) => one.kind === "curtailment" && one.curtailment.mode === "planned",
  );
}

/** As it is told: one that is over still keeps watts until it has given all of them back. */
export function curtailmentCause(
  curtailment: Curtailment,
  nowMs: number,
): Extract<MoveCause, { readonly kind: "curtailment" }> {
  const isOver = toNumber(curtailment.end) <= nowMs;
  return {
    kind: "curtailment",
    curtailment,
    ...(isOver ? { givesBackUntilMs: recoveredAtMs(curtailment) } : {}),
  };
}

function causesOf(state: EngineState, own: Reservation): readonly MoveCause[] {
  const { site } = own.pool;
  if (own.startAtMs <= state.nowMs) {
    return [];
  }
  const curtailments = site.curtailments.map((curtailment) => ({
    cause: curtailmentCause(curtailment, state.nowMs),
    fromMs: toNumber(curtailment.start),
  }));
  const budgets = budgetsOf(site).map((budget) => ({
    cause: { kind: "budget" as const, budget },
    fromMs: toNumber(budget.from),
  }));
  const nodes = outOfService(own).map((node) => site.site.nodes[node]?.id ?? "");
  const ofNodes =
    nodes.length === 0 ? [] : [{ cause: { kind: "nodes" as const, nodes }, fromMs: 0 }];
  return [...ofNodes, ...curtailments, ...budgets]
    .filter(({ fromMs }) => fromMs < own.holdsUntilMs)
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .slice(0, askedMax)
    .map(({ cause }) => cause);
}

const outFlags = nodeCordoned | nodeDraining;

/** Nodes of its pool that would take work if nobody had cordoned or drained them. */
function outOfService({ pool }: Reservation): readonly number[] {
  const { nodeFlags, nodePool } = pool.site;
  const nodes: number[] = [];
  nodeFlags.forEach((flags, node) => {
    if (flags !== 0 && (flags & ~outFlags) === 0 && nodePool[node] === pool) {
      nodes.push(node);
    }
  });
  return nodes;
}

function startWithout(
  state: EngineState,
  job: Job,
  own: Reservation,
  causes: readonly MoveCause[],
): number | undefined {
  const { site } = own.pool;
  return withPromisesUndone(state, (trial) => {
    causes.forEach((cause) => takeBack(site, own, cause, state.nowMs));
    if (causes.length > 0) {
      refreshHorizons(site, state.nowMs);
    }
    return soonerStart(trial, job, own)?.startAtMs;
  });
}

function takeBack(site: SiteState, own: Reservation, cause: MoveCause, nowMs: number): void {
  switch (cause.kind) {
    case "curtailment":
      site.curtailments.splice(site.curtailments.indexOf(cause.curtailment), 1);
      wakeBelow(site, own, cause.curtailment, nowMs);
      return;
    case "budget": {
      const at = site.budgets.indexOf(cause.budget);
      if (at === -1) {
        site.fileBudgets = site.fileBudgets.filter((one) => one !== cause.budget);
      } else {
        site.budgets.splice(at, 1);
      }
      return;
    }
    case "nodes":
      for (const node of outOfService(own)) {
        site.nodeFlags[node] = 0;
        refreshNode(site, node);
      }
  }
}

/** Nodes of its pool that would not sleep without a curtailment: those below it that no other one keeps off. */
function wakeBelow(
  site: SiteState,
  { pool }: Reservation,
  { domain }: Curtailment,
  nowMs: number,
): void {
  const others = feltDomains(site, nowMs);
  site.nodeFlags.forEach((flags, node) => {
    if (
      isSwitchedOff(flags) &&
      site.nodePool[node] === pool &&
      isBelow(site, [node], domain) &&
      !isBelowAny(site, [node], others)
    ) {
      site.nodeFlags[node] = 0;
      refreshNode(site, node);
    }
  });
}
