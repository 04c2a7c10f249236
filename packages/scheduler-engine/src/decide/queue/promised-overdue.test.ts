import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import { stopGraceMs } from "../../limits.ts";

const confirmMs = 2 * stopGraceMs;

/** One job has ended by itself, and its node does not say that it is free. */
class SilentHub extends Hub {
  readonly first: number;

  constructor(text?: string) {
    super(text);
    this.first = this.run({ walltime: milliseconds(hourMs / 4) });
    const attempt = { job: this.first, task: 0, attempt: 1 };
    this.report({ kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } });
  }

  confirm(): void {
    const attempt = { job: this.first, task: 0, attempt: 1 };
    this.report({ kind: "stop-confirmed", attempt, nodes: [] });
  }

  get promised(): readonly Reservation[] {
    return known(this.state.sites.get("hub"), "hub").pools.flatMap((pool) => pool.reservations);
  }

  isRunning(job: number): boolean {
    return known(this.state.jobs.get(job), "job").runningCount === 1;
  }
}

test("nodes that should have confirmed a stop and have not are promised to nobody, and again when they do", () => {
  const hub = new SilentHub();
  const other = hub.run();
  hub.wait(confirmMs - 1);
  const whole = hub.run({ nodeCount: 8 });
  expect(hub.promised.map((one) => one.job)).toEqual([whole]);
  hub.change("cancel-jobs", [whole]);
  hub.wait(1);
  const head = hub.run({ nodeCount: 8 });
  expect(hub.promised).toEqual([]);
  hub.confirm();
  hub.place();
  expect(hub.promised.map((one) => one.job)).toEqual([head]);
  hub.finish(other);
  hub.place();
  expect(hub.isRunning(head)).toBe(true);
});

test("a start that is promised beside watts of such a node is kept: nobody else counts on them either", () => {
  // Idle nodes, and GPUs of three nodes and a half.
  const hub = new SilentHub(cappedHub().replace("limit: 250 kW", "limit: 28200 W"));
  const runs = hub.run();
  hub.wait(hourMs / 2);
  const head = hub.run({ nodeCount: 2 });
  const { startAtMs } = known(hub.promised[0], "promise");
  expect(startAtMs).toBe(startMs + hourMs + stopGraceMs);
  // It fits now, and beside the head only if the silent node were free.
  const later = hub.run({ walltime: milliseconds(5 * hourMs) });
  expect(hub.isRunning(later)).toBe(false);
  hub.wait(startAtMs - 1 - hub.nowMs);
  hub.finish(runs);
  hub.place();
  hub.wait(1);
  hub.place();
  expect(hub.isRunning(head)).toBe(true);
});
