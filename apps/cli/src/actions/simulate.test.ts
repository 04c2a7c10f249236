import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exampleFiles, plantSettings, scenarios, usualPlant } from "@ertis/simulator";
import { expect, test } from "vitest";
import { exitCodes } from "../exit-codes.ts";
import { startFakeHub } from "../testing/fake-hub.ts";
import { runErtis } from "../testing/run-ertis.ts";

test("a trace alone is played on the example's site, where nothing happens; no start that is kept came earlier", async () => {
  const hub = await startFakeHub();
  const few = ["simulate", "--trace", exampleFiles.trace, "--first", "1", "--horizon", "1h"];
  const { code, out } = await runErtis(hub.address, few);
  await hub.close();
  expect(code).toBe(0);
  expect(out).toMatch(/kept starts came earlier by +none$/m);
  expect(out).toMatch(/promised starts kept +0 of 0/);
});

test("a site without a trace is refused with the name of the example's trace", async () => {
  const hub = await startFakeHub();
  const { code, out, err } = await runErtis(hub.address, ["simulate", "--site", "x.yaml"]);
  await hub.close();
  expect(code).not.toBe(0);
  expect(out).toBe("");
  expect(err).toContain("--trace is missing");
  expect(err).toContain(exampleFiles.trace);
});

test("help names every scenario, and every setting of the plant as it usually is", async () => {
  const hub = await startFakeHub();
  const { out } = await runErtis(hub.address, ["simulate", "--help"]);
  await hub.close();
  for (const { name } of scenarios) {
    expect(out.replaceAll(/\s+/g, " ")).toContain(name);
  }
  for (const { name, what, show } of plantSettings) {
    expect(out).toContain(`${name.padEnd(14)} ${what} (${show(usualPlant)})`);
  }
});

test.each([
  [["--set", "job-bias=7"], 'job-bias is "7", expected a percentage'],
  [["--set", "job-bias=101%"], "expected a percentage from 0% to 100%"],
  [["--set", "cap-loss=100%"], "expected a percentage from 0% to less than 100%"],
  [["--set", "noise=1%"], '"noise=1%" sets nothing known'],
  [["--set", "cap-delay=9s..1s"], "cap-delay is"],
  [["--scenario", "tsunami"], "winter-peak      a winter evening"],
  [["--measure-every", "often"], "--measure-every"],
  [["--measure-every", "1ms"], "--measure-every: is 1 ms, and at least 1 s is allowed"],
  [["--horizon", "0s"], "--horizon: is 0"],
  [["--first", "0"], "It must be a whole number from 1 to 999999999"],
  [["--seed", "-1"], "It must be a whole number from 0 to 999999999"],
  [["--rate", "0"], "It must be a number above 0"],
  [["--rate", "1e9"], "at most 999999, written out like 2 or 0.5"],
  [["--from-day", "5", "--to-day", "2"], "--from-day 5 is not before --to-day 2"],
  [["--from-day", "900"], "the last of its jobs comes on day 1, counted from 0"],
  [["--over-ask", "0.99"], "It must be a number from 1 to 999999"],
  [["--budget", "150%"], "--budget comes to 240 kW"],
  [["--budget", "0W"], "comes to nothing, which cannot carry"],
  [["--budget", "1W"], "the fixed load and the idle draw of the"],
  [["--budget", "100kW", "--compare", "1W"], "would have 1 W, which cannot carry"],
  [["--compare", "+1W"], "the second run would have 161 kW"],
  [["--compare", "+60 MW"], "would have 60.2 MW"],
  [["--compare", "+60 MW"], "without --budget the first run has all of that"],
  [["--out", "one.html", "--json", "./one.html"], "--out and --json both write one.html"],
  [
    ["--out", "no-such-folder/report.html"],
    "there is no folder no-such-folder\n  do: make it first",
  ],
])("refuses %j with what is allowed", async (words, message) => {
  const hub = await startFakeHub();
  const { code, err } = await runErtis(hub.address, ["simulate", ...words]);
  await hub.close();
  expect(code).not.toBe(0);
  expect(err).toContain(message);
});

