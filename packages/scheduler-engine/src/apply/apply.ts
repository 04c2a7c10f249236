import type { Event } from "../words/event.ts";
import type { EngineState } from "../state/engine-state.ts";
import {
  attemptExited,
  attemptRunning,
  attemptStarted,
  placementReleased,
  stopRequested,
  walltimeWarned,
} from "./attempts.ts";
import {
  jobsBecameReady,
  jobsCancelled,
  jobsHeld,
  jobsReleased,
  jobsRetired,
  jobsSubmitted,
} from "./jobs.ts";
import {
  drainEnforced,
  nodeLostSeen,
  nodePoweredOff,
  nodeReturned,
  nodesCordoned,
  nodesDraining,
  nodesUncordoned,
} from "./nodes.ts";
import { settleStartRooms } from "../power/start-rooms.ts";
import { applyPower } from "./apply-power.ts";
import { loadsBefore, recordLoads } from "./ramps.ts";
import { reservationDropped, reservationMade } from "./power.ts";
import { restarted } from "./restarted.ts";
import { siteConnection, siteRegistered } from "./sites.ts";

/**
 * The only place where facts change; what decisions note beside them, `restarted.ts` forgets. Total: an event
 * that was once written always applies.
 * `state.nowMs` is the time of the event's entry (see `advanceTime`).
 */
export function applyEvent(state: EngineState, event: Event): void {
  const before = loadsBefore(state, event);
  change(state, event);
  recordLoads(state, before, event);
  for (const site of state.sites.values()) {
    settleStartRooms(site, state.nowMs);
  }
}

function change(state: EngineState, event: Event): void {
  switch (event.kind) {
    case "jobs-submitted":
      return jobsSubmitted(state, event);
    case "jobs-held":
      return jobsHeld(state, event.jobs);
    case "jobs-released":
      return jobsReleased(state, event.jobs);
    case "jobs-cancelled":
      return jobsCancelled(state, event.jobs, event.reason);
    case "jobs-became-ready":
      return jobsBecameReady(state, event.jobs);
    case "jobs-retired":
      return jobsRetired(state, event.count);
    case "request-ids-forgotten":
      return state.requestIds.forgetOldest(event.count);
    case "attempt-started":
      return attemptStarted(state, event);
    case "attempt-running":
      return attemptRunning(state, event.attempt);
    case "walltime-warned":
      return walltimeWarned(state, event.attempt);
    case "stop-requested":
      return stopRequested(state, event.attempt, event.reason);
    case "attempt-exited":
      return attemptExited(state, event);
    case "placement-released":
      return placementReleased(state, event.attempt, event.nodes);
    case "reservation-made":
      return reservationMade(state, event);
    case "reservation-dropped":
      return reservationDropped(state, event);
    case "nodes-cordoned":
      return nodesCordoned(state, event.site, event.nodes, event);
    case "nodes-uncordoned":
      return nodesUncordoned(state, event.site, event.nodes);
    case "nodes-draining":
      return nodesDraining(state, event);
    case "drain-enforced":
      return drainEnforced(state, event.site, event.nodes);
    case "node-lost":
      return nodeLostSeen(state, event.site, event.node);
    case "node-powered-off":
      return nodePoweredOff(state, event.site, event.node);
    case "node-returned":
      return nodeReturned(state, event);
    case "site-away":
    case "site-back":
      return siteConnection(state, event.site, event.kind === "site-back");
    case "site-registered":
      return siteRegistered(state, event);
    case "restarted":
      return restarted(state);
    default:
      return applyPower(state, event);
  }
}
