import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultConfig, type RunningServer, serve } from "@ertis/scheduler";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const launcher = join(root, "apps/cli/bin/ertis");
const siteFile = join(root, "infra/sites/ai-data-center.yaml");

let folder = "";
let server: RunningServer;

const people = [
  { name: "aigerim", roles: ["researcher"], projects: new Set(["nlp"]) },
  { name: "dauren", roles: ["operator"], projects: new Set(["*"]) },
] as const;

const toToken = (name: string): string => `token-of-${name}-0123456789abcdef`;

/** The real server on the real clock, with nodes that start and stop at once. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ertis-cli-end-to-end-"));
  const never = { numerator: 0, denominator: 1 };
  const atOnce = { min: 1, max: 1 };
  server = await serve(
    {
      ...defaultConfig,
      port: 0,
      sites: [{ file: siteFile, text: readFileSync(siteFile, "utf8"), phases: "built" }],
      clusters: [
        {
          site: "ai-data-center",
          seed: 1,
          isOwnProcess: false,
          physics: {
            startDelayMs: atOnce,
            stopConfirmMs: atOnce,
            termExitMs: atOnce,
            applicationFailure: never,
            termIgnored: never,
          },
        },
      ],
      projects: ["nlp"],
      people: people.map((person) => ({
        person,
        tokenSha256: hash("sha256", toToken(person.name), "hex"),
      })),
    },
    { info: () => undefined, warn: () => undefined },
  );
  const contexts = join(folder, ".ertis", "contexts");
  mkdirSync(contexts, { recursive: true });
  for (const [path, name] of [
    [join(folder, ".ertis", "context.json"), "aigerim"],
    [join(contexts, "operator.json"), "dauren"],
  ] as const) {
    const context = { address: server.address, token: toToken(name), person: name };
    writeFileSync(path, JSON.stringify(context), { mode: 0o600 });
  }
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

async function ertis(...argv: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env["PATH"], HOME: folder };
    execFile(process.execPath, [launcher, ...argv], { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error?.code ?? 0, out, err });
    });
  });
}

test("a job goes from a command line through the real server to its end", async () => {
  const short = ["--env", "ERTIS_SIM_RUNTIME_MS=200", "--time", "10min", "--wrap", "true"];
  const good = await ertis("submit", "--gpus", "8", "--wait", ...short);
  expect(good).toMatchObject({ code: 0, out: "submitted job 1 (true)\n" });
  expect(good.err).toMatch(/job 1 succeeded/);
  const bad = await ertis(
    "submit",
    "--gpus",
    "8",
    "--wait",
    "--env",
    "ERTIS_SIM_OUTCOME=failed:3",
    ...short,
  );
  expect(bad.code).toBe(7);
  expect((await ertis("job", "2")).out).toMatch(/✗ failed[\s\S]*exit code 3/);
  expect((await ertis("jobs", "--all", "-o", "name")).out).toBe("2\n1\n");
});

test("a budget keeps a job waiting, why says so, and its end lets the job start", async () => {
  const set = ["budget", "set", "night", "ai-data-center", "100 kW", "--reason", "test"];
  expect((await ertis(...set)).code).toBe(4);
  expect((await ertis(...set, "--as", "operator")).err).toContain("OVER BUDGET by");
  const job = ["--gpus", "8", "--gpu", "H100-SXM-80GB", "--time", "1h", "--wrap", "true"];
  const submitted = await ertis(
    "submit",
    "--parsable",
    "--env",
    "ERTIS_SIM_RUNTIME_MS=200",
    ...job,
  );
  const id = submitted.out.trim();
  const why = await ertis("why", id);
  expect(why).toMatchObject({ code: 0, out: expect.stringMatching(/night/) });
  expect((await ertis("power")).out).toMatch(/▲ OVER BUDGET by .*budget night/);
  await ertis("budget", "remove", "night", "--reason", "over", "--as", "operator");
  expect(await ertis("watch", id)).toMatchObject({
    code: 0,
    out: expect.stringMatching(new RegExp(`job ${id} succeeded`)),
  });
  expect((await ertis("cancel", id)).code).toBe(5);
});

test("an operator takes a node out of service and back; a researcher may not", async () => {
  const [node = ""] = (await ertis("nodes", "--limit", "1", "-o", "name")).out.split("\n");
  const argv = ["cordon", node, "--reason", "fan 3 failed"];
  expect((await ertis(...argv)).code).toBe(4);
  expect((await ertis(...argv, "--as", "operator")).out).toContain("‖ cordoned");
  expect((await ertis("nodes", "--cordoned", "--no-headers")).out).toContain(
    "fan 3 failed (dauren)",
  );
  expect((await ertis("uncordon", node, "--as", "operator")).out).toContain("● ready");
  expect(
    (await ertis("confirm-power-off", node, "--reason", "x", "--yes", "--as", "operator")).code,
  ).toBe(5);
});

test("what can never fit is refused with its reason, in the dry run too", async () => {
  const argv = ["--nodes", "100000", "--gpus-per-node", "8", "--time", "1h", "--wrap", "x"];
  expect(await ertis("submit", ...argv)).toMatchObject({ code: 8, out: "" });
  expect(await ertis("plan", ...argv)).toMatchObject({ code: 8 });
});
