/**
 * What a preview costs: the engine's built-in resource, a plugin that does nothing, and the stand-in, side
 * by side and in turns. `node infra/toolchain/kubernetes-stand-in/benchmark/preview.ts --hosts 500`
 */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  clusterParts,
  engineEnvironment,
  findToolchain,
  missingParts,
  programPath,
  startCluster,
} from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import { createCluster } from "../src/cluster.ts";

const providers = ["built-in", "noop", "kubernetes"] as const;
type ProviderName = (typeof providers)[number];
const cases = ["first", "unchanged", "1 % changed"] as const;
type CaseName = (typeof cases)[number];

interface Options {
  readonly hostCount: number;
  readonly runCount: number;
  readonly seed: string;
}

interface Bench {
  readonly options: Options;
  readonly pulumi: string;
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      hosts: { type: "string", default: "500" },
      runs: { type: "string", default: "3" },
      seed: { type: "string", default: "1" },
    },
  });
  return { hostCount: Number(values.hosts), runCount: Number(values.runs), seed: values.seed };
}

function writeProject(directory: string, provider: ProviderName): string {
  const project = join(directory, provider);
  mkdirSync(project, { recursive: true });
  const program = resolve(import.meta.dirname, "program.ts");
  const lines = [
    "name: benchmark-" + provider,
    "runtime: {name: nodejs, options: {typescript: false}}",
  ];
  writeFileSync(join(project, "Pulumi.yaml"), `${lines.join("\n")}\n`);
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", main: "main.ts" }));
  writeFileSync(join(project, "main.ts"), `import ${JSON.stringify(program)};\n`);
  symlinkSync(
    resolve(import.meta.dirname, "../../../../node_modules"),
    join(project, "node_modules"),
  );
  return project;
}

function installNoopPlugin(home: string): void {
  const folder = join(home, "plugins/resource-noop-v1.0.0");
  mkdirSync(folder, { recursive: true });
  const plugin = join(folder, "pulumi-resource-noop");
  const source = resolve(import.meta.dirname, "noop-plugin.ts");
  writeFileSync(plugin, `#!/bin/sh\nexec "${process.execPath}" "${source}" "$@"\n`);
  chmodSync(plugin, 0o755);
}

/** Runs the engine once in a provider's project; the answer is the seconds it took. */
async function runEngine(
  bench: Bench,
  provider: ProviderName,
  run: {
    readonly command: readonly string[];
    readonly changedCount: number;
    readonly variables?: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const env = {
    ...bench.environment,
    BENCHMARK_PROVIDER: provider,
    BENCHMARK_HOSTS: String(bench.options.hostCount),
    BENCHMARK_SEED: bench.options.seed,
    BENCHMARK_CHANGED: String(run.changedCount),
    ...run.variables,
  };
  const startMs = performance.now();
  const { promise, resolve: done, reject } = Promise.withResolvers<undefined>();
  execFile(
    bench.pulumi,
    [...run.command, "--non-interactive"],
    { cwd: join(bench.directory, provider), env, maxBuffer: 1 << 28 },
    (error, stdout, stderr) => {
      if (error === null) {
        done(undefined);
      } else {
        reject(
          new Error(
            `pulumi ${run.command.join(" ")} (${provider}): ${stdout.slice(-2000)}${stderr.slice(-2000)}`,
          ),
        );
      }
    },
  );
  await promise;
  return (performance.now() - startMs) / 1000;
}

type Figures = ReadonlyMap<string, number[]>;

async function measureCase(bench: Bench, name: CaseName, figures: Figures): Promise<void> {
  const changedCount = name === "1 % changed" ? Math.ceil(bench.options.hostCount / 100) : 0;
  for (let run = 0; run < bench.options.runCount; run += 1) {
    for (const provider of providers) {
      const seconds = await runEngine(bench, provider, { command: ["preview"], changedCount });
      figures.get(`${provider} ${name}`)?.push(seconds);
    }
  }
}

async function measure(bench: Bench): Promise<Figures> {
  const figures = new Map<string, number[]>();
  for (const provider of providers) {
    writeProject(bench.directory, provider);
    await runEngine(bench, provider, { command: ["stack", "init", "benchmark"], changedCount: 0 });
    for (const name of cases) {
      figures.set(`${provider} ${name}`, []);
    }
  }
  await measureCase(bench, "first", figures);
  for (const provider of providers) {
    // Only the state after it matters here: without checkpoints a large stack is up in seconds.
    const variables = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };
    const command = ["up", "--yes", "--skip-preview"];
    const seconds = await runEngine(bench, provider, { command, changedCount: 0, variables });
    process.stderr.write(`up, ${provider}: ${seconds.toFixed(1)} s\n`);
  }
  await measureCase(bench, "unchanged", figures);
  await measureCase(bench, "1 % changed", figures);
  return figures;
}

