import type { FamilyPlace } from "../find-toolchain.ts";
import type { Part } from "../parts.ts";
import type { Binary, ConfigFolder } from "./families.ts";

/** One thing to make, independent of the others. */
export type BuildStep =
  | { readonly kind: "binary"; readonly place: FamilyPlace; readonly binary: Binary }
  | { readonly kind: "folder"; readonly place: FamilyPlace; readonly folder: ConfigFolder };

/** What is missing, in the order of building. Folders come last: the builds download their modules. */
export function planBuild(
  places: readonly FamilyPlace[],
  parts: readonly Part[],
  hasFolder: (place: FamilyPlace, folder: ConfigFolder) => boolean,
): readonly BuildStep[] {
  const missing = new Set<string>(
    parts.filter(({ kind }) => kind === "missing").map(({ name }) => name),
  );
  const binaries = places.flatMap((place) =>
    place.family.binaries
      .filter(({ name }) => missing.has(name))
      .map((binary): BuildStep => ({ kind: "binary", place, binary })),
  );
  const folders = places.flatMap((place) =>
    place.family.configFolders
      .filter((folder) => !hasFolder(place, folder))
      .map((folder): BuildStep => ({ kind: "folder", place, folder })),
  );
  return [...binaries, ...folders];
}

export function stepName(step: BuildStep): string {
  return step.kind === "binary" ? step.binary.name : `manifests of ${step.folder.name}`;
}
