import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const repositoryDirectory: string = resolve(import.meta.dirname, "../../..");
export const modulesDirectory: string = resolve(import.meta.dirname, "../modules");
export const standInPlugin: string = resolve(
  import.meta.dirname,
  "../kubernetes-stand-in/bin/pulumi-resource-kubernetes",
);

/** Where built programs and collected definitions are kept; shared by every clone of the repository. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(
    set(environment["ERTIS_TOOLCHAIN_DIR"]) ??
      join(set(environment["XDG_CACHE_HOME"]) ?? join(homedir(), ".cache"), "ertis", "toolchain"),
  );
}

/** Where Node keeps what it compiled of the programs, the plugin and the policy pack: a part of each start. */
export function compileCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(
    set(environment["NODE_COMPILE_CACHE"]) ??
      join(
        set(environment["XDG_CACHE_HOME"]) ?? join(homedir(), ".cache"),
        "ertis",
        "node-compile-cache",
      ),
  );
}

/** Where local clusters and the state of local stacks live. */
export function stateDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(
    set(environment["ERTIS_STATE_DIR"]) ??
      join(set(environment["XDG_STATE_HOME"]) ?? join(homedir(), ".local", "state"), "ertis"),
  );
}

/** Custom resource definitions as files, for those that no Go module brings. */
export function definitionsDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(
    set(environment["ERTIS_CRDS_DIR"]) ?? join(repositoryDirectory, "..", "shared", "crds"),
  );
}

/** An empty variable is an unset one, as the shell's `VARIABLE= command` means it. */
function set(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
