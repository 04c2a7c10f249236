import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import type { Reservation } from "../../state/site-state.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import type { Event } from "../../words/event.ts";
import { foundBesidePromises } from "./beside-promises.ts";

const endMs = startMs + hourMs;
const lastStepMs = endMs + 10 * minuteMs;

/** Two starts are promised, on other nodes each. */
class PromisingHub extends MeteredHub {
  constructor() {
    super();
    for (let hours = 3; hours <= 10; hours += 1) {
      this.run({ walltime: milliseconds(hours * hourMs) });
    }
    this.run();
    this.run({ priorityClass: "high" });
  }

  get promises(): readonly Reservation[] {
    return this.site.pools.flatMap(({ reservations }) => reservations);
  }

  /** For whom is nothing promised any more where somebody comes back to nodes who could start so? */
  letGo(
    nodes: readonly number[],
    isPossible: () => boolean,
    back: { readonly untilMs: number; readonly curtailment?: string } = { untilMs: endMs },
  ): readonly number[] {
    const events: Event[] = [];
    const deciding = {
      state: this.state,
      limits: defaultLimits,
      emit: (event: Event): number => events.push(event),
    };
    const find = (): undefined => undefined;
    const paused = { job: 99, nodes, ...back };
    foundBesidePromises(deciding, this.site, { paused, find, isPossible });
    return events.flatMap((event) => (event.kind === "reservation-dropped" ? event.job : []));
  }
}

/** Hall-1 gives back what it gave for a target that is over. */
class RecoveringHub extends PromisingHub {
  constructor() {
    super();
    const target = watts(30_000);
    const domain = this.hall("hall-1");
    const start = instant(startMs + 30 * minuteMs);
    const end = instant(endMs);
    expect(this.curtail("peak", { domain, target, start, end }).kind).toBe("done");
    this.playUntil(endMs + minuteMs);
    expect(this.promises.map(({ nodes }) => nodes)).toEqual([[0], [1]]);
  }

  get hallCeiling(): number {
    const hall = this.site.domainIndexById.get(this.hall("hall-1")) ?? -1;
    return this.site.horizons[0]?.ceiling[hall] ?? 0;
  }
}

function givesWay(one: Reservation | undefined): boolean {
  return one?.isLifted ?? false;
}

test("of promised starts that stand in the way of who comes back, those on its own nodes are let go first", () => {
  const hub = new RecoveringHub();
  const isAnyLifted = (): boolean => hub.promises.some(({ isLifted }) => isLifted);
  for (const { job, nodes } of hub.promises) {
    expect(hub.letGo(nodes, isAnyLifted)).toEqual([job]);
  }
});

test("none is let go for who can come back, beside it or to its own nodes, once a recovery has given its watts back", () => {
  const hub = new RecoveringHub();
  const [first, second] = hub.promises;
  const now = hub.hallCeiling;
  const isBack = (): boolean => hub.hallCeiling > now;
  expect(hub.letGo([0], isBack)).toEqual([]);
  // On its own nodes it could come back in a moment, on those that are kept for another at once.
  const isEither = (): boolean => (givesWay(first) && isBack()) || givesWay(second);
  expect(hub.letGo(first?.nodes ?? [], isEither)).toEqual([]);
  expect(hub.letGo(second?.nodes ?? [], isEither)).toEqual([second?.job]);
  hub.playUntil(lastStepMs);
  expect(hub.hallCeiling).toBeGreaterThan(now);
  expect(hub.letGo(first?.nodes ?? [], () => givesWay(first))).toEqual([first?.job]);
});

test("before its time nobody is let go for who comes back, but while an emergency is on that paused him without notice", () => {
  const hub = new PromisingHub();
  hub.playUntil(startMs + minuteMs);
  const start = instant(hub.nowMs);
  const end = instant(startMs + 5 * hourMs);
  const cut = { mode: "emergency", start, end } as const;
  expect(hub.curtail("cut", { ...cut, target: watts(60_000) })).toMatchObject({ kind: "done" });
  const [first] = hub.promises;
  const isPossible = (): boolean => givesWay(first);
  const untilMs = startMs + 4.9 * hourMs;
  expect(first?.startAtMs).toBeLessThan(untilMs);
  const letGoFor = (curtailment: { readonly curtailment?: string }): readonly number[] =>
    hub.letGo(first?.nodes ?? [], isPossible, { untilMs, ...curtailment });
  expect(letGoFor({ curtailment: "noon" })).toEqual([]);
  expect(letGoFor({})).toEqual([first?.job]);
  const cancel = { kind: "cancel-curtailment", id: "cut", by: "olga", reason: "over" } as const;
  hub.engine.execute({ ...cancel, at: start });
  expect(letGoFor({})).toEqual([]);
});
