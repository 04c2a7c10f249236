import { freePorts } from "@ertis/infra-toolchain";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { pointAtProcess, renderFolder, serviceNames } from "./manager-manifests.ts";
import type { InstallObject } from "./manager-manifests.ts";
import { createWebhookCertificate } from "./webhook-certificate.ts";

/** One manager of Cluster API: its program and the kustomize folder it is installed from. */
export interface ManagerDescription {
  readonly name: string;
  readonly program: string;
  readonly folder: string;
}

export interface ManagersOptions {
  readonly managers: readonly ManagerDescription[];
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** For certificates and logs. */
  readonly scratch: string;
}

export interface RunningManagers {
  /** Ends the processes and waits until they are gone. */
  readonly stop: () => Promise<void>;
}

const readyDeadlineMs = 120_000;
const retryMs = 200;

interface Started {
  readonly name: string;
  readonly child: ChildProcess;
  readonly healthPort: number;
  readonly log: string;
}

/** Installs CRDs, roles and webhooks of all managers, starts them as processes and waits for them. */
export async function startManagers(options: ManagersOptions): Promise<RunningManagers> {
  const { managers, kubectl, kubeconfig, scratch } = options;
  const rendered = managers.map(({ folder }) => renderFolder(kubectl, folder));
  const certificates = join(scratch, "webhooks");
  mkdirSync(certificates, { recursive: true });
  const { caBase64 } = createWebhookCertificate(certificates, rendered.flatMap(serviceNames));
  // Of the webhook, its health and its diagnostics: none that an outgoing connection may take meanwhile.
  const ports = await freePorts(3 * managers.length);
  for (const [index, objects] of rendered.entries()) {
    pointAtProcess(objects, { port: ports[index] ?? 0, caBase64 });
  }
  apply(options, rendered.flat());
  const started: Started[] = [];
  for (const [index, manager] of managers.entries()) {
    const healthPort = ports[managers.length + index] ?? 0;
    const diagnosticsPort = ports[2 * managers.length + index] ?? 0;
    const log = join(scratch, `${manager.name}.log`);
    const output = openSync(log, "w");
    const flags = {
      kubeconfig,
      "webhook-port": ports[index],
      "webhook-cert-dir": certificates,
      "health-addr": `127.0.0.1:${healthPort}`,
      "diagnostics-address": `127.0.0.1:${diagnosticsPort}`,
      "insecure-diagnostics": true,
      "feature-gates": "ClusterTopology=true",
    };
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(manager.program, args, {
      env: { ...process.env, POD_IP: "127.0.0.1" },
      stdio: ["ignore", output, output],
    });
    started.push({ name: manager.name, child, healthPort, log });
  }
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(({ child }) => end(child)));
  };
  try {
    await Promise.all(started.map(waitUntilReady));
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function apply(
  { kubectl, kubeconfig, scratch }: ManagersOptions,
  objects: readonly InstallObject[],
): void {
  const first = new Set(["Namespace", "CustomResourceDefinition"]);
  const file = join(scratch, "managers.yaml");
  const ordered = [
    ...objects.filter(({ kind }) => kind === "Namespace"),
    ...objects.filter(({ kind }) => kind === "CustomResourceDefinition"),
    ...objects.filter(({ kind }) => !first.has(kind)),
  ];
  writeFileSync(file, ordered.map((object) => stringify(object)).join("---\n"));
  const run = (...args: readonly string[]): void => {
    const all = ["--kubeconfig", kubeconfig, ...args];
    execFileSync(kubectl, all, { stdio: ["ignore", "ignore", "pipe"] });
  };
  run("apply", "--server-side", "--force-conflicts", "-f", file);
  // A manager that starts before its kinds are served gives up.
  run("wait", "--for=condition=Established", "customresourcedefinitions", "--all", "--timeout=60s");
}

async function waitUntilReady({ name, child, healthPort, log }: Started): Promise<void> {
  const deadline = Date.now() + readyDeadlineMs;
  for (;;) {
    const isEnded = child.exitCode !== null || child.signalCode !== null;
    if (isEnded || Date.now() > deadline) {
      const lines = readFileSync(log, "utf8").trimEnd().split("\n").slice(-5).join("\n");
      throw new Error(`${name} ${isEnded ? "ended" : "is not ready"}; its last lines:\n${lines}`);
    }
    if (await isReady(healthPort)) {
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, retryMs);
    });
  }
}

async function isReady(healthPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.kill("SIGKILL");
  await promise;
}
