import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findToolchain, missingParts } from "@ertis/infra-toolchain";
import { defaultSitesDirectory } from "@ertis/provisioning-model/load";
import { afterAll, describe, expect, test } from "vitest";

const toolchain = await findToolchain();
const missing = missingParts(toolchain, [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-kubernetes",
]);
const directory = mkdtempSync(join(tmpdir(), "ertis-first-preview-"));

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Said> {
  const { PULUMI_BACKEND_URL: _backend, KUBECONFIG: _kubeconfig, ...inherited } = process.env;
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "../../infra/operations/src/main.ts"), ...args],
    { env: { ...inherited, ERTIS_STATE_DIR: join(directory, "state"), ...environment } },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Site files with one mistake, in a folder of their own. */
function brokenSites(
  name: string,
  file: string,
  [before, after]: readonly [string, string],
): string {
  const sites = join(directory, name);
  cpSync(defaultSitesDirectory, sites, { recursive: true });
  const path = join(sites, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(before);
  writeFileSync(path, text.replace(before, after));
  return sites;
}

describe.skipIf(missing !== undefined)(`a first preview (${missing ?? "all programs"})`, () => {
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test("every stack of the built phases and the next hall, with nothing up, raises nothing", async () => {
    const { code, stdout, stderr } = await run({}, "preview");
    console.log(stdout);
    expect(code, stderr + stdout).toBe(0);
    const listed = await run({}, "stacks", "--json");
    const stacks = JSON.parse(listed.stdout) as readonly {
      readonly name: string;
      readonly resourceCount: number;
    }[];
    const created = new Map(
      [...stdout.matchAll(/^(\S+\/\S+) +ok +(\d+) +0 +0 +0 +0 /gm)].map(([, name, count]) => [
        name,
        Number(count),
      ]),
    );
    expect([...created.keys()]).toEqual(expect.arrayContaining(stacks.map(({ name }) => name)));
    expect(created.has("clusters/pavlodar-hub-s1-h3")).toBe(true);
    // The list's own count is what a limit of 1,500 is judged by.
    for (const { name, resourceCount } of stacks) {
      const count = created.get(name) ?? 0;
      expect(count, name).toBeLessThanOrEqual(1_500);
      expect(count, name).toBe(resourceCount);
    }
  });

  test("a mistake in a site file is told with its line, once, before the engine is started", async () => {
    const sites = brokenSites("broken", "pavlodar-hub.yaml", ["gpuCount: 8", "gpuCount: eight"]);
    for (const command of ["preview", "stacks", "images"]) {
      const { code, stderr } = await run({ ERTIS_SITES_DIR: sites }, command);
      expect(code).toBe(64);
      expect(stderr).toMatch(/^error: \S*pavlodar-hub\.yaml:\d+:\d+ /);
      expect(stderr).not.toContain("    at ");
    }
  });

  test("an unknown stack, a foreign backend: one message, nothing begun", async () => {
    const unknown = await run({}, "preview", "--stack", "cluster/pavlodar-hub-s1-h1");
    expect(unknown).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringMatching(
        /there is no stack "cluster\/.*\n.*clusters\/pavlodar-hub-s1-h1/,
      ),
    });
    const foreign = await run({ PULUMI_BACKEND_URL: "https://api.pulumi.com" }, "up", "--yes");
    expect(foreign).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringContaining("the state would leave the country's own machines"),
    });
    const unset = await run({}, "up", "--yes");
    expect(unset.stderr).toContain("PULUMI_BACKEND_URL is not set");
  });

  test("missing programs: which, and how to get them", async () => {
    const { code, stderr } = await run(
      { ERTIS_TOOLCHAIN_DIR: join(directory, "nowhere"), PATH: "/nowhere" },
      "preview",
    );
    expect(code).toBe(69);
    expect(stderr).toMatch(/^error: the engine needs pulumi, pulumi-language-nodejs/);
    expect(stderr).toContain("npm run toolchain");
  });

  test("an up against what does not answer is refused before it begins", async () => {
    const kubeconfig = join(directory, "unreachable.yaml");
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
        users: [{ name: "u", user: {} }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      }),
    );
    const { code, stderr } = await run(
      {
        PULUMI_BACKEND_URL: `file://${directory}`,
        PULUMI_CONFIG_PASSPHRASE: "of a test",
        KUBECONFIG: kubeconfig,
      },
      "up",
      "--yes",
      "management/main",
    );
    expect(code).toBe(69);
    expect(stderr).toMatch(/^error: the management cluster cannot be asked: .*127\.0\.0\.1:9/);
  });
});
