import { expect, test } from "vitest";
import { StartProblem } from "../start/problem.ts";
import { parseConfig, parseListen } from "./read-config.ts";
import { parseServerFlags } from "./server-flags.ts";

function problemOf(text: string): string {
  try {
    parseConfig(text, "ertis.yaml");
  } catch (error) {
    return error instanceof StartProblem ? error.message : String(error);
  }
  return "";
}

const hash = "ab".repeat(32);

test("a whole file is read", () => {
  const config = parseConfig(
    `
listen: 127.0.0.1:7171
data: ./state
retention: {rows: 5000, age: 10d}
limits: {walltime: 90d, watchesPerCaller: 3}
engine: {jobsUnfinished: 1000}
rates: {callsPerSecond: 5, burst: 9, operator: {callsPerSecond: 50}}
projects: [nlp]
clock: stepped
clockStart: "2026-02-01T00:00:00Z"
people:
  aigerim: {tokenSha256: ${hash}, roles: [researcher], projects: [nlp]}
`,
    "/etc/ertis/ertis.yaml",
  );
  expect(config).toMatchObject({
    host: "127.0.0.1",
    port: 7171,
    dataDirectory: "/etc/ertis/state",
    clock: "stepped",
    clockStartMs: Date.UTC(2026, 1, 1),
    rate: { callsPerSecond: 5, burst: 9 },
    rateByRole: { operator: { callsPerSecond: 50, burst: 9 } },
  });
  expect(config.limits).toMatchObject({ walltimeMsMax: 90 * 86_400_000, watchesPerCallerMax: 3 });
  expect(config.engineLimits.jobsUnfinishedMax).toBe(1_000);
  expect(config.people[0]?.person.name).toBe("aigerim");
});

test("every mistake is named at once, with its line and path", () => {
  const message = problemOf(`
listen: nowhere
clock: sundial
unheard: 1
limits:
  walltime: 3
  submitBytes: -4
people:
  aigerim: {roles: [king], tokenSha256: xyz}
  bolat: {roles: [viewer], tokenSha256: ${hash}}
  saule: {roles: [viewer], tokenSha256: ${hash}}
sites:
  - {file: missing.yaml}
`);
  for (const part of [
    "ertis.yaml:2: listen:",
    "ertis.yaml:3: clock:",
    "ertis.yaml:4: unheard:",
    "ertis.yaml:6: limits.walltime:",
    "ertis.yaml:7: limits.submitBytes:",
    "ertis.yaml:9: people.aigerim.roles[0]:",
    "ertis.yaml:9: people.aigerim.tokenSha256:",
    "ertis.yaml:11: people.saule: has the same token as bolat",
    "ertis.yaml:13: sites[0].file:",
  ]) {
    expect(message).toContain(part);
  }
});

test("what is no YAML is refused with its line", () => {
  expect(problemOf("a: [1\nb: {")).toMatch(/ertis\.yaml:\d+:/);
  expect(problemOf("- 1\n- 2")).toContain("must be a block");
});

test.each([
  ["7070", { host: "127.0.0.1", port: 7070 }],
  ["[::1]:1", { host: "::1", port: 1 }],
  ["host.kz:443", { host: "host.kz", port: 443 }],
  ["host", undefined],
  ["a:70000", undefined],
])("--listen %s", (text, expected) => {
  expect(parseListen(text)).toEqual(expected);
});

test("wrong flags are refused in a sentence", () => {
  expect(() => parseServerFlags(["--unheard"])).toThrow(StartProblem);
  expect(() => parseServerFlags(["--clock", "sundial"])).toThrow(/real or stepped/);
  expect(parseServerFlags(["--help"])).toBe("help");
});
