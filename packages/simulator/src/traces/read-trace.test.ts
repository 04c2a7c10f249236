import { expect, test } from "vitest";
import { muriHeader } from "./muri.ts";
import { phillyHeader } from "./philly.ts";
import { readTrace } from "./read-trace.ts";

function jobsOf(text: string): readonly unknown[] {
  const read = readTrace(text);
  expect(read.kind).toBe("trace");
  return read.kind === "trace" ? read.jobs : [];
}

function problemsOf(text: string): readonly string[] {
  const read = readTrace(text);
  return read.kind === "problems"
    ? read.problems.map(({ line, message }) => `${line}: ${message}`)
    : [];
}

test("Philly: sorted by time, jobs of one second in the order of the file, blank lines skipped", () => {
  const jobs = jobsOf(
    `${phillyHeader}\n2017-10-09 07:01:55,66.0,1,66.0,11cb48\n2017-10-09 06:13:03,2951.0,8,2951.0,6214e9\n2017-10-09 06:13:03,1.5,2,3.0,6214e9\n\n`,
  );
  expect(jobs).toMatchObject([
    { line: 3, durationMs: 2_951_000, gpuCount: 8, owner: "6214e9" },
    { line: 4, durationMs: 1_500 },
    { line: 2, submittedAtMs: Date.UTC(2017, 9, 9, 7, 1, 55) },
  ]);
});

test("Muri: times are milliseconds from the start", () => {
  const jobs = jobsOf(`${muriHeader}\n7,8,1534000,1463,vgg16,16,281000,28000,214,82,75,66,1\n`);
  expect(jobs).toMatchObject([{ gpuCount: 8, durationMs: 281_000, said: { name: "vgg16-7" } }]);
});

test("the own format as CSV, columns in any order, and as JSON lines, gives the same jobs", () => {
  const asCsv = jobsOf("gpus,submit_s,tier,duration_s,nodes,nodes_min\n16,60,25,3600.5,2,1\n");
  const asJson = jobsOf(
    '{"submit_s": 60, "duration_s": 3600.5, "gpus": 16, "tier": 25, "nodes": 2, "nodes_min": "1"}\n',
  );
  expect(asCsv).toMatchObject([
    { durationMs: 3_600_500, said: { flexibilityTier: 25, nodeCount: 2, nodeCountMin: 1 } },
  ]);
  expect(asJson).toMatchObject([{ durationMs: 3_600_500, said: { nodeCountMin: 1 } }]);
});

test("a broken row refuses the trace, with its line; all rows are looked at", () => {
  expect(
    problemsOf(
      `# a comment\n${phillyHeader}\n2017-10-09 07:01:55,-1,1,66.0,a\nyesterday,1,1,1,a\n2017-10-09 07:01:55,1,0,1,a\n2017-10-09 07:01:55,1,1\n2017-10-09 07:01:55,1,1,1,\n2017-13-09 07:01:55,1,1,1,a\n2017-10-09 07:01:55,1e99,1,1,a\n2017-10-09 07:01:55,1,1000000000,1,a\n`,
    ),
  ).toEqual([
    '3: duration is "-1", expected a number from 0 to 316224000 s',
    '4: timestamp is "yesterday", expected YYYY-MM-DD hh:mm:ss',
    '5: num_gpus is "0", expected a whole number from 1 to 100000',
    `6: found 3 columns, expected 5: ${phillyHeader}`,
    '7: cluster is "", expected letters, digits, dots, dashes',
    '8: timestamp is "2017-13-09 07:01:55", expected YYYY-MM-DD hh:mm:ss',
    '9: duration is "1e99", expected a number from 0 to 316224000 s',
    '10: num_gpus is "1000000000", expected a whole number from 1 to 100000',
  ]);
});

test.each([
  ["submit_s,duration_s,gpus,colour\n", 'unknown column "colour"'],
  ["submit_s,gpus\n", "expected the header"],
  ["submit_s,duration_s,gpus,gpus\n1,1,1,1\n", "stands twice"],
  ["submit_s,duration_s,gpus\n", "holds no job"],
  ["", "holds no job"],
  ["submit_s,duration_s,gpus,tier\n0,1,1,30\n", 'tier is "30", expected 0, 10, 25, 50'],
  ["submit_s,duration_s,gpus,nodes\n0,1,7,2\n", "7 gpus do not divide evenly over 2 nodes"],
  ["submit_s,duration_s,gpus\n0,1e9,1\n", 'duration_s is "1e9"'],
  ["submit_s,duration_s,gpus\n0,,1\n", "duration_s is missing"],
  ['{"submit_s": 0, "duration_s": 1, "gpus": [1]}\n', "gpus is neither a text nor a number"],
  ['{"submit_s": 0,\n', "not readable as JSON"],
])("refuses %j", (text, message) => {
  expect(problemsOf(text).join("\n")).toContain(message);
});

test("a deadline that is not after the submit is refused with its line", () => {
  const header = "submit_s,duration_s,gpus,deadline_s";
  const trace = readTrace(`${header}\n10,60,1,3600\n100,60,1,99.5\n`);
  expect(trace).toEqual({
    kind: "problems",
    problems: [
      {
        line: 3,
        message:
          "deadline_s is 99.5, not after submit_s, 100: both count from the beginning of the trace",
      },
    ],
  });
});
