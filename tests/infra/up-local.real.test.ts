import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceChange } from "@ertis/infra-operations";
import { defaultSitesDirectory } from "@ertis/provisioning-model/load";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findLocalEngine } from "./local-engine.ts";
import { expectNodeClassChange, expectRepair } from "./up-local/changes-seen.ts";
import { createRunner, replaced, shortName, told } from "./up-local/command-runner.ts";

const { toolchain, missing } = await findLocalEngine();
const directory = mkdtempSync(join(tmpdir(), "ertis-up-local-"));
const sites = join(directory, "sites");
const hall = "pavlodar-hub-s1-h1";
const hostsPerSiteCount = 32;

const { run, runIn, preview, clustersDown, kubectl, withChange } = createRunner({
  toolchain,
  stateDirectory: join(directory, "state"),
  sitesDirectory: sites,
});

function countGpuNodes(cluster: string): number {
  return kubectl(cluster, "get", "nodes", "-o", "name").trim().split("\n").length;
}

/** GPU hosts of the hub's hall, as its management cluster has them. */
function gpuHosts(): readonly string[] {
  return kubectl("management", "get", "baremetalhosts", "-n", hall, "-o", "name")
    .split("\n")
    .filter((name) => /-r\d/.test(name))
    .map((name) => name.slice(name.indexOf("/") + 1));
}

const ownStacks = ["inventory", "clusters", "platform", "queues"].map((each) => `${each}/${hall}`);

