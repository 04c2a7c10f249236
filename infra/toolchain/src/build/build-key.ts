import { createHash } from "node:crypto";
import { type Family, type ModuleFiles, requiredVersion } from "./families.ts";

/** Everything `go build` is told beside the package; part of the key of what it makes. */
export function buildFlags(family: Family, files: ModuleFiles): readonly string[] {
  const version = requiredVersion(files.goMod, family.versionModule);
  const variables = family.versionVariables(version).map((variable) => `-X ${variable}`);
  return [
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    "-pgo=off",
    ...(family.tags.length === 0 ? [] : ["-tags", family.tags.join(",")]),
    "-ldflags",
    ["-s", "-w", ...variables].join(" "),
  ];
}

/** What `go build` finds set; whatever else the user's environment holds reaches it too. */
export const buildEnvironment = {
  CGO_ENABLED: "0",
  GOTOOLCHAIN: "local",
  GOWORK: "off",
} as const;

export interface Machine {
  readonly platform: string;
  readonly architecture: string;
}

/**
 * The name of a family's folder in the cache: equal for what would be built equal. The Go version
 * stands beside the hash, so that a machine without Go can still use what another Go has built.
 */
export function familyKey(family: Family, files: ModuleFiles, machine: Machine): string {
  const parts = [
    files.goMod,
    files.goSum,
    ...family.binaries.flatMap((binary) => [binary.name, binary.package]),
    ...family.configFolders.flatMap((folder) => [folder.name, folder.module, ...folder.folders]),
    ...buildFlags(family, files),
    JSON.stringify(buildEnvironment),
    machine.platform,
    machine.architecture,
  ];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  return `${family.name}-${hash}`;
}

/** `<key>-go1.26.8`. */
export function familyFolder(key: string, goVersion: string): string {
  return `${key}-go${goVersion}`;
}
