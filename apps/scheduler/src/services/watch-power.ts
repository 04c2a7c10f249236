import {
  type PowerDomain as ApiDomain,
  type WatchPowerRequest,
  type WatchPowerResponse,
  WatchPhase,
} from "@ertis/api";
import { type DomainView, type Engine, powerTree } from "@ertis/scheduler-engine";
import { domainPageSizeDefault, heartbeatMs, watchIntervalMs } from "../limits/limits.ts";
import { domainToApi } from "../mapping/power-to-api.ts";
import { invalid, Refusal, refusalOf } from "../mapping/refusal.ts";
import type { Violation } from "../mapping/violation.ts";
import type { OutStream } from "../server/calls.ts";
import { pause } from "./commit-signal.ts";
import type { ServiceContext } from "./context.ts";
import { durationOf } from "./requests.ts";
import { encodeResumeToken, resumeAfter, tooOld } from "./resume-token.ts";
import { resolveSite } from "./sites.ts";

/** Domains of a site's tree, as of one sequence. */
interface TreeAt {
  readonly domains: readonly DomainView[];
  readonly sequence: number;
  readonly nowMs: number;
  /** Since when the site's cluster does not answer. */
  readonly awaySinceMs: number | undefined;
}

/** Sends a part of the tree, then the domains that changed, merged between two messages. */
export async function watchPower(
  context: ServiceContext,
  request: WatchPowerRequest,
  stream: OutStream<WatchPowerResponse>,
): Promise<Refusal | undefined> {
  const violations: Violation[] = [];
  const { heartbeatIntervalMs, minIntervalMs, resumeToken } = request;
  const silenceMs = durationOf(
    "heartbeat_interval_ms",
    heartbeatIntervalMs,
    heartbeatMs,
    violations,
  );
  const intervalMs = durationOf("min_interval_ms", minIntervalMs, watchIntervalMs, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const after = resumeToken === "" ? 0 : await resumeAfter(context.scheduler, resumeToken);
  if (after instanceof Refusal) {
    return after;
  }
  let position = after;
  let seen = new Map<string, string>();
  let spokeAtMs = performance.now();
  const first = await readTree(context, request);
  if (first instanceof Refusal) {
    return first;
  }
  // What changed since a token is not remembered domain by domain: everything is sent once more.
  const phase = resumeToken === "" ? WatchPhase.SNAPSHOT : WatchPhase.CHANGES;
  seen = marksOf(first);
  await sendDomains(stream, phase, first, first.domains);
  if (phase === WatchPhase.SNAPSHOT) {
    await stream.send(message(WatchPhase.SYNCED, first, [], true));
  }
  position = first.sequence;
  while (stream.isOpen) {
    const silentMs = performance.now() - spokeAtMs;
    await context.commits.pastOrAfter(position, Math.max(0, silenceMs - silentMs), stream.signal);
    const tree = await readTree(context, request);
    if (tree instanceof Refusal) {
      return tooOld("belongs to a site file that has changed since");
    }
    const marks = marksOf(tree);
    const changed = tree.domains.filter(({ id }) => marks.get(id) !== seen.get(id));
    seen = marks;
    position = tree.sequence;
    if (changed.length > 0) {
      await sendDomains(stream, WatchPhase.CHANGES, tree, changed);
      spokeAtMs = performance.now();
    } else if (performance.now() - spokeAtMs >= silenceMs) {
      await stream.send(message(WatchPhase.HEARTBEAT, tree, [], true));
      spokeAtMs = performance.now();
    }
    await pause(intervalMs, stream.signal);
  }
  return undefined;
}

function readTree(
  { scheduler }: ServiceContext,
  request: WatchPowerRequest,
): Promise<TreeAt | Refusal> {
  return scheduler.read((engine, sequence) => lookAtTree(engine, sequence, request));
}

function lookAtTree(
  { state }: Engine,
  sequence: number,
  request: WatchPowerRequest,
): TreeAt | Refusal {
  const site = resolveSite(state, request);
  if (site instanceof Refusal) {
    return site;
  }
  const tree = powerTree(state, site, {
    size: Number.MAX_SAFE_INTEGER,
    ...(request.domainId === "" ? {} : { root: request.domainId }),
    ...(request.maxDepth === 0 ? {} : { depth: request.maxDepth }),
  });
  return tree.kind === "rejected"
    ? refusalOf(tree)
    : {
        domains: tree.domains,
        sequence,
        nowMs: state.nowMs,
        awaySinceMs: state.sites.get(site)?.awaySinceMs,
      };
}

/** A short text for each domain that differs when the domain does. */
function marksOf({ domains, awaySinceMs }: TreeAt): Map<string, string> {
  return new Map(
    domains.map((view) => {
      const away = view.parent === undefined ? ` ${awaySinceMs}` : "";
      return [view.id, markOf(view) + away];
    }),
  );
}

function markOf(view: DomainView): string {
  const { budget, nextBudgetChange: next } = view;
  return [
    view.boundWatts,
    view.reservedWatts,
    view.freeWatts,
    view.usableWatts,
    view.lostSupply?.remainingWatts,
    ...view.supplies.map((supply) => supply.boundWatts),
    view.gpuHeldCount,
    view.nodeHeldCount,
    view.gpuCordonedCount,
    view.gpuLostCount,
    view.nodeLostCount + view.nodeOffCount,
    view.nodeAsleepCount,
    budget?.id,
    budget?.ceiling,
    next?.atMs,
    next?.budget?.id,
  ].join(" ");
}

async function sendDomains(
  stream: OutStream<WatchPowerResponse>,
  phase: WatchPhase,
  tree: TreeAt,
  domains: readonly DomainView[],
): Promise<void> {
  for (let from = 0; from < domains.length; from += domainPageSizeDefault) {
    const part = domains
      .slice(from, from + domainPageSizeDefault)
      .map((view) => domainToApi(view, tree.awaySinceMs));
    const isLast = from + domainPageSizeDefault >= domains.length;
    const isComplete = isLast && phase === WatchPhase.CHANGES;
    if (!(await stream.send(message(phase, tree, part, isComplete)))) {
      return;
    }
  }
}

function message(
  phase: WatchPhase,
  tree: TreeAt,
  domains: ApiDomain[],
  isComplete: boolean,
): WatchPowerResponse {
  return {
    phase,
    resumeToken: isComplete ? encodeResumeToken(tree.sequence) : "",
    sequence: tree.sequence,
    domains,
    computedAtTimeMs: tree.nowMs,
  };
}
