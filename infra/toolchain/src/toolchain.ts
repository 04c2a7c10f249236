import type { ConfigFolder } from "./build/families.ts";
import type { Part, PartName } from "./parts.ts";

export interface Toolchain {
  /** Holds every program that is there, by its own name. */
  readonly binDirectory: string;
  readonly parts: readonly Part[];
  /** Folders of the Go modules with the manifests of Kueue and Cluster API; absent before they are built. */
  readonly configDirectories: Readonly<Partial<Record<ConfigFolder["name"], string>>>;
}

/** For `context.skip(…)`: which of these parts are missing and how to get them; undefined: all are there. */
export function missingParts(toolchain: Toolchain, names: readonly PartName[]): string | undefined {
  const missing = toolchain.parts.filter(
    (part) => names.includes(part.name) && part.kind === "missing",
  );
  if (missing.length === 0) {
    return undefined;
  }
  return `needs ${missing.map((part) => part.name).join(", ")}: run \`npm run toolchain\``;
}

/** The path of a part that is there. Ask {@link missingParts} first. */
export function programPath(toolchain: Toolchain, name: PartName): string {
  const path = toolchain.parts.find((part) => part.name === name)?.path;
  if (path === undefined) {
    throw new Error(`${name} is missing: ask missingParts before using it`);
  }
  return path;
}
