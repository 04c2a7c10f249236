import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { RampedHub, rampedHub } from "../../testing/test-ramped-hub.ts";
import { attemptsOf, cappedHub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const walltime = milliseconds(2 * hourMs);

interface Promised {
  readonly hub: RampedHub;
  readonly job: number;
  readonly startAtMs: number;
}

/** Half an hour after the start of its budget a start is promised at a second site; twenty seconds before, the hub comes back. */
function promisedElsewhere(changes: Partial<JobSpec> = {}): Promised {
  const hub = new RampedHub(rampedHub("4 kW/min over 60 s"));
  const at = instant(hub.nowMs);
  const site = "far";
  const text = cappedHub().replace("site: hub", "site: far");
  const file = "far.yaml";
  hub.engine.execute({ kind: "register-site", at, site, file, text, phases: "built" });
  const budget = {
    id: "morning",
    site,
    domain: "far",
    // All of its nodes idle.
    ceiling: watts(17_500),
    from: at,
    until: instant(hub.nowMs + hourMs / 2),
    reason: "heat",
    setBy: "olga",
  };
  hub.engine.execute({ kind: "set-budget", at, budget });
  const nodes = [0, 1, 2, 3, 4, 5, 6, 7];
  hub.cordon(...nodes);
  const job = hub.submit({ walltime, ...changes });
  hub.pass(1);
  const [kept] = known(hub.state.sites.get(site)?.pools[0], "pool").reservations;
  const { startAtMs } = known(kept, "promise");
  hub.pass((startAtMs - hub.nowMs) / 1_000 - 20);
  const back = { at: instant(hub.nowMs), by: "olga", reason: "fans", site: "hub", nodes };
  hub.engine.execute({ kind: "uncordon-nodes", ...back });
  return { hub, job, startAtMs };
}

/** Who started last: where, when, and under which cap. */
function lastStart(hub: RampedHub): readonly (string | number)[] {
  const last = known(
    attemptsOf(hub)
      .toSorted((one, other) => one.startedAtMs - other.startedAtMs)
      .at(-1),
    "attempt",
  );
  return [last.job, last.placement.site, last.startedAtMs, last.capWatts];
}

test("a promised start that is due comes at its site where the ramp of another has no room for it", () => {
  const { hub, job, startAtMs } = promisedElsewhere();
  // It takes 3.2 kW of what the ramp of the hub allows in a minute.
  hub.run({ site: "hub", priorityClass: "high" });
  hub.pass(20);
  expect(lastStart(hub)).toEqual([job, "far", startAtMs, 0]);
  // Nobody waits behind it at the hub any more.
  const small = hub.run({ gpusPerNode: 1 });
  expect(lastStart(hub)).toEqual([small, "hub", startAtMs, 0]);
});

test("a start that is promised at full power does not begin lower below a ramp of another site, to be done later", () => {
  const { hub, job, startAtMs } = promisedElsewhere({
    flexibilityTier: 50,
    workloadClass: "straight",
  });
  // It leaves 2.4 kW, enough for the lowest cap.
  hub.run({ site: "hub", priorityClass: "high", gpusPerNode: 4 });
  hub.pass(20);
  expect(lastStart(hub)).toEqual([job, "far", startAtMs, 0]);
});