describe.skipIf(missing !== undefined)(`the local profile (${missing ?? "all programs"})`, () => {
  beforeAll(() => {
    cpSync(defaultSitesDirectory, sites, { recursive: true });
  });

  afterAll(async () => {
    await run("up-local", "--stop");
    clustersDown();
    rmSync(directory, { recursive: true, force: true });
  });

  test("drift, destroy and preview of what is not up say so in one message", async () => {
    for (const command of [
      ["drift", "--local"],
      ["destroy", "--local"],
      ["preview", "--local"],
    ]) {
      const { code, stdout, stderr } = await run(...command);
      expect(stderr).toBe(
        "error: no local management cluster is up\n  → start it and all local stacks with: npm run up:local\n",
      );
      expect([code, stdout]).toEqual([69, ""]);
    }
  });

  test("all stacks come up in order, on Kubernetes 1.34 in the hub", async () => {
    const file = join(sites, "provisioning/pavlodar-hub.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("1.35.6", "1.34.9"));
    const { code, stdout, stderr } = await run(
      "up-local",
      "--hosts-per-site",
      String(hostsPerSiteCount),
    );
    console.log(stdout);
    expect(code, stderr + stdout).toBe(0);
    expect(stdout).toMatch(/\d+ objects depend on local-world/);
    const rows = stdout.split("\n").filter((line) => / ok /.test(line));
    expect(rows.map((line) => line.split("/")[0])).toEqual([
      "management",
      ...Array.from({ length: 3 }, () => "inventory"),
      ...Array.from({ length: 4 }, () => "clusters"),
      ...Array.from({ length: 3 }, () => "platform"),
      ...Array.from({ length: 3 }, () => "queues"),
      "scheduler",
    ]);
    expect(countGpuNodes(hall)).toBe(hostsPerSiteCount);
    expect(countGpuNodes("ai-data-center-s1-h1") + countGpuNodes("ai-data-center-s1-h2")).toBe(
      hostsPerSiteCount,
    );
  });

  test("a second up reports no change", async () => {
    const { code, stdout, stderr } = await run(
      "up-local",
      "--hosts-per-site",
      String(hostsPerSiteCount),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/\d (created|changed|replaced|deleted)/);
    expect(stderr.match(/\d+ unchanged/g)).toHaveLength(15);
    expect(stdout).toContain("15 stacks");
  });

  test("Kubernetes 1.34 to 1.35 replaces nothing that is in use; 1.36 is stopped", async () => {
    const file = "provisioning/pavlodar-hub.yaml";
    const rows = await withChange(file, [/1\.34\.9/g, "1.35.6"], async () =>
      preview(`clusters/${hall}`, `platform/${hall}`),
    );
    expect(rows.map(({ isOk }) => isOk)).toEqual([true, true]);
    expect(replaced(rows)).toEqual([]);
    const cluster = rows
      .flatMap(({ changes }) => changes)
      .find(({ type }) => type.endsWith(":Cluster"));
    expect(cluster?.op).toBe("update");
    expect(cluster?.properties.map(({ path }) => path)).toContain("spec.topology.version");
    const stopped = await withChange(file, [/1\.34\.9/g, "1.36.1"], async () =>
      preview(`clusters/${hall}`),
    );
    expect(stopped[0]?.isOk).toBe(false);
    const said = stopped[0]?.violations.map(({ message }) => message).join("\n");
    expect(said).toMatch(/1\.36.*provisioning\/pavlodar-hub\.yaml:\d+\b.*versions\.ts:\d+\b/);
  });

  test("a changed breaker limit changes the quotas it bears on, and nothing else", async () => {
    const rows = await withChange(
      "pavlodar-hub.yaml",
      ["supplies: 8 × 800 kW", "supplies: 8 × 790 kW"],
      async () => preview(...ownStacks),
    );
    expect(replaced(rows)).toEqual([]);
    expect(rows.every(({ isOk }) => isOk)).toBe(true);
    // The quota, and the alert that compares the hall's draw with its limit.
    const objects = rows.flatMap(({ stack, changes }) =>
      changes.map(({ type, op }) => `${stack}: ${op} ${type.split(":").at(-1)}`),
    );
    expect(objects.toSorted()).toEqual([
      `platform/${hall}: update PrometheusRule`,
      `queues/${hall}: update ClusterQueue`,
    ]);
    console.log(told(rows).join("\n"));
  });

  test("a limit below what is installed is stopped, with file and line", async () => {
    const lines = readFileSync(join(sites, "pavlodar-hub.yaml"), "utf8").split("\n");
    const line = lines.findIndex((each) => each.includes("supplies: 8 × 800 kW")) + 1;
    // All hosts of the hall, as in production: the local ones are too few for any real limit.
    const { code, stderr } = await withChange(
      "pavlodar-hub.yaml",
      ["supplies: 8 × 800 kW", "supplies: 8 × 790 kW"],
      async () => run("preview", "--stack", `inventory/${hall}`),
    );
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/^STOPPED inventory/m);
    expect(stderr).toMatch(new RegExp(`pavlodar-hub\\.yaml:${line}\\b`));
  });

  test("a hall more is made, and changes no hall that stands", async () => {
    const next = "pavlodar-hub-s1-h3";
    const rows = await withChange(
      "pavlodar-hub.yaml",
      ["{name: phase-2, built: false}", "{name: phase-2, built: true}"],
      async () => preview(`clusters/${next}`, `inventory/${hall}`, `queues/${hall}`),
    );
    expect(replaced(rows)).toEqual([]);
    expect(rows.every(({ isOk }) => isOk)).toBe(true);
    const made = rows.find(({ stack }) => stack === `clusters/${next}`);
    expect(made?.counts).toMatchObject({ updateCount: 0, deleteCount: 0, sameCount: 0 });
    expect(made?.changes.some(({ type }) => type.endsWith(":Cluster"))).toBe(true);
    console.log(told(rows).join("\n"));
  });

  test("another node class: hosts are told, alerts and quotas change in place, clusters stay", async () => {
    const rows = await withChange("pavlodar-hub.yaml", ["idle: 2.5 kW", "idle: 2.6 kW"], async () =>
      preview(...ownStacks),
    );
    expect(rows.map(({ isOk, errors }) => ({ isOk, errors }))).toEqual(
      ownStacks.map(() => ({ isOk: true, errors: [] })),
    );
    const hosts = gpuHosts();
    expect(hosts).toHaveLength(hostsPerSiteCount);
    expectNodeClassChange(rows, hall, hosts);
  });

  test("a host in repair is marked, and its machine taken from its feed", async () => {
    const [host] = gpuHosts();
    const rows = await withChange(
      "provisioning/pavlodar-hub.yaml",
      [/$/, `\nhostStates:\n  ${host}: repair\n`],
      async () => preview(`inventory/${hall}`, `clusters/${hall}`),
    );
    expect(rows.map(({ isOk }) => isOk)).toEqual([true, true]);
    expectRepair(rows, hall, host ?? "");
  });

  test("an edit by hand is found and mended; a field of a controller is not fought over", async () => {
    const [priorityClass = ""] = kubectl(
      hall,
      "get",
      "priorityclasses",
      "-l",
      "ertis.kz/stack",
      "-o",
      "jsonpath={.items[*].metadata.name}",
    ).split(" ");
    kubectl(
      hall,
      "patch",
      "priorityclass",
      priorityClass,
      "--type=merge",
      "-p",
      '{"description":"edited by hand"}',
    );
    // What kubectl writes counts as a hand edit; this is written by a controller.
    kubectl(
      hall,
      "annotate",
      "namespace",
      "kueue-system",
      "controller.example/seen=yes",
      "--field-manager=example-controller",
    );
    const found = await run("drift", "--local", "--json", `platform/${hall}`, `queues/${hall}`);
    expect(found.code, found.stderr).toBe(2);
    const drifted = JSON.parse(found.stdout) as readonly {
      readonly change: ResourceChange;
      readonly writers: readonly string[];
    }[];
    expect(drifted.map(({ change }) => shortName(change.name))).toEqual([
      `PriorityClass/${priorityClass}`,
    ]);
    expect(drifted[0]?.change.properties.map(({ path }) => path)).toEqual(["description"]);
    expect(drifted[0]?.writers.join()).toMatch(/kubectl/);
    // What a preview promises is what the next up does.
    const promised = await preview(`platform/${hall}`, `queues/${hall}`);
    expect(told(promised).map((line) => line.replace(/^\S+ /, ""))).toEqual([
      `update PriorityClass/${priorityClass}`,
    ]);
    expect(promised.reduce((sum, { counts }) => sum + counts.updateCount, 0)).toBe(1);
    // Only the stacks that drifted, or might fight: all of them were seen unchanged before.
    const mended = await run("up-local", `platform/${hall}`, `queues/${hall}`);
    expect(mended.code, mended.stderr).toBe(0);
    expect(mended.stderr.match(/1 changed/g)).toHaveLength(1);
    expect(
      kubectl(hall, "get", "priorityclass", priorityClass, "-o", "jsonpath={.description}"),
    ).not.toBe("edited by hand");
    expect(kubectl(hall, "get", "namespace", "kueue-system", "-o", "yaml")).toContain(
      "controller.example/seen",
    );
    const after = await run("drift", "--local", `platform/${hall}`, `queues/${hall}`);
    expect([after.code, after.stdout]).toEqual([
      0,
      "no object differs from what its stack wrote\n",
    ]);
  });

  test("destroy in reverse order leaves nothing", async () => {
    const { code, stderr } = await run("destroy", "--local");
    expect(code, stderr).toBe(0);
    const ended = [...stderr.matchAll(/^ok +(\w+\/\S+)/gm)].map(([, name]) => name ?? "");
    expect(ended).toHaveLength(15);
    expect(ended.at(-1)).toBe("management/main");
    // Halls go side by side; of each, what reads goes before what it reads.
    expect(ended.filter((name) => ownStacks.includes(name))).toEqual(ownStacks.toReversed());
    for (const [cluster, kinds] of [
      ["management", "namespaces,baremetalhosts,clusters.cluster.x-k8s.io,externalsecrets,secrets"],
      [hall, "namespaces,clusterqueues,priorityclasses,validatingadmissionpolicies"],
    ] as const) {
      const left = kubectl(cluster, "get", kinds, "-A", "-l", "ertis.kz/stack", "-o", "name");
      expect(left).toBe("");
    }
  });

  test("with production options destroy refuses, names what is protected, and begins nothing", async () => {
    const production = {
      PULUMI_BACKEND_URL: `file://${join(directory, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      KUBECONFIG: join(directory, "state", "kwok", "kubeconfigs", "management.yaml"),
      ERTIS_STAND_IN_HELM: "record",
    };
    mkdirSync(join(directory, "backend"));
    for (const flags of [[], ["--yes"]]) {
      const none = await runIn(production, "destroy", ...flags);
      expect([none.code, none.stdout, none.stderr]).toEqual([
        0,
        "",
        "nothing is up, so there is nothing to take down\n",
      ]);
    }
    const early = await runIn(production, "up", "--yes", `clusters/${hall}`);
    expect([early.code, early.stdout]).toEqual([64, ""]);
    expect(early.stderr).toMatch(
      new RegExp(`^error: clusters/${hall} needs inventory/${hall}, which is not up\n.*up first`),
    );
    const undelivered = await runIn(production, "up", "--yes", `inventory/${hall}`);
    expect([undelivered.code, undelivered.stdout]).toEqual([64, ""]);
    expect(undelivered.stderr).toContain("have no boot MAC from a delivery list");
    // Refused before the engine: the backend knows of no stack.
    expect(existsSync(join(directory, "backend/.pulumi/stacks"))).toBe(false);
    const unasked = await runIn(production, "up", "management/main");
    expect(unasked.stderr).toContain("up asks before it changes anything");
    const up = await runIn(production, "up", "--yes", "management/main");
    expect(up.code, up.stderr).toBe(0);
    // Answered, not blind: what would be made was looked at before it was made.
    expect(up.stderr).toMatch(
      /^ok +management\/main .* to create[^]*^ok +management\/main .* created/m,
    );
    const refused = await runIn(production, "destroy", "--yes");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/resources of 1 stack are protected, so nothing was begun/);
    expect(refused.stderr).toContain("state-database");
    expect(refused.stderr).toContain("docs/runbooks/destroy-a-site.md");
    const databases = ["get", "clusters.postgresql.cnpg.io", "-A", "-o", "name"];
    expect(kubectl("management", ...databases)).toContain("state-database");
  });
});
