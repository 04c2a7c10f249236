import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModuleFiles, requiredVersion } from "../build/families.ts";
import { cacheDirectory, definitionsDirectory } from "../paths.ts";
import { type CrdFamily, definitionsOf, type FamilyDefinitions } from "./families.ts";
import {
  definitionFiles,
  definitionsFolder,
  writeDefinitions,
  writeWhole,
} from "./definition-files.ts";
import { openDefinition, openKinds } from "./open-kinds.ts";

/** Where the definitions of a family come from: `open` ones accept every object of their kinds. */
export interface CrdSource {
  readonly kind: "module" | "directory" | "open";
  /** For `kubectl apply --server-side -f`. */
  readonly directory: string;
}

/**
 * The definitions of a family: of the Go module, where `npm run toolchain` has collected them; else of
 * `ERTIS_CRDS_DIR`; else made from a table of kinds. Prepared for a server without conversion webhooks.
 */
export function crdSource(
  family: CrdFamily,
  environment: NodeJS.ProcessEnv = process.env,
): CrdSource {
  const root = cacheDirectory(environment);
  const definitions = definitionsOf(family);
  const collected = moduleFolder(root, definitions);
  if (collected !== undefined && existsSync(collected)) {
    return { kind: "module", directory: collected };
  }
  const given = join(definitionsDirectory(environment), family);
  if (existsSync(given)) {
    const directory = fromDirectory(root, given, definitions);
    return { kind: "directory", directory };
  }
  return { kind: "open", directory: openFolder(root, family) };
}

/** Where a family's definitions are once collected; undefined where no module brings them. */
export function moduleFolder(root: string, definitions: FamilyDefinitions): string | undefined {
  const { family, module, base } = definitions;
  return module === undefined
    ? undefined
    : definitionsFolder(root, family, [
        module.path,
        moduleVersion(definitions) ?? "",
        module.source,
        module.prefix ?? "",
        base,
      ]);
}

export function moduleVersion({ module }: FamilyDefinitions): string | undefined {
  if (module === undefined) {
    return undefined;
  }
  if (typeof module.version === "string") {
    return module.version;
  }
  return requiredVersion(readModuleFiles(module.version.ofFamily).goMod, module.path);
}

function fromDirectory(root: string, given: string, { family, base }: FamilyDefinitions): string {
  const files = definitionFiles(given, "");
  const parts = files.flatMap((file) => {
    const { size, mtimeMs } = statSync(file);
    return [file, String(size), String(mtimeMs)];
  });
  const target = definitionsFolder(root, family, [...parts, base]);
  writeDefinitions(target, files, base);
  return target;
}

function openFolder(root: string, family: CrdFamily): string {
  const made = openKinds(family).map(openDefinition);
  const target = definitionsFolder(root, family, ["open", JSON.stringify(made)]);
  writeWhole(target, (draft) => {
    writeFileSync(
      join(draft, "open.json"),
      JSON.stringify({ apiVersion: "v1", kind: "List", items: made }),
    );
  });
  return target;
}
