import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { compileCacheDirectory, repositoryDirectory } from "../paths.ts";
import { programPath, type Toolchain } from "../toolchain.ts";
import { pluginVersion, wrapperMark } from "./find-plugin.ts";
import { withoutSidecars } from "./state-url.ts";

export interface EngineOptions {
  /** Holds the engine's home, the state of its stacks and the passphrase. Made where it is absent. */
  readonly stateDirectory: string;
  /** Further variables, for example `KUBECONFIG`; they win. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What the engine inherits, without its `PULUMI_*`. Default: the environment of this process. */
  readonly inherited?: NodeJS.ProcessEnv;
}

/**
 * The environment in which the engine runs: on its own, without a question, a look for updates or a
 * download, with state in files and the plugin of this toolchain.
 */
export function engineEnvironment(toolchain: Toolchain, options: EngineOptions): NodeJS.ProcessEnv {
  const { stateDirectory } = options;
  const inherited = Object.entries(options.inherited ?? process.env).filter(
    ([name]) => !name.startsWith("PULUMI_"),
  );
  const home = join(stateDirectory, "pulumi-home");
  const stacks = join(stateDirectory, "stacks");
  mkdirSync(stacks, { recursive: true });
  installPlugin(home, programPath(toolchain, "pulumi-resource-kubernetes"));
  const path = [
    nodeDirectory(),
    toolchain.binDirectory,
    ...((options.inherited ?? process.env)["PATH"]?.split(delimiter) ?? []),
  ];
  return {
    ...Object.fromEntries(inherited),
    PATH: [...new Set(path)].join(delimiter),
    NODE_COMPILE_CACHE: compileCacheDirectory(options.inherited),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: withoutSidecars(`file://${stacks}`),
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(stateDirectory),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    PULUMI_SKIP_CONFIRMATIONS: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    ...options.variables,
  };
}

/** The Node that `npm ci` brought, else the one that runs this: either can run TypeScript. */
function nodeDirectory(): string {
  const brought = join(repositoryDirectory, "node_modules/.bin/node");
  return existsSync(brought) ? dirname(realpathSync(brought)) : dirname(process.execPath);
}

/** A line of shell that becomes the program: a link would hide from a script where it lies. */
function installPlugin(home: string, plugin: string): void {
  const directory = join(home, `plugins/resource-kubernetes-v${pluginVersion()}`);
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "pulumi-resource-kubernetes");
  const draft = `${path}.${process.pid}`;
  const quoted = `'${plugin.replaceAll("'", String.raw`'\''`)}'`;
  writeFileSync(draft, `#!/bin/sh\n${wrapperMark}\nexec ${quoted} "$@"\n`);
  chmodSync(draft, 0o755);
  renameSync(draft, path);
}

/** Made once; without it the secrets in the state are lost, so it is never written over. */
function passphraseFile(stateDirectory: string): string {
  const path = join(stateDirectory, "passphrase");
  if (!existsSync(path)) {
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
    try {
      linkSync(draft, path);
    } catch {
      // Another process has made it in between: its passphrase is the one.
    }
    rmSync(draft, { force: true });
  }
  return path;
}
