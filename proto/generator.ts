import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const buf = join(root, "node_modules/.bin/buf");

/** Where the generated sources and the descriptor set are, below a root. */
export const generatedPaths = {
  sources: "packages/api/src/generated",
  descriptors: "packages/api/descriptors.binpb",
} as const;

/** What is generated: our packages, and what a failed call carries (docs/adr/0011). */
const inputPaths = [
  "proto/ertis",
  "node_modules/google-proto-files/google/rpc/code.proto",
  "node_modules/google-proto-files/google/rpc/status.proto",
  "node_modules/google-proto-files/google/rpc/error_details.proto",
] as const;

function runBuf(args: readonly string[]): void {
  execFileSync(buf, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

/** Checks the style of the proto files and that every part is commented. @throws when buf finds fault. */
export function lint(): void {
  runBuf(["lint"]);
}

/**
 * Writes the TypeScript sources and the descriptor set below `outRoot`, in place of what is there.
 *
 * @param outRoot - the repository, or an empty folder
 */
export function generate(outRoot: string): void {
  const paths = inputPaths.flatMap((path) => ["--path", path]);
  runBuf(["generate", "--output", outRoot, ...paths]);
  const descriptors = join(outRoot, generatedPaths.descriptors);
  runBuf([
    "build",
    ...paths,
    "--as-file-descriptor-set",
    "--exclude-source-info",
    "--output",
    descriptors,
  ]);
}