test("every example that help, README and the page on it print runs as printed", async () => {
  const files = scenarios[0] ?? exampleFiles;
  const cwd = mkdtempSync(join(tmpdir(), "ertis-simulate-"));
  cpSync(dirname(files.site), cwd, { recursive: true });
  const server = await startFakeHub();
  const { out: help } = await runErtis(server.address, ["simulate", "--help"]);
  const pages = ["README.md", "docs/simulate.md"].map((file) =>
    readFileSync(new URL(`../../../../${file}`, import.meta.url), "utf8"),
  );
  const lines = [help.slice(help.indexOf("Examples:")), ...pages]
    .flatMap((text) => text.match(/^ *(?:\.\/)?ertis simulate .*$/gm) ?? [])
    .map((line) => line.trim().replace(/^\.\//, ""));
  const ran = [];
  for (const line of new Set(lines)) {
    const words = line.replace(/ +#.*$/, "").match(/"[^"]*"|\S+/g) ?? [];
    const argv = words.slice(1).map((word) => word.replaceAll('"', ""));
    // Whether it is refused does not depend on how much of the trace is played.
    const { code, err } = await runErtis(server.address, [...argv, "--first", "3"], { cwd });
    ran.push({ line, code, err: code === 0 ? "" : err });
  }
  await server.close();
  rmSync(cwd, { recursive: true });
  expect(ran.filter(({ code }) => code !== 0)).toEqual([]);
  expect(ran.length).toBeGreaterThan(8);
});

test("settings stand in the command that runs it again, and change the run", async () => {
  const hub = await startFakeHub();
  const words = ["simulate", "--first", "20", "--json", "-"];
  const settings = ["--set", "node-life=3h", "--set", "repair=10min..20min"];
  const usual = await runErtis(hub.address, words);
  const failing = await runErtis(hub.address, [...words, ...settings]);
  await hub.close();
  const { command, jobs } = JSON.parse(failing.out) as {
    command: string;
    jobs: { retriedCount: number };
  };
  expect(command).toContain("--set node-life=3h --set repair=10min..20min");
  expect(jobs.retriedCount).toBeGreaterThan(0);
  expect(failing.out).not.toBe(usual.out);
});

test("a run of which every job, or an order of its events, is refused says so, and is no success", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "ertis-refused-"));
  writeFileSync(join(cwd, "huge.csv"), "submit_s,duration_s,gpus\n0,60,9999\n");
  writeFileSync(join(cwd, "fits.csv"), "submit_s,duration_s,gpus\n0,60,1\n");
  const order =
    "{at: 10s, kind: curtailment, id: low, domain: feed, target: 1 W, for: 1h, mode: emergency}";
  writeFileSync(join(cwd, "events.yaml"), `events:\n  - ${order}\n`);
  const hub = await startFakeHub();
  const run = (...words: readonly string[]): ReturnType<typeof runErtis> =>
    runErtis(hub.address, ["simulate", ...words], { cwd });
  const none = await run("--trace", "huge.csv");
  const low = await run("--trace", "fits.csv", "--events", "events.yaml");
  const fine = await run("--trace", "fits.csv");
  await hub.close();
  rmSync(cwd, { recursive: true });
  expect([none.code, low.code, fine.code]).toEqual([exitCodes.refused, exitCodes.refused, 0]);
  expect(none.out).toContain("every job was refused, so that nothing was simulated");
  expect(none.out).toMatch(/wait, mean and p95 +–$/m);
  expect(low.out).toContain("an order of the events was refused");
  expect(fine.out).not.toContain("refused, so that");
});

test("of two runs each tells the command that plays it alone", async () => {
  const hub = await startFakeHub();
  const commandsOf = async (...words: readonly string[]): Promise<readonly string[]> => {
    const few = ["--first", "2", "--json", "-"];
    const { out } = await runErtis(hub.address, ["simulate", ...words, ...few]);
    return (JSON.parse(out) as readonly { command: string }[]).map(({ command }) => command);
  };
  const budgets = await commandsOf("--budget", "100kW", "--compare", "+40kW");
  const sites = await commandsOf("--trace", exampleFiles.trace, "--compare", exampleFiles.site);
  const scenario = await commandsOf("--scenario", "more-power");
  await hub.close();
  expect([...budgets, ...sites, ...scenario].filter((one) => one.includes("compare"))).toEqual([]);
  expect(budgets.map((one) => /--budget \S+/.exec(one)?.[0])).toEqual([
    "--budget 100kW",
    "--budget 140000W",
  ]);
  expect(sites[0]).not.toContain("--site");
  expect(sites[1]).toContain(`--site ${exampleFiles.site}`);
  // By itself that scenario compares.
  expect(scenario.map((one) => /--rate 2/.test(one) && !/--scenario/.test(one))).toEqual([
    true,
    true,
  ]);
});
