import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("takes the small trace and seed 1 when nothing is said", () => {
    expect(parseOptions([])).toEqual({
      kind: "options",
      options: {
        trace: "small",
        jobsMax: undefined,
        seed: 1,
        output: "table",
        dataDirectory: undefined,
      },
    });
  });

  it("takes everything that can be said", () => {
    const args = ["philly", "--jobs", "2000", "--seed", "9", "--output", "json", "--data", "d"];
    expect(parseOptions(args)).toEqual({
      kind: "options",
      options: { trace: "philly", jobsMax: 2_000, seed: 9, output: "json", dataDirectory: "d" },
    });
    expect(parseOptions(["--help"])).toEqual({ kind: "help" });
  });

  it.each([
    [["muri"], 'trace: found "muri", but philly or small is allowed'],
    [["philly", "small"], 'trace: found "philly small"'],
    [["--jobs", "0"], '--jobs: found "0", but 1 to'],
    [["--jobs", "many"], '--jobs: found "many"'],
    [["--seed", "-1"], "--seed"],
    [["--output", "xml"], '--output: found "xml", but table or json is allowed'],
    [["--speed", "2"], "--speed"],
  ])("refuses %j in a sentence", (args, sentence) => {
    const parsed = parseOptions(args);
    expect(parsed.kind === "wrong" ? parsed.message : parsed.kind).toContain(sentence);
  });
});
