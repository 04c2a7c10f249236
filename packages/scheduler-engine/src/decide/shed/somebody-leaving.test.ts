import { expect, test } from "vitest";
import { stopGraceMs } from "../../limits.ts";
import { Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { isSomebodyLeaving } from "./held-at-floors.ts";

/** A job has exited, and its nodes have not let it go yet. */
function exitedHub(isTold: boolean): Hub {
  const hub = new Hub();
  const job = hub.run();
  const attempt = { job, task: 0, attempt: 1 };
  hub.report({ kind: "attempt-running", attempt });
  if (isTold) {
    hub.change("cancel-jobs", [job]);
  }
  const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
  hub.report({ kind: "attempt-exited", attempt, outcome });
  return hub;
}

function isLeaving(hub: Hub): boolean {
  return isSomebodyLeaving(hub.state, known(hub.state.sites.get("hub"), "hub"));
}

test("who was told to stop leaves until his nodes have let him go: what was measured until then has him in it", () => {
  const hub = exitedHub(true);
  expect(isLeaving(hub)).toBe(true);
  hub.wait(stopGraceMs);
  // By then they are late.
  expect(isLeaving(hub)).toBe(false);
});

test("who has ended by himself may be followed by others at once", () => {
  expect(isLeaving(exitedHub(false))).toBe(false);
});
