import { toNumber } from "@ertis/quantities";
import { findAttempt, isFinished, type Attempt } from "../../state/job.ts";
import { nodeAsleep, nodeLost, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { AttemptOutcome, Observation } from "../../words/attempt.ts";
import type { Report } from "../../words/command.ts";
import type { Reply } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";
import { acknowledgeCap } from "./acknowledge-cap.ts";
import { settleDependents } from "./endings.ts";
import { afterExit, finalOutcome } from "./retry.ts";
import { loseNode } from "../nodes/lose-node.ts";
import { readyNode, wakeNodes } from "../nodes/wake-nodes.ts";
import { resumeDue } from "../shed/pauses.ts";

/** What an executor saw. Reports that are late, repeated or unknown change nothing. */
export function report(deciding: Deciding, command: Report): Reply {
  const site = deciding.state.sites.get(command.site);
  if (site === undefined) {
    return rejected("unknown-site", `site "${command.site}" is not known`);
  }
  const refusedNodes: number[] = [];
  for (const observation of command.observations) {
    if (isOutside(site, observation)) {
      continue;
    }
    observe(deciding, site, observation, refusedNodes);
  }
  return { kind: "reported", refusedNodes };
}

function observe(
  deciding: Deciding,
  site: SiteState,
  observation: Observation,
  refusedNodes: number[],
): void {
  switch (observation.kind) {
    case "attempt-running": {
      if (activeOn(deciding, site, observation)?.phase === "starting") {
        deciding.emit({ kind: "attempt-running", attempt: observation.attempt });
      }
      return;
    }
    case "attempt-exited": {
      const attempt = activeOn(deciding, site, observation);
      if (attempt !== undefined && attempt.phase !== "exited") {
        exit(deciding, attempt, observation.outcome, observation.energyJoules);
      }
      return;
    }
    case "stop-confirmed": {
      const attempt = activeOn(deciding, site, observation);
      // One that was not asked to stop and has not exited still runs, whatever a report says.
      if (attempt?.phase === "stopping" || attempt?.phase === "exited") {
        confirmStop(deciding, attempt, answering(site, attempt, observation.nodes));
      }
      return;
    }
    case "cap-applied": {
      const attempt = activeOn(deciding, site, observation);
      if (attempt !== undefined) {
        acknowledgeCap(deciding, site, attempt, observation);
      }
      return;
    }
    case "checkpointed":
      return checkpointed(deciding, activeOn(deciding, site, observation));
    case "node-lost":
      return loseNode(deciding, site, observation.node);
    case "node-powered-off":
      return poweredOff(deciding, site, observation.node, "executor");
    case "supply-lost":
      return supplyLost(deciding, site, observation);
    case "supply-back":
      if (site.lostSupplies.has(observation.domain)) {
        deciding.emit({
          kind: "supply-back",
          site: site.site.id,
          domain: observation.domain,
        });
        // Who was paused, and nodes that went off for it: no moment of a curtailment's end calls them.
        resumeDue(deciding);
        wakeNodes(deciding, site);
      }
      return;
    case "cluster-away":
    case "cluster-back": {
      const isBack = observation.kind === "cluster-back";
      if (isBack !== (site.awaySinceMs === undefined)) {
        deciding.emit({ kind: isBack ? "site-back" : "site-away", site: site.site.id });
      }
      return;
    }
    case "node-ready": {
      if (!readyNode(deciding, site, observation.node)) {
        refusedNodes.push(observation.node);
      }
    }
  }
}

function checkpointed({ state, emit }: Deciding, attempt: Attempt | undefined): void {
  if (
    attempt?.stopReason === "preemption" &&
    !attempt.isCheckpointed &&
    state.jobs.get(attempt.job)?.spec.checkpoint !== undefined
  ) {
    const { job, task, attempt: number } = attempt;
    emit({ kind: "attempt-checkpointed", attempt: { job, task, attempt: number } });
  }
}

function supplyLost(
  { emit }: Deciding,
  site: SiteState,
  { domain, remaining, supply }: Extract<Observation, { readonly kind: "supply-lost" }>,
): void {
  if (site.lostSupplies.get(domain)?.remainingWatts !== toNumber(remaining)) {
    const named = supply === undefined ? {} : { supply };
    emit({ kind: "supply-lost", site: site.site.id, domain, remaining, ...named });
  }
}

/**
 * Of the nodes whose stop is confirmed those that can have said so: a lost node keeps its bound
 * until its power-off, whatever a cluster that forgot its pods believes.
 */
function answering(
  site: SiteState,
  attempt: Attempt,
  confirmed: readonly number[],
): readonly number[] {
  const named = confirmed.length === 0 ? attempt.heldNodes : confirmed;
  return named.filter((node) => ((site.nodeFlags[node] ?? 0) & nodeLost) === 0);
}

function activeOn(
  { state }: Deciding,
  site: SiteState,
  observation: Extract<Observation, { readonly attempt: unknown }>,
): Attempt | undefined {
  const { job, task, attempt } = observation.attempt;
  const owner = state.jobs.get(job);
  const found = owner === undefined ? undefined : findAttempt(owner, task, attempt);
  return found?.placement.site === site.site.id ? found : undefined;
}

function isOutside(site: SiteState, observation: Observation): boolean {
  return (
    ("node" in observation && observation.node >= site.site.nodes.length) ||
    ("domain" in observation && observation.domain >= site.site.domains.length)
  );
}

function exit(
  deciding: Deciding,
  attempt: Attempt,
  seen: AttemptOutcome,
  energyJoules?: number,
): void {
  const { state, emit } = deciding;
  const job = state.jobs.get(attempt.job);
  if (job === undefined) {
    return;
  }
  const outcome = finalOutcome(attempt, seen);
  emit({
    kind: "attempt-exited",
    attempt: { job: attempt.job, task: attempt.task, attempt: attempt.attempt },
    outcome,
    next: afterExit(job, attempt, outcome, deciding.limits),
    ...(energyJoules === undefined ? {} : { energyJoules }),
  });
  if (isFinished(job)) {
    settleDependents(deciding, [job.number]);
  }
}

function confirmStop(deciding: Deciding, attempt: Attempt, nodes: readonly number[]): void {
  const { job: number, task, attempt: count } = attempt;
  // A node that is named twice lets go once.
  const named = new Set(nodes);
  const held = attempt.heldNodes.filter((node) => named.has(node));
  if (held.length === 0) {
    return;
  }
  deciding.emit({
    kind: "placement-released",
    attempt: { job: number, task, attempt: count },
    nodes: held.length === attempt.heldNodes.length ? [] : held,
  });
  const job = deciding.state.jobs.get(number);
  if (job !== undefined && isFinished(job)) {
    settleDependents(deciding, [number]);
  }
}

/** Confirmed off: nothing runs there and nothing is drawn, whatever was heard before. */
export function poweredOff(
  deciding: Deciding,
  site: SiteState,
  node: number,
  confirmedBy: string,
): void {
  if (((site.nodeFlags[node] ?? 0) & nodeOff) !== 0) {
    return;
  }
  // One that was asked to is not lost: it may be kept for a start that is promised.
  if (((site.nodeFlags[node] ?? 0) & nodeAsleep) === 0) {
    loseNode(deciding, site, node);
  }
  for (const attempt of site.attemptsOnNode[node] ?? []) {
    const isLast = attempt.heldNodes.length === 1;
    if (isLast && attempt.phase !== "exited") {
      exit(deciding, attempt, { kind: "failed", category: "node", exitCode: 0 });
    }
    confirmStop(deciding, attempt, [node]);
  }
  deciding.emit({ kind: "node-powered-off", site: site.site.id, node, confirmedBy });
}
