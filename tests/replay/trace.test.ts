import { describe, expect, it } from "vitest";
import { parseTrace } from "./trace.ts";

const header = "timestamp,duration,num_gpus,gpu_time,cluster";

describe("parseTrace", () => {
  it("puts jobs in order of time, keeps the file's order inside a second, skips what is no row", () => {
    const trace = parseTrace(
      [
        "# a word about the licence",
        header,
        "2017-10-09 07:01:55,66.0,1,66.0,11cb48",
        "2017-10-09 06:13:03,2951.5,2,5903,6214e9",
        "2017-10-09 07:01:55,7,16,112,11cb48",
        "",
        "",
      ].join("\r\n"),
    );
    expect(trace).toEqual({
      kind: "trace",
      jobs: [
        {
          line: 4,
          submittedAtMs: Date.UTC(2017, 9, 9, 6, 13, 3),
          durationMs: 2_951_500,
          gpuCount: 2,
          virtualCluster: "6214e9",
        },
        {
          line: 3,
          submittedAtMs: Date.UTC(2017, 9, 9, 7, 1, 55),
          durationMs: 66_000,
          gpuCount: 1,
          virtualCluster: "11cb48",
        },
        {
          line: 5,
          submittedAtMs: Date.UTC(2017, 9, 9, 7, 1, 55),
          durationMs: 7_000,
          gpuCount: 16,
          virtualCluster: "11cb48",
        },
      ],
    });
  });

  it("names every broken row by its line, with what was found and what is expected", () => {
    const trace = parseTrace(
      [
        header,
        "yesterday,66.0,1,66.0,11cb48",
        "2017-10-09 07:01:55,-1,1,66.0,11cb48",
        "2017-10-09 07:01:55,66.0,0,66.0,11cb48",
        "2017-10-09 07:01:55,66.0,1,66.0,",
        "2017-10-09 07:01:55,66.0,1",
        "2017-13-09 07:01:55,66.0,1,66.0,11cb48",
        "2017-10-09 07:01:55,1e99,1,66.0,11cb48",
        "2017-10-09 07:01:55,66.0,1000000000,66.0,11cb48",
      ].join("\n"),
    );
    expect(trace).toEqual({
      kind: "problems",
      problems: [
        { line: 2, message: 'timestamp is "yesterday", expected YYYY-MM-DD hh:mm:ss' },
        { line: 3, message: 'duration is "-1", expected 0 to 316224000 s' },
        { line: 4, message: 'num_gpus is "0", expected 1 to 100000' },
        { line: 5, message: 'cluster is "", expected letters, digits, dots, dashes' },
        { line: 6, message: `found 3 columns, 5 are expected: ${header}` },
        { line: 7, message: 'timestamp is "2017-13-09 07:01:55", expected YYYY-MM-DD hh:mm:ss' },
        { line: 8, message: 'duration is "1e99", expected 0 to 316224000 s' },
        { line: 9, message: 'num_gpus is "1000000000", expected 1 to 100000' },
      ],
    });
  });

  it("refuses a file that is something else, and one without a job", () => {
    expect(parseTrace("job_id,num_gpu\n1,2")).toMatchObject({ problems: [{ line: 1 }] });
    expect(parseTrace(`${header}\n\n`)).toMatchObject({ kind: "problems" });
    expect(parseTrace("")).toMatchObject({ kind: "problems" });
  });
});
