import { type Job, type PowerDomain, WatchPhase } from "@ertis/api";
import type { JobsEvent } from "./job-calls.ts";
import type { PowerEvent } from "./power-calls.ts";

/** What a watch has told so far. */
export interface Mirror<Item, Event> {
  /** Everything known, by id. */
  readonly items: ReadonlyMap<string, Item>;
  /** True once the first snapshot is complete. */
  readonly isSynced: boolean;
  /** True from a broken stream until the picture is whole again: what is known may be out of date. */
  readonly isStale: boolean;
  /** Takes one event in. */
  apply(event: Event): void;
}

interface Change<Item> {
  readonly phase: WatchPhase;
  readonly changed: readonly Item[];
  readonly left: readonly string[];
}

interface Rules<Item, Event> {
  readonly toChange: (event: Event) => Change<Item> | "resync" | "disconnected";
  readonly isOlder: (item: Item, known: Item) => boolean;
}

/** Moves all of one map into another. */
function refill<Item>(target: Map<string, Item>, source: ReadonlyMap<string, Item>): void {
  target.clear();
  for (const [id, item] of source) {
    target.set(id, item);
  }
}

function createMirror<Item extends { readonly id: string }, Event>(
  rules: Rules<Item, Event>,
): Mirror<Item, Event> {
  const items = new Map<string, Item>();
  // After a resync the old picture stays until the new one is complete: a reader never sees half of it.
  let pending: Map<string, Item> | undefined;
  let isSynced = false;
  let isStale = false;
  const take = (target: Map<string, Item>, change: Change<Item>): void => {
    for (const item of change.changed) {
      const known = target.get(item.id);
      if (known === undefined || !rules.isOlder(item, known)) {
        target.set(item.id, item);
      }
    }
    for (const id of change.left) {
      target.delete(id);
    }
  };
  return {
    items,
    get isSynced() {
      return isSynced;
    },
    get isStale() {
      return isStale;
    },
    apply(event) {
      const change = rules.toChange(event);
      if (change === "resync" || change === "disconnected") {
        pending = change === "resync" ? new Map() : pending;
        isStale = true;
        return;
      }
      take(pending ?? items, change);
      if (change.phase !== WatchPhase.SNAPSHOT) {
        if (pending !== undefined) {
          refill(items, pending);
          pending = undefined;
        }
        isSynced = true;
        isStale = false;
      }
    },
  };
}

/** Jobs as a watch tells them; an older generation never replaces a newer one. */
export function createJobsMirror(): Mirror<Job, JobsEvent> {
  return createMirror({
    toChange: (event) =>
      event.kind === "message"
        ? {
            phase: event.message.phase,
            changed: event.message.jobs,
            left: event.message.leftJobIds,
          }
        : event.kind,
    isOlder: (job, known) => job.generation < known.generation,
  });
}

/** Domains of a power tree as a watch tells them, in the order in which they first came. */
export function createPowerMirror(): Mirror<PowerDomain, PowerEvent> {
  return createMirror({
    toChange: (event) =>
      event.kind === "message"
        ? { phase: event.message.phase, changed: event.message.domains, left: [] }
        : event.kind,
    isOlder: () => false,
  });
}
