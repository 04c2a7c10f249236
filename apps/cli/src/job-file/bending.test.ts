import { expect, test } from "vitest";
import { checkBending, readCap, readCheckpoint, readClass, readTier } from "./bending.ts";
import { buildSpec } from "./build-spec.ts";
import { readDirectives } from "./directives.ts";
import { readDocument } from "./document.ts";
import { findNearest } from "./nearest.ts";

const strict = { ignoreUnknown: false, onIgnored: () => undefined };
const nowMs = Date.UTC(2026, 10, 25, 12);

const bending = {
  flexibilityTierPercent: 25,
  workloadClass: "pre-train",
  capMinWatts: 300,
  nodeCountMin: 4,
  walltimeMinMs: 3_600_000,
  deadlineTimeMs: Date.UTC(2026, 10, 27, 6),
  checkpoint: { saveMs: 30_000, restoreMs: 60_000 },
};

test("a script's directives and a job file say how the job bends", () => {
  const script = `#!/bin/sh
#ERTIS --nodes 8 --gpus-per-node 8 --time 2h --tier 25 --class pre-train --min-cap "300 W"
#ERTIS --min-nodes=4 --time-min 1h --deadline 2026-11-27T06:00:00Z --checkpoint 30s/1min
echo
`;
  expect(buildSpec(readDirectives("a.sh", script, strict), nowMs)).toMatchObject(bending);
  const document = `{nodes: 8, gpus-per-node: 8, time: 2h, tier: 25%, class: pre-train, min-cap: 300 W, image: i,
 min-nodes: 4, time-min: 1h, deadline: "2026-11-27T06:00:00Z", checkpoint: 30s/1min}`;
  const [draft] = readDocument("a.yaml", document);
  expect(draft === undefined ? {} : buildSpec(draft, nowMs)).toMatchObject(bending);
});

test("Slurm's own options for it mean the same", () => {
  const script = "#!/bin/sh\n#SBATCH -N 2 -t 120 --time-min 60 --deadline 2026-11-27T06:00:00Z\n";
  expect(buildSpec(readDirectives("a.sh", script, strict), nowMs)).toMatchObject({
    walltimeMs: 7_200_000,
    walltimeMinMs: 3_600_000,
    deadlineTimeMs: bending.deadlineTimeMs,
  });
});

test.each([
  [readTier("20"), /no tier: 0, 10, 25 or 50 .* the nearest is 25/],
  [readTier("0.25"), /no tier/],
  [readClass("pretraining"), /did you mean pre-train\?/],
  [readClass("Fine_Tune"), /did you mean fine-tune\?/],
  [readClass("infrence"), /did you mean inference\?/],
  [readClass("a b"), /write pre-train, fine-tune, inference/],
  [readCap("300"), /has no unit/],
  [readCheckpoint("30s"), /not SAVE\/RESTORE: write for example "30s\/1min"/],
  [readCheckpoint("30/1min"), /"30" has no unit/],
])("what is wrong is named with what is near: %#", (read, message) => {
  expect(read).toEqual({ kind: "wrong", message: expect.stringMatching(message) });
});

test("other classes are names of measured workloads", () => {
  expect(readClass("pt_mpt_13b_lg")).toEqual({ kind: "ok", value: "pt_mpt_13b_lg" });
  expect(readTier("50 %")).toEqual({ kind: "ok", value: 50 });
});

test("what contradicts itself is told before it is sent", () => {
  expect(checkBending({ nodeCount: 4, nodeCountMin: 5 })).toEqual([
    "--min-nodes 5 is more than its 4 nodes: write fewer",
  ]);
  expect(checkBending({ walltimeMs: 1, walltimeMinMs: 2 })).toHaveLength(1);
  expect(checkBending({ beginTimeMs: 2, deadlineTimeMs: 2 })).toHaveLength(1);
  expect(checkBending({ nodeCount: 4, nodeCountMin: 4 })).toEqual([]);
});

test("a mistyped option or setting names the near one", () => {
  const advice = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };
  const script = "#!/bin/sh\n#ERTIS --min-node 4\n";
  expect(advice(() => readDirectives("a.sh", script, strict))).toMatchObject({
    advice: "did you mean --min-nodes?",
  });
  expect(advice(() => readDocument("a.yaml", "teir: 25"))).toMatchObject({
    advice: "did you mean tier?",
  });
  expect(findNearest("memory", ["nodes", "time"])).toBeUndefined();
});
