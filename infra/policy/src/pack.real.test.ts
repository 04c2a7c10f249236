import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findToolchain, missingParts } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import { defaultSitesDirectory } from "@ertis/provisioning-model/load";
import { beforeAll, expect, test } from "vitest";
import type { TestContext } from "vitest";
import { createProbeStack } from "./testing/probe-stack.ts";

// The real engine previews a small program with the pack. No cluster is needed for that.

const stack = "pavlodar-hub-s1-h1";
let toolchain: Toolchain;

beforeAll(async () => {
  toolchain = await findToolchain();
});

function skipWithoutEngine(context: TestContext): void {
  const reason = missingParts(toolchain, [
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-kubernetes",
  ]);
  if (reason !== undefined) {
    context.skip(reason);
  }
}

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: stack } };
const config = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "facts", namespace: stack },
  data: { registry: "https://registry.pavlodar-hub.ertis.kz/v2" },
};

test("it lets a good stack through", async (context) => {
  skipWithoutEngine(context);
  using probe = await createProbeStack(toolchain, stack);
  const { exitCode, text } = await probe.preview([{ ...namespace, isProtected: true }, config]);
  expect(text).toContain("✅ ertis@");
  expect(text).toContain("4 to create");
  expect(exitCode).toBe(0);
});

test("it stops a stack with bad objects, and says each rule, object and way out", async (context) => {
  skipWithoutEngine(context);
  using probe = await createProbeStack(toolchain, stack);
  const { exitCode, text } = await probe.preview([
    namespace,
    { ...config, data: { mirror: "https://ghcr.io/v2" } },
    {
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "Cluster",
      metadata: { name: stack, namespace: stack },
      isProtected: true,
      spec: { topology: { version: "v1.36.0", controlPlane: { replicas: 1 } } },
    },
  ]);
  expect(exitCode).not.toBe(0);
  expect(text).toContain("❌ ertis@");
  expect(text).toMatch(/\[mandatory\]\s+protection\s+\(kubernetes:core\/v1:Namespace/);
  expect(text).toContain("Set protect: true on it.");
  expect(text).toMatch(/\[mandatory\]\s+sources-in-country/);
  expect(text).toContain("data.mirror: a URL names the host ghcr.io");
  expect(text).toMatch(/\[mandatory\]\s+tested-versions/);
  expect(text).toContain("Network Operator is tested on Kubernetes 1.31 to 1.35 only");
  expect(text).toMatch(/\[mandatory\]\s+control-plane/);
  expect(text).toContain("has 1 control plane nodes");
});

test("a local stack says so in its configuration, and needs no protection", async (context) => {
  skipWithoutEngine(context);
  using probe = await createProbeStack(toolchain, stack, { "ertis:profile": "local" });
  const { exitCode, text } = await probe.preview([namespace]);
  expect(text).toContain("✅ ertis@");
  expect(exitCode).toBe(0);
});

/** The site files with smaller busways in the rows of the hub, and the line where they stand. */
function lowerRows(sites: string): number {
  cpSync(defaultSitesDirectory, sites, { recursive: true });
  const file = join(sites, "pavlodar-hub.yaml");
  const lines = readFileSync(file, "utf8").split("\n");
  const index = lines.findIndex((line) => line.includes("supplies: 2 × 550 kW"));
  writeFileSync(file, lines.with(index, "    supplies: 2 × 500 kW").join("\n"));
  return index + 1;
}

test("a breaker limit below what is installed stops with its line, before anything is made", async (context) => {
  skipWithoutEngine(context);
  using probe = await createProbeStack(toolchain, stack);
  const sites = mkdtempSync(join(tmpdir(), "ertis-sites-"));
  try {
    const line = lowerRows(sites);
    const objects = [{ ...namespace, isProtected: true }];
    for (const command of [probe.preview, probe.up]) {
      const { exitCode, text } = await command(objects, { ERTIS_SITES_DIR: sites });
      expect(exitCode).not.toBe(0);
      expect(text).toMatch(/\[mandatory\]\s+power-within-limits\s+\(pulumi:pulumi:Stack/);
      expect(text).toContain("445.2 kW");
      expect(text).toContain(`pavlodar-hub.yaml:${line}`);
    }
    // Not even the provider, which needs no cluster to be made.
    expect(await probe.state()).not.toContain("pulumi:providers:kubernetes");
  } finally {
    rmSync(sites, { recursive: true, force: true });
  }
});