function median(values: readonly number[]): number {
  return (
    values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
  );
}

function print(figures: Figures, options: Options): void {
  const resourceCount = options.hostCount * 2;
  const machine = `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, load ${(loadavg()[0] ?? 0).toFixed(1)}`;
  const lines = [
    `${options.hostCount} hosts, ${resourceCount} resources, seed ${options.seed}, median of ${options.runCount}; ${machine}`,
    "| preview | built-in | no-op plugin | stand-in | stand-in / no-op |",
    "| --- | --- | --- | --- | --- |",
  ];
  for (const name of cases) {
    const [builtIn, noop, standIn] = providers.map((provider) =>
      median(figures.get(`${provider} ${name}`) ?? []),
    );
    const ratio = (standIn ?? Number.NaN) / (noop ?? Number.NaN);
    const cells = [builtIn, noop, standIn].map(
      (seconds) => `${(seconds ?? Number.NaN).toFixed(2)} s`,
    );
    lines.push(`| ${name} | ${cells.join(" | ")} | ${ratio.toFixed(2)} |`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Kinds with open schemas, so that the server takes the benchmark's objects. */
async function createKinds(kubeconfig: string): Promise<void> {
  const cluster = createCluster({ kubeconfig, context: undefined, namespace: undefined });
  const type = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    isPatch: false,
  };
  for (const kind of ["Host", "Credential"]) {
    const plural = `${kind.toLowerCase()}s`;
    const name = `${plural}.benchmark.ertis.kz`;
    const schema = {
      openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    };
    const spec = {
      group: "benchmark.ertis.kz",
      scope: "Namespaced",
      names: { plural, kind, singular: kind.toLowerCase() },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    };
    const object = { apiVersion: type.apiVersion, kind: type.kind, metadata: { name }, spec };
    await cluster.create({ type, name, namespace: undefined }, object, "benchmark");
  }
}

async function main(toolchain: Toolchain): Promise<void> {
  const options = parseOptions();
  const directory = mkdtempSync(join(tmpdir(), "ertis-preview-"));
  const cluster = await startCluster({
    name: "benchmark",
    crds: [],
    stateDirectory: directory,
    toolchain,
  });
  try {
    await createKinds(cluster.kubeconfigPath);
    const variables = { KUBECONFIG: cluster.kubeconfigPath };
    const environment = engineEnvironment(toolchain, { stateDirectory: directory, variables });
    installNoopPlugin(environment["PULUMI_HOME"] ?? "");
    const pulumi = programPath(toolchain, "pulumi");
    print(await measure({ options, pulumi, directory, environment }), options);
  } finally {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const toolchain = await findToolchain();
const missing = missingParts(toolchain, [...clusterParts, "pulumi", "pulumi-language-nodejs"]);
if (missing === undefined) {
  await main(toolchain);
} else {
  process.stderr.write(`the benchmark ${missing}\n`);
  process.exitCode = 1;
}
