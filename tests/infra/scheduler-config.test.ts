import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { type Manifest, probeScript, schedulerManifests } from "@ertis/charts";
import { loadPlans, loadSiteTexts } from "@ertis/provisioning-model/load";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";

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
const manifests = schedulerManifests(plans, { siteTexts: loadSiteTexts(plans) });
/** Stands for the root of the container's file system. */
const root = mkdtempSync(join(tmpdir(), "ertis-scheduler-config-"));
const pod = podSpec();
const program = fileURLToPath(new URL("../../apps/scheduler/src/main.ts", import.meta.url));
const serverArguments = (only(pod.containers).args ?? []).map(inRoot);

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
  const [node, flag, script] = only(pod.initContainers).command;
  expect([node, flag]).toEqual(["node", "--eval"]);
  execFileSync(process.execPath, ["--eval", inRoot(script ?? "")]);
}

/** In the folder of the certificate; words are separated by spaces. */
function openssl(words: string): void {
  const cwd = inRoot("/etc/ertis/tls");
  execFileSync("openssl", words.split(" "), { cwd, stdio: ["ignore", "ignore", "pipe"] });
}

/** Undefined: certificates can be made. */
const missingOpenssl =
  spawnSync("openssl", ["version"]).status === 0
    ? undefined
    : "needs openssl in PATH to make a certificate: install the package openssl";

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

function skipWithoutOpenssl(context: TestContext): void {
  if (missingOpenssl !== undefined) {
    context.skip(missingOpenssl);
  }
}

interface RunningServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** The server as the container starts it, on a free port of this machine. */
async function startServer(): Promise<RunningServer> {
  const child = spawn(process.execPath, [program, ...serverArguments, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const said: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said.push(chunk.toString());
      const [, found] = /serving on 127\.0\.0\.1:(\d+)/.exec(said.join("")) ?? [];
      if (found !== undefined) {
        resolve(Number(found));
      }
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${said.join("")}`)));
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  return { port, stop };
}

beforeAll(() => mountAndJoin());
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the rendered configuration of the server", () => {
  test("is accepted by the server itself, as its command line starts it", async (context) => {
    skipWithoutOpenssl(context);
    writeCertificates(30);
    const server = await startServer();
    expect(server.port).toBeGreaterThan(0);
    await server.stop();
  });

  test("would be refused with one word that the server does not know", () => {
    const file = join(root, "wrong.yaml");
    const text = readFileSync(inRoot("/run/ertis/ertis.yaml"), "utf8");
    writeFileSync(file, text.replace("clock: real", "clok: real"));
    const { status, stderr } = spawnSync(process.execPath, [program, "--config", file], {
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/the configuration has 1 mistake:\n.*clok: is not known here/);
  });

  test("holds the site files as they are, and no word of a person", () => {
    for (const { site } of plans) {
      const mounted = readFileSync(inRoot(`/etc/ertis/sites/${site.id}.yaml`), "utf8");
      expect(mounted).toBe(readFileSync(`infra/sites/${site.id}.yaml`, "utf8"));
    }
    expect(readFileSync(inRoot("/etc/ertis/config/ertis.yaml"), "utf8")).not.toContain("people");
    expect(readFileSync(inRoot("/run/ertis/ertis.yaml"), "utf8")).toContain(people);
  });

  test("uses only flags that the server has", () => {
    const help = execFileSync(process.execPath, [program, "--help"], { encoding: "utf8" });
    const flags = serverArguments.filter((one) => one.startsWith("--"));
    expect(flags.length).toBeGreaterThan(0);
    for (const flag of flags) {
      expect(help, flag).toContain(`\n  ${flag} `);
    }
  });

  test("starts the file that starts the server", () => {
    const [, file = ""] = only(pod.containers).command;
    expect(program.endsWith(file.replace("/opt/ertis/", "/")), file).toBe(true);
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
  test("says that the server serves, over TLS and with a certificate, and that it ended", async (context) => {
    skipWithoutOpenssl(context);
    writeCertificates(30);
    const server = await startServer();
    try {
      expect(await runProbe(server.port)).toEqual({ status: 0, message: "" });
      expect(await runProbe(server.port, "--live")).toEqual({ status: 0, message: "" });
    } finally {
      await server.stop();
    }
    expect(await runProbe(server.port)).toMatchObject({
      status: 1,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("asks for a restart when the served certificate ends soon and a newer one is there", async (context) => {
    skipWithoutOpenssl(context);
    writeCertificates(10);
    const server = await startServer();
    try {
      expect((await runProbe(server.port, "--live")).status, "no newer one yet").toBe(0);
      issue(30);
      expect(await runProbe(server.port)).toEqual({ status: 0, message: "" });
      expect(await runProbe(server.port, "--live")).toMatchObject({
        status: 1,
        message: expect.stringContaining("ends soon"),
      });
    } finally {
      await server.stop();
    }
  });
});
