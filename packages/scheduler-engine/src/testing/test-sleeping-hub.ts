/** A hub with a ramp whose idle nodes can be switched off, for tests. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { hourMs } from "./test-hub.ts";
import { known } from "../state/assert.ts";
import { nodeAsleep, nodeOff } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { RampedHub } from "./test-ramped-hub.ts";

const minuteMs = 60_000;

/** Nodes of 2 kW idle; those that are asked to sleep go off. */
export class SleepingHub extends RampedHub {
  /** From the order until a node is off. */
  readonly offSeconds: number;
  readonly #askedAtMs = new Map<number, number>();

  constructor(text: string, offSeconds = 0) {
    super(text);
    this.offSeconds = offSeconds;
  }

  get flags(): readonly number[] {
    return [...known(this.state.sites.get("hub"), "site").nodeFlags];
  }

  get offCount(): number {
    return this.flags.filter((flags) => (flags & nodeOff) !== 0).length;
  }

  override measureAll(): void {
    for (const [node, flags] of this.flags.entries()) {
      if ((flags & nodeAsleep) === 0 || (flags & nodeOff) !== 0) {
        this.#askedAtMs.delete(node);
        continue;
      }
      const askedAtMs = this.#askedAtMs.get(node) ?? this.nowMs;
      this.#askedAtMs.set(node, askedAtMs);
      if (this.nowMs >= askedAtMs + this.offSeconds * 1_000) {
        this.report({ kind: "node-powered-off", node });
      }
    }
  }

  /** One gang of a node that bends, at full power. */
  runOne(): void {
    this.run({
      flexibilityTier: 50,
      workloadClass: "straight",
      nodeCount: 1,
      walltime: milliseconds(100 * hourMs),
    });
    this.pass(300);
  }

  /** One of 20 minutes, in 10 unless told otherwise, so many watts below what is carried now. */
  less(lessWatts: number, changes: Partial<Curtailment> = {}): Curtailment {
    const full = this.feedWatts();
    const startMs = Number(changes.start ?? this.nowMs + 10 * minuteMs);
    return {
      id: "evening",
      site: "hub",
      domain: "hub",
      mode: "planned",
      target: watts(full - lessWatts),
      baseline: watts(full),
      start: instant(startMs),
      end: instant(startMs + 20 * minuteMs),
      ramp: milliseconds(5 * minuteMs),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(this.nowMs),
      ...changes,
    };
  }

  schedule(curtailment: Curtailment): unknown {
    const at = instant(this.nowMs);
    const asked = { kind: "schedule-curtailment", by: "olga", at, curtailment } as const;
    return this.engine.execute(asked).reply;
  }
}
