import { freePorts } from "@ertis/infra-toolchain";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { Kubectl } from "./kubectl.ts";
import { kueueObjects } from "./kueue-objects.ts";

export interface KueueOptions {
  readonly program: string;
  /** `config/default` of the module the program was built from. */
  readonly folder: string;
  readonly kubectl: Kubectl;
  /** As `queueManifests` writes it. */
  readonly configuration: string;
  /** For certificates, configuration and log. */
  readonly scratch: string;
}

export interface RunningKueue {
  /** Ends it and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

const readyDeadlineMs = 180_000;
const pollMs = 100;
const secretName = "kueue-webhook-server-cert";

/** Installs Kueue and starts its controller as a process of this machine, from the given configuration. */
export async function startKueue(options: KueueOptions): Promise<RunningKueue> {
  const { kubectl, scratch } = options;
  // None that an outgoing connection may take before Kueue listens.
  const [webhookPort = 0, healthPort = 0, metricsPort = 0] = await freePorts(3);
  const certificates = join(scratch, "certificates");
  mkdirSync(certificates, { recursive: true });
  kubectl.apply(kueueObjects(kubectl.program, options.folder, webhookPort));
  const file = join(scratch, "configuration.yaml");
  const ports = { webhookPort, healthPort, metricsPort, certificates };
  writeFileSync(file, localConfiguration(options.configuration, ports));
  const log = join(scratch, "kueue.log");
  const output = openSync(log, "w");
  const child = spawn(options.program, ["-config", file, "-kubeconfig", kubectl.kubeconfig], {
    stdio: ["ignore", output, output],
  });
  try {
    await until(log, child, () => writeCertificates(kubectl, certificates));
    await until(log, child, () => isReady(`http://127.0.0.1:${healthPort}/readyz`));
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { stop: () => stop(child) };
}

interface Ports {
  readonly webhookPort: number;
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly certificates: string;
}

/**
 * Changes only where a process differs from a pod: addresses, where certificates lie, and the
 * aggregated API for pending jobs, which needs a Service that leads to it.
 */
function localConfiguration(text: string, ports: Ports): string {
  const configuration: Record<string, unknown> = parse(text);
  return stringify({
    ...configuration,
    health: { healthProbeBindAddress: `127.0.0.1:${ports.healthPort}` },
    metrics: { bindAddress: `127.0.0.1:${ports.metricsPort}` },
    webhook: { host: "127.0.0.1", port: ports.webhookPort, certDir: ports.certificates },
    featureGates: { VisibilityOnDemand: false },
  });
}

/** What the kubelet does for a pod that mounts the Secret, once the controller has filled it. */
async function writeCertificates(kubectl: Kubectl, directory: string): Promise<boolean> {
  const secret = kubectl.get("secret", secretName, "kueue-system");
  const entries = Object.entries(secret?.data ?? {});
  for (const [name, value] of entries) {
    writeFileSync(join(directory, name), Buffer.from(value, "base64"));
  }
  return entries.length > 0;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function until(
  log: string,
  child: ChildProcess,
  isDone: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = Date.now() + readyDeadlineMs;
  while (!(await isDone())) {
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      const why = child.exitCode === null ? "is not ready" : `ended with ${child.exitCode}`;
      throw new Error(`kueue ${why}:\n${readFileSync(log, "utf8").slice(-4_000)}`);
    }
    await sleep(pollMs);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.kill("SIGTERM");
  await promise;
}
