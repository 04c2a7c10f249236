import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { type Manifest, schedulerManifests } from "@ertis/charts";
import { loadPlans } from "@ertis/provisioning-model/load";
import { serve } from "@ertis/scheduler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseServerFlags, serverHelp } from "../../apps/scheduler/src/config/server-flags.ts";
import { probeScript } from "../../packages/charts/src/scheduler/probe-script.ts";

interface Mount {
  readonly name: string;
  readonly mountPath: string;
}

interface Container {
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly volumeMounts: readonly Mount[];
}

interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

const token = "dauren-has-a-long-token";
/** The same that `sha256sum` says of the token. */
const people = `people:
  dauren:
    tokenSha256: ${execFileSync("sha256sum", { input: token, encoding: "utf8" }).slice(0, 64)}
    roles: [operator]
    projects: ["*"]
`;

const parsed = loadPlans();
const plans = parsed.kind === "plans" ? parsed.plans : [];
const manifests = schedulerManifests(plans);
/** Stands for the root of the container's file system. */
const root = mkdtempSync(join(tmpdir(), "ertis-scheduler-config-"));
const pod = podSpec();

function podSpec(): PodSpec {
  const deployment = manifests.find(({ kind }) => kind === "Deployment");
  if (deployment === undefined) {
    throw new Error("the scheduler's manifests hold no Deployment");
  }
  const { template } = deployment["spec"] as { readonly template: { readonly spec: PodSpec } };
  return template.spec;
}

function only(containers: readonly Container[]): Container {
  const [container, ...others] = containers;
  if (container === undefined || others.length > 0) {
    throw new Error(`expected one container, found ${containers.length}`);
  }
  return container;
}

/** Paths of the container are absolute; here they lie below the test's root. */
function inRoot(text: string): string {
  return text.replaceAll(/\/(?:etc|run|var\/lib)\/ertis/g, (path) => `${root}${path}`);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(inRoot(path)), { recursive: true });
  writeFileSync(inRoot(path), text);
}

function dataOf(manifest: Manifest): readonly (readonly [string, string])[] {
  return Object.entries(manifest["data"] as Readonly<Record<string, string>>);
}

/** What kubelet and init container do before the server starts. */
function mountAndJoin(): void {
  for (const manifest of manifests.filter(({ kind }) => kind === "ConfigMap")) {
    const folder = manifest.metadata.name.startsWith("ertis-site-") ? "sites" : "config";
    for (const [file, text] of dataOf(manifest)) {
      write(`/etc/ertis/${folder}/${file}`, inRoot(text));
    }
  }
  write("/etc/ertis/people/people.yaml", people);
  mkdirSync(inRoot("/run/ertis"), { recursive: true });
  const [program, flag, script] = only(pod.initContainers).command;
  expect([program, flag]).toEqual(["node", "--eval"]);
  execFileSync(process.execPath, ["--eval", inRoot(script ?? "")]);
}

/** In the folder of the certificate; words are separated by spaces. */
function openssl(words: string): void {
  const cwd = inRoot("/etc/ertis/tls");
  execFileSync("openssl", words.split(" "), { cwd, stdio: ["ignore", "ignore", "pipe"] });
}

/** An authority, and the certificate that it issues for so many days. */
function writeCertificates(dayCount: number): void {
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  write(
    "/etc/ertis/tls/extensions",
    "subjectAltName=DNS:ertis.ertis-system.svc\nextendedKeyUsage=serverAuth,clientAuth\n",
  );
  openssl(`req -x509 ${key} -days 30 -subj /CN=authority -keyout ca.key -out ca.crt`);
  openssl(`req ${key} -subj /CN=ertis -keyout tls.key -out tls.csr`);
  issue(dayCount);
}

function issue(dayCount: number): void {
  const by = "-CA ca.crt -CAkey ca.key -CAcreateserial";
  openssl(`x509 -req -days ${dayCount} -in tls.csr ${by} -extfile extensions -out tls.crt`);
}

