import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { type Compliance, complianceOf } from "../read/compliance.ts";
import { hourMs, startMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { MeteredHub, minuteMs, pausing } from "./test-metered-hub.ts";

const beginMs = startMs + hourMs;
const endMs = beginMs + 5 * hourMs;

/** Four jobs fill each hall; caps alone do not hold a planned target there, so they pause in turns. */
function fullHub(...halls: readonly string[]): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(pausing);
  }
  for (const hall of halls) {
    const reply = hub.curtail(hall, {
      domain: hub.hall(hall),
      target: watts(16_000),
      baseline: watts(20_000),
      start: instant(beginMs),
      end: instant(endMs),
      ramp: milliseconds(0),
    });
    expect(reply).toEqual({ kind: "done" });
  }
  return hub;
}

function reportOf(hub: MeteredHub, id: string): Compliance {
  return known(complianceOf(hub.state, id), id);
}

test("two planned ones in two halls: each counts what it cost its own jobs, and no others", () => {
  const hub = fullHub("hall-1", "hall-2");
  hub.playUntil(beginMs + hourMs);
  const jobsOf = (id: string): readonly number[] => reportOf(hub, id).jobs.map(({ job }) => job);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(1);
  expect(jobsOf("hall-1")).toEqual([1, 2, 3, 4]);
  expect(jobsOf("hall-2")).toEqual([5, 6, 7, 8]);
  hub.playUntil(endMs + minuteMs);
  expect(jobsOf("hall-1")).toEqual([1, 2, 3, 4]);
  expect(jobsOf("hall-2")).toEqual([5, 6, 7, 8]);
});
