/** Plays one random run again: `npx node tests/simulation/play.ts SEED JOBS [RAMP [peak]]`, with an empty ramp for none. */
import { randomRun } from "./random-run.ts";

const [seed = "1", jobs = "200", ramp = "", partUse = "share"] = process.argv.slice(2);
const run = randomRun(
  Number(seed),
  Number(jobs),
  ramp === "" ? undefined : ramp,
  partUse === "peak" ? partUse : "share",
);
console.log(
  `seed ${run.seed}: ${run.eventCount} events, ${run.capCount} caps, ${run.curtailmentCount} curtailments, ${run.failedNodeCount} nodes lost, ${run.preemptionCount} preempted`,
);
for (const { atMs, property, message } of run.violations) {
  console.log(`${new Date(atMs).toISOString()} ${property}: ${message}`);
}
console.log(`${run.violationCount} broken promises`);
process.exitCode = run.violationCount === 0 ? 0 : 1;
