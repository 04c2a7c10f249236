import type { Job, JobFilter, PowerDomain } from "@ertis/api";
import {
  createJobsMirror,
  createPowerMirror,
  type Mirror,
  type JobsEvent,
  type PowerEvent,
  type PowerScope,
} from "@ertis/client";
import type { ServerClock } from "./server-clock.ts";
import type { Session } from "./session.ts";

/** What the live views read: filled by watches that survive broken connections. */
export interface LiveJobs {
  readonly mirror: Mirror<Job, JobsEvent>;
  /** Jobs that no longer match, since the watch began. */
  readonly leftCount: () => number;
  /** Why the picture may be out of date; empty = it is not. */
  readonly staleness: () => string;
  readonly feed: (changed: () => void) => Promise<void>;
}

export interface LivePower {
  readonly domains: () => readonly PowerDomain[];
  readonly staleness: () => string;
  readonly feeds: readonly ((changed: () => void) => Promise<void>)[];
}

export function followJobs(
  session: Session,
  filter: Partial<JobFilter>,
  signal: AbortSignal,
): LiveJobs {
  const mirror = createJobsMirror();
  let leftCount = 0;
  let trouble = "";
  return {
    mirror,
    leftCount: () => leftCount,
    staleness: () => trouble,
    async feed(changed) {
      for await (const event of session.client.watchJobs(filter, { signal })) {
        mirror.apply(event);
        leftCount += event.kind === "message" ? event.message.leftJobIds.length : 0;
        trouble = event.kind === "message" ? "" : event.error.message;
        changed();
      }
    },
  };
}

export function followPower(
  session: Session,
  scopes: readonly PowerScope[],
  options: { readonly clock: ServerClock; readonly signal: AbortSignal },
): LivePower {
  const parts = scopes.map((scope) => ({ scope, mirror: createPowerMirror() }));
  let trouble = "";
  const follow = async (
    part: { readonly scope: PowerScope; readonly mirror: Mirror<PowerDomain, PowerEvent> },
    changed: () => void,
  ): Promise<void> => {
    const { signal, clock } = options;
    for await (const event of session.client.watchPower(part.scope, { signal })) {
      part.mirror.apply(event);
      trouble = event.kind === "message" ? "" : event.error.message;
      if (event.kind === "message" && event.message.computedAtTimeMs > 0) {
        clock.tell(event.message.computedAtTimeMs);
      }
      changed();
    }
  };
  return {
    domains: () => parts.flatMap(({ mirror }) => [...mirror.items.values()]),
    staleness: () => trouble,
    feeds: parts.map((part) => async (changed: () => void) => follow(part, changed)),
  };
}
