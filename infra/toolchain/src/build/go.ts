import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { runProgram } from "../programs/run-program.ts";
import { programsInPath } from "../programs/search-path.ts";
import { parseVersion } from "../programs/version.ts";

/** Go 1.26 builds Kubernetes 1.36. */
const leastGo = { major: 1, minor: 26 } as const;

export type Go =
  | { readonly kind: "go"; readonly path: string; readonly version: string }
  | { readonly kind: "unusable"; readonly message: string };

const whereToGet =
  "Install Go 1.26 or newer (https://go.dev/dl, or your distribution's package) and put its bin folder into PATH.";

/** Reads the version beside the program where it can, because starting Go costs more than all the rest. */
export async function findGo(environment: NodeJS.ProcessEnv = process.env): Promise<Go> {
  const [path] = programsInPath("go", environment);
  if (path === undefined) {
    return { kind: "unusable", message: `There is no Go in PATH. ${whereToGet}` };
  }
  const version = versionFile(path) ?? (await askVersion(path, environment));
  if (version === undefined) {
    return { kind: "unusable", message: `${path} does not say its version. ${whereToGet}` };
  }
  const { major, minor } = version;
  if (major < leastGo.major || (major === leastGo.major && minor < leastGo.minor)) {
    return { kind: "unusable", message: `${path} is Go ${version.text}, too old. ${whereToGet}` };
  }
  return { kind: "go", path, version: version.text };
}

function versionFile(path: string): ReturnType<typeof parseVersion> {
  try {
    const root = dirname(dirname(realpathSync(path)));
    return parseVersion(readFileSync(join(root, "VERSION"), "utf8").split("\n")[0] ?? "");
  } catch {
    return undefined;
  }
}

async function askVersion(
  path: string,
  environment: NodeJS.ProcessEnv,
): Promise<ReturnType<typeof parseVersion>> {
  const { stdout } = await runProgram(path, ["env", "GOVERSION"], {
    environment: { ...environment, GOTOOLCHAIN: "local" },
    timeoutSeconds: 20,
  });
  return parseVersion(stdout);
}
