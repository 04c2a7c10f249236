import {
  CurtailmentMode,
  GetPowerTreeRequest,
  PowerServiceService,
  ScheduleCurtailmentRequest,
} from "@ertis/api";
import { endClusterProcess } from "@ertis/executor-simulated";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { as, call, openHub } from "../testing/hub.ts";
import { siteId } from "../testing/small-site.ts";
import { clusterSocketPath } from "./cluster-paths.ts";

const minuteMs = 60_000;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-measured-"));
});

afterEach(async () => {
  await endClusterProcess(clusterSocketPath(directory, siteId));
  rmSync(directory, { recursive: true, force: true });
});

test("what a cluster process measures is what the power tree shows", async () => {
  const cluster = { site: siteId, seed: 1, isOwnProcess: true, physics: {} };
  const hub = await openHub({
    dataDirectory: directory,
    clock: "real",
    clusters: [{ ...cluster, measureEveryMs: 50 }],
  });
  try {
    // Near a planned curtailment every measurement is kept, not one a minute.
    const curtailment = ScheduleCurtailmentRequest.fromPartial({
      curtailmentId: "soon",
      spec: {
        domainId: siteId,
        mode: CurtailmentMode.PLANNED,
        startTimeMs: Date.now() + 5 * minuteMs,
        endTimeMs: Date.now() + 10 * minuteMs,
        rampMs: minuteMs,
        reason: "a test",
        target: { $case: "targetWatts", value: 30_000 },
      },
    });
    await call(hub, PowerServiceService.scheduleCurtailment, curtailment, as("dauren"));
    await vi.waitFor(
      async () => {
        const request = GetPowerTreeRequest.fromPartial({ site: siteId, maxDepth: 0 });
        const tree = await call(hub, PowerServiceService.getPowerTree, request, as("dauren"));
        const [feed] = tree.domains;
        // Nothing runs, so what is drawn is what is reserved for idle nodes and fixed loads.
        expect(feed?.drawWatts).toBe(feed?.boundWatts);
        expect(feed?.drawWatts).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
  } finally {
    await hub.close();
  }
});
