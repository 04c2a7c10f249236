import { createSocketExecutor } from "./socket-executor.ts";
import { change, testSite, wish } from "../test-site.ts";

/**
 * The part of a server that a test kills: it wants two attempts, says on its standard output what
 * was reported, and never makes anything durable.
 *
 *     node test-server.ts SOCKET STARTED_AT_MS
 */
const [socketPath = "", startedAt = "0"] = process.argv.slice(2);
const startedAtMs = Number(startedAt);
const executor = createSocketExecutor({ socketPath, site: testSite });
executor.start(async (observations) => {
  process.stdout.write(`${observations.map(({ kind }) => kind).join("\n")}\n`);
  if (observations.some(({ kind }) => kind !== "cluster-back")) {
    await new Promise(() => {});
  }
});
executor.realize(
  change(
    1,
    [
      wish({ job: 1, startedAtMs, environment: { ERTIS_SIM_RUNTIME_MS: "3600000" } }),
      wish({ job: 2, nodes: [1], startedAtMs, environment: { ERTIS_SIM_RUNTIME_MS: "1" } }),
    ],
    { isComplete: true },
  ),
);