/** Beside this process, which is the server that answers. */
async function runProbe(
  port: number,
  ...flags: readonly string[]
): Promise<{ readonly status: number; readonly message: string }> {
  const file = join(root, "probe.mjs");
  writeFileSync(file, probeScript({ port, tlsDirectory: inRoot("/etc/ertis/tls") }));
  const { promise, resolve } = Promise.withResolvers<{ status: number; message: string }>();
  execFile(process.execPath, [file, ...flags], (error, _output, said) => {
    resolve({ status: Number(error?.code ?? 0), message: said.trim() });
  });
  return promise;
}

const reporter = { info: () => undefined, warn: () => undefined };

beforeAll(() => mountAndJoin());
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the rendered configuration of the server", () => {
  test("is accepted by the server's own reader, with every site of the plans", () => {
    const [flag, file] = only(pod.containers).args ?? [];
    const config = parseServerFlags([flag ?? "", inRoot(file ?? "")]);
    if (config === "help") {
      throw new Error("the arguments only ask for help");
    }
    expect(config).toMatchObject({
      host: "0.0.0.0",
      port: 7070,
      clock: "real",
      clusters: [],
      isWithoutAuth: false,
      dataDirectory: inRoot("/var/lib/ertis/log"),
      projects: ["language-models", "genomics", "weather"],
    });
    expect(config.sites.map(({ text }) => text)).toEqual(
      plans.map(({ site }) => readFileSync(`infra/sites/${site.id}.yaml`, "utf8")),
    );
    expect(config.people.map(({ person }) => person.name)).toEqual(["dauren"]);
  });

  test("uses only flags that the server has", () => {
    const flags = (only(pod.containers).args ?? []).filter((one) => one.startsWith("--"));
    expect(flags.length).toBeGreaterThan(0);
    for (const flag of flags) {
      expect(serverHelp, flag).toContain(`\n  ${flag} `);
    }
  });

  test("starts the file that starts the server", () => {
    const [, file = ""] = only(pod.containers).command;
    const inRepository = file.replace("/opt/ertis/", "");
    expect(readFileSync(inRepository, "utf8")).toContain("parseServerFlags(process.argv.slice(2))");
  });

  test("names no path that nothing is mounted at", () => {
    const mounted = only(pod.containers).volumeMounts.map(({ mountPath }) => mountPath);
    const text = readFileSync(inRoot("/run/ertis/ertis.yaml"), "utf8");
    const named = text.match(/\S*\/(?:etc|run|var\/lib)\/ertis\S*/g) ?? [];
    expect(named.length).toBeGreaterThan(4);
    for (const path of named) {
      expect(
        mounted.some((mount) => path.startsWith(`${inRoot(mount)}/`)),
        path,
      ).toBe(true);
    }
  });
});

describe("the probe", () => {
  test("says that the configured server serves, over TLS and with a certificate", async () => {
    writeCertificates(30);
    const [flag = "", file = ""] = only(pod.containers).args ?? [];
    const config = parseServerFlags([flag, inRoot(file), "--listen", "127.0.0.1:0"]);
    if (config === "help") {
      throw new Error("the arguments only ask for help");
    }
    const server = await serve(config, reporter);
    try {
      expect(await runProbe(server.port)).toEqual({ status: 0, message: "" });
      expect(await runProbe(server.port, "--live")).toEqual({ status: 0, message: "" });
    } finally {
      await server.close();
    }
    expect(await runProbe(server.port)).toMatchObject({
      status: 1,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("asks for a restart when the served certificate ends soon and a newer one is there", async () => {
    writeCertificates(10);
    const config = parseServerFlags([
      "--config",
      inRoot("/run/ertis/ertis.yaml"),
      "--listen",
      "127.0.0.1:0",
    ]);
    if (config === "help") {
      throw new Error("the arguments only ask for help");
    }
    const server = await serve(config, reporter);
    try {
      expect((await runProbe(server.port, "--live")).status, "no newer one yet").toBe(0);
      issue(30);
      expect(await runProbe(server.port)).toEqual({ status: 0, message: "" });
      expect(await runProbe(server.port, "--live")).toMatchObject({
        status: 1,
        message: expect.stringContaining("ends soon"),
      });
    } finally {
      await server.close();
    }
  });
});
